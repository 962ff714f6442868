"""What a training's pages may show of tickets' texts: the setting `runs`, read strictly and written back.

Whoever can open MLflow reads what is in a run, and that may be more people than read tickets. Knows no MLflow.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from desk.errors import SettingError
from desk.masking import masked

__all__ = ["RUNS_SETTING", "RunPolicy", "Texts", "read_run_policy"]

RUNS_SETTING: Final = "runs"

Texts: TypeAlias = Literal["none", "masked", "whole"]

_SHOWN: Final[Mapping[Texts, Callable[[str], str]]] = {"none": lambda _: "", "masked": masked, "whole": str}


@dataclass(frozen=True, slots=True)
class RunPolicy:
    """texts: of the tickets that a run names as its worst errors: none, whole, or with what points to people masked.

    With `none` the words that carry a head are left out too.
    """

    texts: Texts = "masked"

    def shown(self, text: str) -> str:
        """What may be shown of a ticket's text."""
        return _SHOWN[self.texts](text)

    def to_json(self) -> dict[str, Any]:
        """The JSON value that `read_run_policy` reads as the same."""
        return asdict(self)


def read_run_policy(value: Any) -> RunPolicy:
    """The policy in a JSON value like `{"texts": "none"}`; what is not said is as it comes.

    None, for a setting that was never set, says nothing at all. Raises `SettingError` for whatever else it cannot mean.
    """
    given = {} if value is None else value
    if not isinstance(given, dict):
        raise _wrong("", "must be a JSON object with texts", value)
    for name in given:
        if name != "texts":
            raise _wrong(str(name), "is not known here; take it out", given[name])
    texts = given.get("texts", RunPolicy().texts)
    if not (isinstance(texts, str) and texts in get_args(Texts)):
        raise _wrong("texts", f"must be one of {', '.join(get_args(Texts))}", texts)
    return RunPolicy(texts)  # type: ignore[arg-type]  # one of them, as was just seen


def _wrong(field: str, expected: str, value: Any) -> SettingError:
    where = f"{field!r} in {RUNS_SETTING!r}" if field else repr(RUNS_SETTING)
    return SettingError(f"{where} {expected}, not {value!r}.", field=field, expected=expected)
