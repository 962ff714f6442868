"""The multi-factor score: how much a ticket deserves to be first, from 0 to 100, and which factors make it so.

The score is a weighted mean of factors between 0 and 100, 100 being what speaks most for haste:

- `customer_tier`: what the desk's policy says that the customer's tier counts;
- `urgency`, `complexity`, `sentiment` (100 is the most dissatisfied): read off the ticket, see `Signs`.

A factor that the ticket does not have leaves its weight to the others, in their proportions. Business impact, where a
field of the ticket names it, closes part of what is missing to 100, so that it can raise the score and never lowers it.
Knows neither how signs are learned nor where the policy is kept; `docs/priority-score.md` tells it to operators.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from desk.errors import SettingError
from desk.priority_order import level_of
from desk.ticket import Ticket

__all__ = [
    "DEFAULT_POLICY",
    "DEFAULT_PRIORITIES",
    "FACTORS",
    "FACTOR_SETTING",
    "FactorPolicy",
    "Score",
    "Signs",
    "field_level",
    "label_of_score",
    "policy_of",
    "score_of",
]

FACTORS: Final = ("customer_tier", "urgency", "complexity", "sentiment")
FACTOR_SETTING: Final = "priority_factors"
"""The setting that holds a desk's policy."""

DEFAULT_PRIORITIES: Final = ("P1", "P2", "P3", "P4")
"""What the score is called in a desk whose own priorities are not known, the most urgent first."""

_NEUTRAL: Final = 50.0
_WORD: Final = re.compile(r"[a-z]+")
_PERCENT: Final = 100.0
_NO_LEVELS: Final[Mapping[str, float]] = {}


@dataclass(frozen=True, slots=True)
class Signs:
    """What is read off a ticket beside its labels: factors from 0 to 100, None where nothing speaks of one; and tags.

    priorities: the desk's own labels, the most urgent first.
    """

    urgency: float | None = None
    complexity: float | None = None
    sentiment: float | None = None
    tags: tuple[str, ...] = ()
    priorities: tuple[str, ...] = DEFAULT_PRIORITIES


@dataclass(frozen=True, slots=True)
class FactorPolicy:
    """What counts how much: the desk's own decision.

    weights: of each of `FACTORS`, in any unit. business_impact: percent of what is missing to 100 that the greatest
    impact adds. tiers: what a customer tier counts, by its name in lower case; one that is not named is no factor.
    levels: what else a field may say for impact, in lower case, such as {"1": 100, "2": 50}.
    """

    weights: Mapping[str, float] = field(
        default_factory=lambda: {"customer_tier": 35.0, "urgency": 30.0, "complexity": 20.0, "sentiment": 15.0}
    )
    business_impact: float = 30.0
    tiers: Mapping[str, float] = field(
        default_factory=lambda: {
            "free": 10.0,
            "basic": 30.0,
            "standard": 40.0,
            "bronze": 40.0,
            "silver": 60.0,
            "premium": 80.0,
            "gold": 80.0,
            "enterprise": 90.0,
            "platinum": 95.0,
            "vip": 100.0,
        }
    )
    levels: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """What `policy_of` reads back as the same policy."""
        rest = {"business_impact": self.business_impact, "tiers": dict(self.tiers), "levels": dict(self.levels)}
        return {**self.weights, **rest}


DEFAULT_POLICY: Final = FactorPolicy()


@dataclass(frozen=True, slots=True)
class Score:
    """score: 0 to 100. factors: the factors that the ticket has, in the order of `FACTORS`, and its business impact.

    explanation: one sentence that names what raises and what lowers it, the strongest first.
    """

    score: float
    factors: Mapping[str, float]
    explanation: str


def score_of(ticket: Ticket, signs: Signs, policy: FactorPolicy = DEFAULT_POLICY) -> Score | None:
    """The score of one ticket; None where it has none of the factors that count, nor a business impact."""
    tier = policy.tiers.get(ticket.customer.tier.strip().casefold()) if ticket.customer.tier else None
    found = {"customer_tier": tier, "urgency": signs.urgency, "complexity": signs.complexity}
    factors = {name: value for name, value in (found | {"sentiment": signs.sentiment}).items() if value is not None}
    total = sum(policy.weights[name] for name in factors)
    pulls = {name: policy.weights[name] / total * (factors[name] - _NEUTRAL) for name in factors} if total else {}
    score = _NEUTRAL + sum(pulls.values())
    impact = field_level(ticket.attributes, "impact", policy.levels)
    added = 0.0 if impact is None else (_PERCENT - score) * policy.business_impact / _PERCENT * impact / _PERCENT
    if impact is not None:
        factors["business_impact"] = impact
    elif not pulls:
        return None
    return Score(min(max(score + added, 0.0), _PERCENT), factors, _explanation(pulls, factors, added))


def field_level(attributes: Mapping[str, str], kind: str, levels: Mapping[str, float] = _NO_LEVELS) -> float | None:
    """What the ticket's own field for `kind` ("impact", "urgency") says, from 0 to 100; the highest where several do.

    A field is one whose name has a word that ends so: `impact`, `businessImpact`, `Impact (claimed)`. `levels` goes
    before the words that `desk.priority_order` knows; what neither knows says nothing.
    """
    said = [_level(value, levels) for name, value in attributes.items() if _is_about(name, kind)]
    return max((level for level in said if level is not None), default=None)


def label_of_score(score: float, priorities: Sequence[str]) -> str:
    """The priority that a score stands for; `priorities` is not empty, the most urgent first.

    Of n priorities each takes a band of 100 / (n + 1) from the top, the last one two of them, since most tickets of a
    desk are not urgent: of four, 80 and more is the first, 60 the second, 40 the third.
    """
    band = _PERCENT / (len(priorities) + 1)
    return priorities[min(max(math.ceil((_PERCENT - score) / band), 1), len(priorities)) - 1]


def policy_of(value: Any) -> FactorPolicy:
    """The policy that the JSON object `value` describes; what it leaves out keeps its default.

    Names: each of `FACTORS` and `business_impact` with a number from 0 to 100, `tiers` and `levels` with an object of
    such numbers, which are added to the defaults. Raises `SettingError`.
    """
    allowed = (*FACTORS, "business_impact", "tiers", "levels")
    if not isinstance(value, dict) or not value.keys() <= set(allowed):
        strange = sorted(map(str, value.keys() - set(allowed))) if isinstance(value, dict) else type(value).__name__
        expected = f"an object of {', '.join(allowed)}"
        raise SettingError(f"`priority_factors` is {expected}, not {strange!r}.", expected=f"must be {expected}")
    default = DEFAULT_POLICY
    weights = {name: _number(name, value.get(name, default.weights[name])) for name in FACTORS}
    if not any(weights.values()):
        raise SettingError(
            "`priority_factors` gives every factor a weight of 0; at least one must count.",
            expected="gives every factor a weight of 0; at least one must count",
        )
    return FactorPolicy(
        weights=weights,
        business_impact=_number("business_impact", value.get("business_impact", default.business_impact)),
        tiers={**default.tiers, **_numbers("tiers", value.get("tiers", {}))},
        levels=_numbers("levels", value.get("levels", {})),
    )


def _numbers(name: str, value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        raise SettingError(
            f"`{name}` of `priority_factors` is an object of numbers, not {type(value).__name__!r}.",
            field=name,
            expected="must be an object of numbers",
        )
    return {str(key).strip().casefold(): _number(f"{name}.{key}", one) for key, one in value.items()}


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _PERCENT:
        raise SettingError(
            f"`{name}` of `priority_factors` is a number from 0 to 100, not {value!r}.",
            field=name,
            expected="must be a number from 0 to 100",
        )
    return float(value)


def _level(value: str, levels: Mapping[str, float]) -> float | None:
    named = levels.get(value.strip().casefold())
    return level_of(value) if named is None else named


@lru_cache(maxsize=1024)
def _is_about(name: str, kind: str) -> bool:
    return any(word.endswith(kind) for word in _WORD.findall(name.casefold()))


def _explanation(pulls: Mapping[str, float], factors: Mapping[str, float], added: float) -> str:
    ordered = sorted(pulls, key=lambda name: -abs(pulls[name]))
    raising = [_said(name, factors[name]) for name in ordered if pulls[name] > 0]
    lowering = [_said(name, factors[name]) for name in ordered if pulls[name] < 0]
    parts = [f"raised by {_listed(raising)}"] if raising else []
    parts += [f"lowered by {_listed(lowering)}"] if lowering else []
    if round(added):
        parts.append(f"business impact adds {round(added)}")
    return "; ".join(parts) or "nothing speaks for or against haste"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _said(name: str, value: float) -> str:
    return f"{name.replace('_', ' ')} ({round(value)})"
