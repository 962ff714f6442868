"""The particulars that a ticket quotes: order numbers, hosts, dates, names. Drawn when first asked for, then kept.

Knows the names of the slots, not the sentences that they stand in.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from simulation.content import Content
from simulation.request import Request

__all__ = ["Details", "error_code"]

CODE_FAMILIES = 40


class Details(dict[str, str]):
    """The slots of one ticket: the same name gives the same text wherever the ticket and its thread mention it."""

    def __init__(self, rng: Random, content: Content, request: Request, own_id: str) -> None:
        super().__init__(product=request.product, own_id=own_id)
        self.rng, self.names, self.request = rng, content.names, request

    def __missing__(self, slot: str) -> str:
        self[slot] = MAKERS[slot](self)
        return self[slot]


def error_code(rng: Random, request: Request) -> str:
    """A product's letter, a family that goes with the topic three times in five, a number within it."""
    family = sum(request.topic.name.encode()) if rng.random() < 0.6 else rng.randrange(CODE_FAMILIES)
    return f"{request.product[0]}-{family % CODE_FAMILIES + 10}{rng.randint(0, 19):02d}"


def _any(kind: str) -> Callable[[Details], str]:
    return lambda details: str(details.rng.choice(details.names[kind]))


def _number(least: int, most: int, form: str = "{}") -> Callable[[Details], str]:
    return lambda details: form.format(details.rng.randint(least, most))


def _colleague(details: Details) -> str:
    return f"{details.rng.choice(details.names['first'])} {details.rng.choice(details.names['last'])}"


def _amount(details: Details) -> str:
    amount = round(details.rng.lognormvariate(5.2, 1.1), 2)
    mark = {"GB": "£", "US": "$", "SG": "S$", "IN": "₹"}.get(details.request.account.region)
    return f"{mark}{amount:,.2f}" if mark else f"{amount:.2f} EUR"


DATE_FORMS = {"en": ("%Y-%m-%d", "%d %b", "%m/%d"), "de": ("%d.%m.%Y", "%d.%m."), "fr": ("%d/%m/%Y",), "es": ("%d/%m",)}


def _day(least: int, most: int) -> Callable[[Details], str]:
    def make(details: Details) -> str:
        day = details.request.at + timedelta(days=details.rng.randint(least, most))
        return day.strftime(details.rng.choice(DATE_FORMS[details.request.language]))

    return make


def _month(details: Details) -> str:
    at = details.request.at - timedelta(days=details.rng.choice((0, 20, 30, 45)))
    return str(details.names["months"][details.request.language][at.month - 1])


def _weekday(details: Details) -> str:
    return str(details.rng.choice(details.names["weekdays"][details.request.language]))


def _city(details: Details) -> str:
    return str(details.rng.choice(details.names["cities"][details.request.account.region]))


def _version(details: Details) -> str:
    rng = details.rng
    return f"{rng.randint(3, 9)}.{rng.randint(0, 14)}{rng.choice(('', f'.{rng.randint(1, 9)}'))}"


def _host(details: Details) -> str:
    return f"{details.rng.choice(details.names['services'])}{details.rng.randint(1, 24):02d}.{details['domain']}"


def _user(details: Details) -> str:
    first, last = details["colleague"].lower().split(" ", maxsplit=1)
    return details.rng.choice((f"{first}.{last}", f"{first[0]}{last}", f"{last}{details.rng.randint(1, 99)}"))


def _file(details: Details) -> str:
    number, names = details.rng.randint(1, 2600), details.names
    return f"{details.rng.choice(names['files'])}_{number}.{details.rng.choice(names['endings'])}"


MAKERS: dict[str, Callable[[Details], str]] = {
    "amount": _amount,
    "browser": _any("browsers"),
    "city": _city,
    "code": lambda details: error_code(details.rng, details.request),
    "colleague": _colleague,
    "count": _number(2, 60),
    "date": _day(-25, -1),
    "days": _number(2, 9),
    "desk": _any("desk"),
    "device": _any("devices"),
    "domain": lambda details: details.request.account.domain.removesuffix(".example"),
    "endpoint": _any("endpoints"),
    "file": _file,
    "host": _host,
    "invoice": _number(10000, 99999, "R-{}"),
    "ip": _number(2, 254, "203.0.113.{}"),
    "month": _month,
    "noun": lambda details: details.request.topic.noun,
    "order": _number(100000, 999999, "#{}"),
    "other_product": _any("products"),
    "plan": _any("plans"),
    "sku": _number(100, 999, "NG-{}"),
    "soon": _day(1, 20),
    "status": _any("statuses"),
    "ticket": _number(20000, 89999),
    "time": lambda details: f"{details.rng.randint(5, 21)}:{details.rng.randint(0, 59):02d}",
    "tracking": _number(1000000, 9999999, "1Z{}"),
    "user": _user,
    "version": _version,
    "weekday": _weekday,
}
