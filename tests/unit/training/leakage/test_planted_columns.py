"""The test bench: columns that know the future and columns that do not, planted into real histories.

Every plant must be refused, nothing else. Names are neutral unless the name is what tells.
"""

import base64
import hashlib
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from math import exp
from pathlib import Path

import pytest

from desk.heads import HEADS, RISK_HEADS, Head, label_of
from training.histories.desk_config import DeskConfig
from training.histories.history import History
from training.histories.reading import read_history
from training.leakage import check_leakage

DATA = Path(os.environ.get("POINTSMAN_DATA", Path(__file__).resolve().parents[4].parent / "shared" / "data"))
Labels = Sequence[str | None]
Values = Sequence[object]
Columns = dict[str, Values]
DEEDS = (
    "swapped the unit", "called back", "pushed a new profile", "cleared the cache", "raised the limit", "ran the tool",
    "moved the mailbox", "renewed the certificate", "corrected the record", "sent instructions", "changed the setting",
)  # fmt: skip
PEOPLE = [
    f"{first} {last}" for first in ("Ann", "Bo", "Cem", "Dia", "Eva") for last in ("Abel", "Bach", "Cole", "Diaz")
]


@cache
def history_of(name: str, rows: int | None) -> History:
    """The set's training part, or a seeded sample of it; skips where the tables are not there."""
    path = DATA / name / "train.csv.gz"
    if not path.exists():
        pytest.skip(f"the public table {name} is not here: set POINTSMAN_DATA")
    if rows is None:
        return read_history(path, DeskConfig())
    history = history_of(name, None)
    kept = sorted(random.Random(0).sample(range(len(history.rows)), min(rows, len(history.rows))))
    return replace(history, rows=tuple(history.rows[index] for index in kept))


def planted(history: History, columns: Columns, resolved: Sequence[datetime] | None = None) -> History:
    rows = []
    for index, row in enumerate(history.rows):
        new = {name: str(values[index]) for name, values in columns.items() if values[index] is not None}
        ticket = replace(row.ticket, attributes={**row.ticket.attributes, **new})
        outcome = replace(row.outcome, resolved_at=resolved[index]) if resolved else row.outcome
        rows.append(replace(row, ticket=ticket, outcome=outcome))
    return replace(history, rows=tuple(rows))


def refused(history: History) -> set[str]:
    return {finding.column for finding in check_leakage(history).refused}


def noisy(labels: Labels, share: float, rng: random.Random) -> list[str | None]:
    """The labels, of which `share` are exchanged for another one."""
    known = sorted({label for label in labels if label is not None})
    return [
        rng.choice([other for other in known if other != label]) if label and rng.random() < share else label
        for label in labels
    ]


def each(labels: Labels, make: Callable[[str], object]) -> list[object]:
    return [None if label is None else make(label) for label in labels]


def digest(text: str, length: int = 10) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def copies(labels: Labels, rng: random.Random) -> Columns:
    known = sorted({label for label in labels if label is not None})
    number = dict(zip(known, rng.sample(range(100, 100 + 9 * len(known)), len(known)), strict=True))
    count = Counter(labels)
    # Labels that are equally frequent share a frequency, which then tells little.
    frequencies = {"x_frequency": each(labels, lambda label: count[label] / len(labels))}
    ranked = sorted(range(len(labels)), key=lambda row: (str(labels[row]), rng.random()))
    place = {row: index for index, row in enumerate(ranked)}
    return (frequencies if len(set(count.values())) >= 0.9 * len(known) else {}) | {
        "x_copy": list(labels),
        "x_copy_5": noisy(labels, 0.05, rng),
        "x_copy_20": noisy(labels, 0.2, rng),
        "x_some": [label if rng.random() < 0.7 else None for label in noisy(labels, 0.1, rng)],
        "x_case": each(noisy(labels, 0.1, rng), lambda label: rng.choice([label.upper(), label.lower()])),
        "x_hash": each(labels, digest),
        "x_hash_20": each(noisy(labels, 0.2, rng), digest),
        "x_base64": each(noisy(labels, 0.1, rng), lambda label: base64.b64encode(label.encode()).decode()),
        "x_salted": each(noisy(labels, 0.1, rng), lambda label: digest(f"{label}{rng.randrange(4)}")),
        "x_number": each(noisy(labels, 0.1, rng), number.__getitem__),
        "x_numbers": each(labels, lambda label: round(20 * known.index(label) + rng.gauss(0, 2), 3)),
        "x_prefix": each(labels, lambda label: f"{digest(label, 3).upper()}-{rng.randrange(10**6):06d}"),
        "x_place": [place[row] for row in range(len(labels))],
        "x_serial": [f"T{10**6 + 3 * place[row]:09d}" for row in range(len(labels))],
    }


def after_words(labels: Labels, rng: random.Random) -> Columns:
    known = sorted({label for label in labels if label is not None})
    words = {label: [f"term{rng.randrange(3000)}" for _ in range(12)] for label in known}

    def text(label: str, share: float) -> str:
        told = (rng.choice(words[label] if rng.random() < share else DEEDS) for _ in range(8))
        return f"{' '.join(told)} {rng.randrange(10**5)}"

    return {
        "x_text": each(labels, lambda label: text(label, 0.6)),
        "x_afterwards": each(labels, lambda label: f"Issue was resolved: {text(label, 0.25)}, user confirmed"),
        "answer": each(labels, lambda label: text(label, 0.35)),
        "resolution_notes": each(labels, lambda label: text(label, 0.05)),
        "close_code": each(noisy(labels, 0.2, rng), lambda label: f"K{known.index(label) % 4}"),
        "Closure Category": each(noisy(labels, 0.2, rng), lambda label: f"K{known.index(label) % 4}"),
    }


def resolvers(labels: Labels, rng: random.Random) -> Columns:
    known = sorted({label for label in labels if label is not None})
    teams = {label: [f"{rng.choice(PEOPLE)} {index}-{n}" for n in range(6)] for index, label in enumerate(known)}
    return {
        "x_person": each(noisy(labels, 0.07, rng), lambda label: rng.choice(teams[label])),
        "assigned_to": each(noisy(labels, 0.15, rng), lambda label: rng.choice(teams[label])),
        "handledBy": each(noisy(labels, 0.3, rng), lambda label: rng.choice(teams[label])),
    }


def presences(labels: Labels, rng: random.Random, *, is_risk: bool) -> Columns:
    label, count = Counter(label for label in labels if label is not None).most_common()[-1 if is_risk else 0]
    if count < 60:
        return {}
    return {
        "x_filled": [rng.randrange(30) if one == label else None for one in labels],
        "x_filled_mostly": [rng.randrange(30) if one == label and rng.random() < 0.8 else None for one in labels],
    }


def risks(labels: Labels, rng: random.Random) -> Columns:
    happened = [label == "true" for label in labels]
    return {
        "x_score": [round(one + rng.gauss(0, 0.37), 4) for one in happened],
        "x_decile": [min(9, max(0, round(2 + 5.5 * one + rng.gauss(0, 1.5)))) for one in happened],
        "x_length": [round(exp(3 + 2.3 * one + rng.gauss(0, 1)), 1) for one in happened],
        "handling_minutes": [round(exp(3 + one + rng.gauss(0, 1)), 1) for one in happened],
        "time_spent": [round(exp(3 + 0.8 * one + rng.gauss(0, 1)), 1) for one in happened],
        "x_apology": [
            "we apologised for the trouble" if one ^ (rng.random() < 0.1) else "all fine after a short call"
            for one in happened
        ],
    }


def plants(history: History, head: Head) -> Columns:
    labels = [label_of(row.outcome, head) for row in history.rows]
    rng = random.Random(f"{head} {len(labels)}")
    is_risk = head in RISK_HEADS
    found = copies(labels, rng) | after_words(labels, rng) | presences(labels, rng, is_risk=is_risk)
    found |= risks(labels, rng) if is_risk else {}
    found |= resolvers(labels, rng) if head == "queue" else {}
    if labels.count(None) >= 100:
        found["x_if_known"] = each(labels, lambda _: rng.randrange(30))
    return found


def resolution_times(history: History, rng: random.Random) -> list[datetime] | None:
    """Made-up times of resolution, a day and a half later on average; None where the set has no times."""
    opened = [row.ticket.created_at for row in history.rows]
    return [one + timedelta(hours=rng.expovariate(1 / 36)) for one in opened if one] if all(opened) else None


def times_after(resolved: Sequence[datetime]) -> Columns:
    return {
        "x_iso": [at.isoformat() for at in resolved],
        "x_epoch": [int(at.timestamp()) for at in resolved],
        "x_milliseconds": [int(at.timestamp() * 1000) for at in resolved],
        "x_date": [at.date() for at in resolved],
        "x_local": [at.strftime("%d.%m.%Y %H:%M") for at in resolved],
        "closed_weekday": [at.strftime("%A") for at in resolved],
        "ClosingDay": [at.strftime("%a") for at in resolved],
        "month of resolution": [at.month for at in resolved],
    }


def echoes_of(resolved: Sequence[datetime], history: History, rng: random.Random) -> Columns:
    hours = [
        (at - row.ticket.created_at).total_seconds() / 3600
        for at, row in zip(resolved, history.rows, strict=True)
        if row.ticket.created_at
    ]
    return {
        "x_weekday": [at.strftime("%A") for at in resolved],
        "x_weekday_20": [at.weekday() if rng.random() < 0.8 else rng.randrange(7) for at in resolved],
        "x_hour": [at.hour for at in resolved],
        "x_afternoon": [at.hour > 11 for at in resolved],
        "x_day": [at.day for at in resolved],
        "x_hours": [round(one, 1) for one in hours],
        "x_minutes_about": [round(60 * one + rng.gauss(0, 90)) for one in hours],
    }


def honest(history: History, rng: random.Random) -> Columns:
    height = range(len(history.rows))
    columns: Columns = {
        "x_few": [rng.randrange(5) for _ in height],
        "x_flag": [rng.choice(["yes", "no"]) for _ in height],
        "x_many": [f"k{rng.randrange(500)}" for _ in height],
        "x_all_different": [digest(str(rng.random()), 32) for _ in height],
        "x_normal": [round(rng.gauss(0, 1), 3) for _ in height],
        "x_seldom": [rng.randrange(9) if rng.random() < 0.05 else None for _ in height],
        "x_running": list(height),
        "number": [f"INC{row:07d}" for row in height],
        "caller_name": [rng.choice(PEOPLE) for _ in height],
        "screen_resolution": [rng.choice(["1920x1080", "1366x768"]) for _ in height],
        "account_status": [rng.choice(["active", "trial"]) for _ in height],
        "note_from_customer": [f"{rng.choice(DEEDS)} {rng.choice(DEEDS)}" for _ in height],
    }
    texts = [f"{row.ticket.subject} {row.ticket.body}".strip() for row in history.rows]
    if any(texts):
        columns |= {
            "short_description": [text[:80] for text in texts],
            "x_beginning": [text[:120] for text in texts],
            "x_words": [len(text.split()) for text in texts],
            "x_first_word": [text.split()[0] for text in texts],
        }
    return columns | honest_times(history, rng) | honest_hints(history, rng)


def honest_times(history: History, rng: random.Random) -> Columns:
    opened = [row.ticket.created_at for row in history.rows if row.ticket.created_at]
    if len(opened) < len(history.rows):
        return {}
    return {
        "x_opened_on": [at.date() for at in opened],
        "x_opened_local": [(at - timedelta(hours=4)).strftime("%Y-%m-%d %H:%M") for at in opened],
        "x_opened_weekday": [(at + timedelta(hours=2)).strftime("%A") for at in opened],
        "x_opened_hour": [(at + timedelta(hours=2)).hour for at in opened],
        "received_at": [(at + timedelta(seconds=rng.randrange(200))).isoformat() for at in opened],
        "x_target": [(at + timedelta(hours=rng.choice([4, 8, 24, 72]))).isoformat() for at in opened],
        "due_date": [(at + timedelta(hours=24 + rng.randrange(100))).isoformat() for at in opened],
        "x_last_order": [(at - timedelta(hours=rng.expovariate(1 / 200))).isoformat() for at in opened],
        "contract_end": [(at + timedelta(days=rng.randrange(1, 900))).date() for at in opened],
    }


def honest_hints(history: History, rng: random.Random) -> Columns:
    """Fields that tell a label, as much as fields known at the opening do."""
    columns: Columns = {}
    queues = filled_up([row.outcome.queue for row in history.rows], rng)
    if queues:
        family = {queue: f"F{place % 5}" for place, queue in enumerate(sorted(set(queues)))}
        frequent = {queue for queue, _ in Counter(queues).most_common(2)}
        columns |= {
            "initial_queue": noisy(queues, 0.3, rng),
            "x_first_guess": noisy(queues, 0.35, rng),
            "category": each(noisy(queues, 0.05, rng), lambda queue: family[queue]),
            "x_form": [
                rng.randrange(5) if rng.random() < (0.8 if one in frequent else 0.05) else None for one in queues
            ],
        }
    priorities = filled_up([row.outcome.priority for row in history.rows], rng)
    if priorities:
        columns |= {
            "impact": noisy(priorities, 0.05, rng),
            "requested_priority": noisy(priorities, 0.1, rng),
            "x_felt_priority": noisy(priorities, 0.35, rng),
        }
    for number, head in enumerate(RISK_HEADS):
        happened = [label_of(row.outcome, head) == "true" for row in history.rows]
        if any(happened):
            columns |= {
                f"x_flag_{number}": [rng.random() < (0.6 if one else 0.3) for one in happened],
                f"affected_users_{number}": [round(exp(one + rng.gauss(0, 1))) for one in happened],
                f"call_duration_{number}": [round(exp(0.25 * one + rng.gauss(0, 1)), 2) for one in happened],
            }
    return columns


def filled_up(labels: Labels, rng: random.Random) -> list[str]:
    """The labels; where one is unknown, any: an honest column does not know which labels are missing."""
    known = sorted({label for label in labels if label is not None})
    return [label or rng.choice(known) for label in labels] if known else []


def misjudged(name: str, rows: int | None) -> tuple[list[str], int]:
    """The columns of a set on which the check is wrong, and how many were planted."""
    history = history_of(name, rows)
    rng = random.Random(name)
    assert refused(history) == set(), "the set as it stands"
    wrong: list[str] = []
    planted_columns = 0
    resolved = resolution_times(history, rng)
    taught = [head for head in HEADS if any(label_of(row.outcome, head) for row in history.rows)]
    trials = [(f"{head}: ", plants(history, head), None) for head in taught]
    if resolved:
        trials.append(("times: ", times_after(resolved), None))
        trials.append(("resolved_at known: ", echoes_of(resolved, history, rng), resolved))
    for words, columns, times in trials:
        missed = set(columns) - refused(planted(history, columns, times))
        wrong += [f"{words}{column} is not refused" for column in sorted(missed)]
        planted_columns += len(columns)
    for times in (None, resolved) if resolved else (None,):
        columns = honest(history, random.Random(1))
        wrong += [f"{column} is refused" for column in sorted(refused(planted(history, columns, times)))]
        planted_columns += len(columns)
    return wrong, planted_columns


@pytest.mark.parametrize(("name", "rows"), [("uci", 1500), ("jira_hib", 800), ("multilang", 600)])
def test_on_a_sample_every_plant_is_refused_and_nothing_else(name: str, rows: int) -> None:
    wrong, columns = misjudged(name, rows)
    assert wrong == []
    assert columns > 50


@pytest.mark.long
@pytest.mark.parametrize("name", ["it47", "uci", "boston", "jira_hib", "multilang", "noise", "banking77", "clinc150"])
def test_on_a_whole_set_every_plant_is_refused_and_nothing_else(name: str) -> None:
    wrong, _ = misjudged(name, None)
    assert wrong == []


@pytest.mark.parametrize("name", ["uci", "boston", "jira_hib", "multilang", "noise"])
def test_no_column_of_a_public_set_is_refused_as_it_stands(name: str) -> None:
    assert refused(history_of(name, None)) == set()


def test_an_impact_that_nearly_fixes_the_priority_is_warned_of_and_used() -> None:
    report = check_leakage(history_of("uci", None))
    assert {finding.column for finding in report.warned} >= {"impact_first", "urgency_first"}
    assert report.refused == ()
