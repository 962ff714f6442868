"""Whether a ticket escalated: what the history says, or what the desk's rule makes of its outcome.

Knows rules and columns of values, neither files nor heads.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from desk.errors import HistoryError
from training.histories.columns import nearest

if TYPE_CHECKING:
    import cel

__all__ = ["DEFAULT_RULE", "Escalations", "escalations", "rule_variables"]

DEFAULT_RULE: Final = "reassignment_count >= 2 || reopen_count > 0"
"""The rule where the history counts reassignments and reopenings and nobody says what escalated means."""

LOOP_VARIABLE: Final = re.compile(r"\.(?:all|exists|exists_one|map|filter)\(\s*(\w+)\s*,")


@dataclass(frozen=True, slots=True)
class Escalations:
    """values: per row, None where the history does not say. rule: how they came about, in words."""

    values: list[bool | None]
    rule: str


def rule_variables(rule: str) -> tuple[str, ...]:
    """The columns that a rule looks at, in alphabetical order."""
    import cel  # slow to import, as it brings a command line of its own, and few have a rule

    loops = set(LOOP_VARIABLE.findall(rule))
    return tuple(name for name in cel.compile(rule).variables() if name not in loops)


def escalations(
    given: Sequence[bool | None] | None,
    rule: str | None,
    outcome: Mapping[str, Sequence[Any]],
    height: int,
    source: str,
) -> Escalations:
    """Apply the desk's rule, else take the history's own column, else the default rule where both counts are there.

    outcome: typed columns by name. Raises `HistoryError`: the rule names a column that is not there, fails on a row, or
    gives something other than true or false.
    """
    if rule is not None:
        instead = " (the history's own column 'escalated' is not used)" if given is not None else ""
        return Escalations(_applied(rule, outcome, height, source), f"the desk's rule: {rule}{instead}")
    if given is not None:
        return Escalations(list(given), "the history's column 'escalated'")
    if all(name in outcome for name in rule_variables(DEFAULT_RULE)):
        values = _applied(DEFAULT_RULE, outcome, height, source)
        return Escalations(values, f"no column 'escalated', so by the default rule: {DEFAULT_RULE}")
    return Escalations([None] * height, "nothing in the history says whether a ticket escalated")


def _applied(rule: str, outcome: Mapping[str, Sequence[Any]], height: int, source: str) -> list[bool | None]:
    names = rule_variables(rule)
    for name in names:
        if name not in outcome:
            raise HistoryError(
                f"{source}: the rule for escalated looks at {name!r}, and no such column is there."
                f"{nearest(name, outcome)}"
            )
    import cel

    program = cel.compile(rule)
    known: dict[tuple[Any, ...], bool | None] = {}
    verdicts = []
    for row, values in enumerate(zip(*(outcome[name] for name in names), strict=True) if names else [()] * height):
        if values not in known:
            known[values] = _verdict(program, dict(zip(names, values, strict=True)), rule, row, source)
        verdicts.append(known[values])
    return verdicts


def _verdict(program: "cel.Program", values: dict[str, Any], rule: str, row: int, source: str) -> bool | None:
    """True or false, or None where the rule cannot say because a value is missing."""
    try:
        verdict = program.execute(values)
    except (TypeError, RuntimeError, ValueError) as error:
        if None in values.values():
            return None
        kinds = ", ".join(f"{name} is {type(value).__name__}" for name, value in values.items())
        raise HistoryError(
            f"{source}: the rule for escalated fails in row {row + 1} ({kinds}): {rule!r}; "
            f"check names, functions and types."
        ) from error
    if not isinstance(verdict, bool):
        raise HistoryError(f"{source}: the rule for escalated must say true or false, not {verdict!r}: {rule!r}.")
    return verdict
