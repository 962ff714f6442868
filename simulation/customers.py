"""The companies that write to the sample desk, and who of them writes at a given hour.

Knows nothing of what they write; what the desk remembers of them is kept while a history is generated.
"""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from random import Random

from simulation.chance import pick_weighted, stream
from simulation.content import Names

__all__ = ["Account", "Accounts", "language_of", "make_accounts"]

REGIONS = (("DE", 0.27), ("GB", 0.2), ("US", 0.2), ("FR", 0.12), ("ES", 0.08), ("IN", 0.08), ("SG", 0.05))
UTC_OFFSET = {"DE": 1, "FR": 1, "ES": 1, "GB": 0, "US": -6, "IN": 5, "SG": 8}
TIERS = (("standard", 0.62), ("enterprise", 0.29), ("vip", 0.09))
TIER_ACTIVITY = {"standard": 1.0, "enterprise": 1.3, "vip": 1.1}
DEPLOYMENTS = (("cloud", 0.55), ("hybrid", 0.15), ("on-premises", 0.30))
RINGS = (("stable", 0.66), ("early", 0.14), ("legacy", 0.20))
OWN_LANGUAGE = {"DE": ("de", 0.42), "FR": ("fr", 0.5), "ES": ("es", 0.5)}
NIGHT_SHARE = 0.12
TICKETS_AN_ACCOUNT = 10
"""On average, over the whole history."""


@dataclass(frozen=True, slots=True)
class Account:
    """A customer. `temper` is its own inclination to escalate, in log odds; `months` its age when the year begins."""

    id: str
    company: str
    domain: str
    contacts: tuple[str, ...]
    tier: str
    region: str
    deployment: str
    ring: str
    months: int
    own_language_share: float
    temper: float
    cries_wolf: bool


@dataclass(frozen=True, slots=True)
class Accounts:
    """All customers with their running activity, for drawing one."""

    all: Sequence[Account]
    running: Sequence[float]

    def pick(self, rng: Random, at: datetime) -> Account:
        """Who writes at this UTC time: likelier one whose working day it is."""
        for _ in range(6):
            account = self.all[bisect(self.running, rng.random() * self.running[-1])]
            hour = (at.hour + UTC_OFFSET[account.region]) % 24
            if 7 <= hour < 19 or rng.random() < NIGHT_SHARE:
                return account
        return account


def make_accounts(names: Names, tickets: int, seed: int) -> Accounts:
    """The customers of a desk with so many tickets; a few write often, most seldom."""
    count = max(40, tickets // TICKETS_AN_ACCOUNT)
    accounts = [_account(names, index, seed) for index in range(count)]
    rng = stream(seed, "activity")
    activity = [rng.lognormvariate(0.0, 0.9) * TIER_ACTIVITY[account.tier] for account in accounts]
    return Accounts(accounts, list(accumulate(activity)))


def _account(names: Names, index: int, seed: int) -> Account:
    rng = stream(seed, "account", index)
    word = rng.choice(names["company_first"]) + rng.choice(names["company_second"])
    trade = rng.choice(names["company_trade"])
    region = pick_weighted(rng, REGIONS)
    return Account(
        id=f"c-{index + 1:05d}",
        company=f"{word} {trade}",
        domain=f"{word}-{trade}.example".lower(),
        contacts=tuple(f"{rng.choice(names['first'])} {rng.choice(names['last'])}" for _ in range(rng.randint(1, 4))),
        tier=pick_weighted(rng, TIERS),
        region=region,
        deployment=pick_weighted(rng, DEPLOYMENTS),
        ring=pick_weighted(rng, RINGS),
        months=int(rng.expovariate(1 / 30)),
        own_language_share=OWN_LANGUAGE[region][1] if region in OWN_LANGUAGE else 0.0,
        temper=rng.gauss(0.0, 0.4),
        cries_wolf=rng.random() < 0.12,
    )


def language_of(account: Account, rng: Random) -> str:
    """The language of one request: English, or that of the customer's region."""
    if rng.random() < account.own_language_share:
        return OWN_LANGUAGE[account.region][0]
    return "en"
