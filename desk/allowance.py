"""How many votes for one label a person may give, so that who speaks a thousand times is not heard a thousand times.

Nobody lowers what another may say by speaking more. Knows neither persons nor labels, only how often each has spoken.
"""

from collections.abc import Sequence

from desk.feedback_policy import FeedbackPolicy

__all__ = ["allowance_of"]


def allowance_of(counts: Sequence[int], policy: FeedbackPolicy) -> int:
    """The greatest number of votes each that makes nobody the origin of more than the policy's share of those heard.

    counts: how many votes each person gave. At least `policy.always_allowed`. What is beyond the number is not heard,
    so it does not count into the share either: one person beside nine votes of others gets three of a quarter's share,
    however many they give.
    """
    allowed = max(counts, default=0)
    while allowed > policy.always_allowed:
        heard = sum(min(count, allowed) for count in counts)
        within = int(policy.most_of_a_label * heard + 1e-9)
        if within >= allowed:
            break
        allowed = within
    return max(allowed, policy.always_allowed)
