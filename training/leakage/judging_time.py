"""The policy for columns that speak of a time: copies, parts and lengths of moments after the opening.

Needs no labels: what happened later cannot have been known, whether or not it tells anything.
"""

from collections.abc import Iterator, Mapping

from training.leakage import thresholds as limit
from training.leakage.moments import (
    Echo,
    Lag,
    Parts,
    calendar_echo,
    duration_echo,
    lag_after_opening,
    moment_echo,
)
from training.leakage.report import Finding, found
from training.leakage.suspect import Suspect
from training.leakage.suspects import Evidence

__all__ = ["findings_in_time"]


def findings_in_time(
    suspect: Suspect, evidence: Evidence, opening: Parts, later: Mapping[str, Parts]
) -> Iterator[Finding]:
    """What speaks against a column because of when its values came about."""
    yield from _moments(suspect, evidence)
    yield from _lengths(suspect, evidence)
    echo = None if suspect.codes is None else calendar_echo(suspect.codes, opening, later)
    if echo is not None and _follows(echo):
        reason = f"follows the {echo.part} of {echo.moment}, not of the opening"
        yield found(suspect.name, "refuse", echo.moment, reason, {"later": echo.later, "opening": echo.opening})


def _moments(suspect: Suspect, evidence: Evidence) -> Iterator[Finding]:
    if suspect.times is None:
        return
    lag = lag_after_opening(suspect.times, evidence.created)
    if lag is not None and _is_after(lag):
        is_later = suspect.hint not in ("planned", "opening") and lag.days <= limit.LONGEST_WORK
        reason = f"holds times after the opening in {lag.after:.0%} of the rows"
        numbers = {"after_opening": lag.after, "days_after_opening": lag.days}
        yield found(suspect.name, "refuse" if is_later else "warn", None, reason, numbers)
    echo = moment_echo(suspect.times, evidence)
    if echo is not None and echo.later >= limit.SAME_MOMENTS and echo.later - echo.opening >= limit.FOLLOWS_MORE:
        yield found(suspect.name, "refuse", echo.moment, f"repeats {echo.moment}", {"same": echo.later})


def _is_after(lag: Lag) -> bool:
    plans = limit.DAYS_PLANNED_AT_MOST if lag.is_date else limit.PLANS_AT_MOST
    return lag.after >= limit.AFTER_AT_LEAST and lag.before <= limit.BEFORE_AT_MOST and lag.distances > plans


def _lengths(suspect: Suspect, evidence: Evidence) -> Iterator[Finding]:
    if suspect.numbers is None or (echo := duration_echo(suspect.numbers, evidence)) is None:
        return
    moment, correlation = echo
    if abs(correlation) >= limit.FOLLOWS_LENGTH:
        reason = f"follows the time from the opening to {moment}"
        yield found(suspect.name, "refuse", moment, reason, {"rank_correlation": correlation})


def _follows(echo: Echo) -> bool:
    # Few tickets are resolved in another month or quarter than the one they were opened in.
    more = limit.FOLLOWS_MORE if echo.later < limit.EXACT else 1 - limit.EXACT
    return echo.later >= limit.FOLLOWS and echo.later - echo.opening >= more
