"""`python -m benchmarks.console_pictures`: the console of a sample desk, in a real browser, as pictures for docs/.

Trains on the sample desk's history, scores tickets of its customers over HTTP, lets three people label some of them,
and takes each page as specialists and leads see it: wide, 390 px wide, light, dark, and with a hostile ticket. It
takes a minute or two, and Debian's chromium.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

import httpx
from PIL import Image
from sqlalchemy import Engine

from desk.demands import SETTING
from desk.feedback import Verdict
from desk.question import Question
from desk.ticket_json import ticket_json
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from journal.keys import make_key
from journal.predictions import find_all
from journal.questions import prepare
from journal.secret import installation_secret
from journal.settings import put_setting
from journal.verdicts import GivenVerdict, record
from serving.launch import address_of, running_service
from simulation.newcomers import new_tickets
from simulation.sample import SampleDesk, generate
from training.histories.desk_config import DeskConfig
from training.histories.history import History, digest_of
from training.progress import Unwatched
from training.training import train

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "console"
COLOURS: Final = 128
"""Of a picture: pages have few, and the files become a third."""

CHROMIUM: Final = "/usr/bin/chromium"
PORT: Final = "3978"
TICKETS: Final = 260
DEMANDS: Final = {"queue": {"default": 0.85, "labels": {"Security": 0.97}}}
WIDE: Final = {"width": 1280, "height": 860}
NARROW: Final = {"width": 390, "height": 844}
HOSTILE: Final = {
    "id": "h-1",
    "subject": "<script>alert('x')</script> \u202eelgnis a ni egrahc drac & \"quotes\"",
    "body": "<img src=x onerror=alert(1)> مرحبا، لا أستطيع تسجيل الدخول إلى حسابي 🙈🔥\n\n"
    + "x" * 400
    + "\n\n"
    + "My card was charged twice for one order. " * 2_400,
    "attributes": {"<b>plan</b>": "\u202egold'; DROP TABLE tickets;--"},
}
STORM: Final = tuple(
    {"id": f"s-{number}", "subject": subject, "body": body}
    for number, (subject, body) in enumerate(
        (
            (
                "Wallet passes will not load",
                "Since the update the ticket pass in my phone’s wallet shows a grey square.",
            ),
            ("grey pass in wallet", "the pass i added to my phone wallet is grey, the gate does not read it"),
            ("Pass not readable at the gate", "My wallet pass is blank. The gate staff had to type in the number."),
            ("Wallet: pass is empty", "I added the pass again, and it is still empty in the wallet."),
        )
    )
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A running service with all that its console shows."""

    address: str
    engine: Engine
    environment: Environment

    def key(self, person: str, *scopes: str) -> str:
        """A key with which this person signs in."""
        secret, at = installation_secret(self.environment), datetime.now(UTC)
        return make_key(self.engine, secret, person, scopes, who="the pictures", at=at, person=person)[1]


def main(given: Sequence[str] | None = None) -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=FOLDER, help="the folder; docs/console unless given")
    folder: Path = parser.parse_args(given).to
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with sample_console() as sample, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name in take(sample, browser, folder):
            print(name)
        browser.close()


@contextmanager
def sample_console() -> Iterator[Sample]:
    """The sample desk with a version, tickets of today, questions and verdicts."""
    with tempfile.TemporaryDirectory() as home:
        variables = {"POINTSMAN_HOME": home, "POINTSMAN_PORT": PORT, "POINTSMAN_ENCODER": "none"}
        environment = replace(read_environment(variables), are_keys_required=True)
        engine = connect(environment.database_url)
        migrate(engine)
        rows = tuple(generate(SampleDesk()))
        history = History(rows, digest_of(rows), {}, (), "", ())
        at = datetime.now(UTC) - timedelta(days=9)
        put_setting(engine, SETTING, DEMANDS, who="lena.ortiz", at=at)
        train(history, DeskConfig(), environment, engine, at=at, who="cron@desk-1", progress=Unwatched())
        with (Path(home) / "service.log").open("wb") as log, running_service(environment, log):
            sample = Sample(address_of(environment), engine, environment)
            answers = _score(sample)
            _discuss(sample, answers)
            _ask(sample, answers)
            _watch(variables)
            yield sample
        engine.dispose()


def take(sample: Sample, browser: "Browser", folder: Path) -> Iterator[str]:
    """Each picture, by the name of its file."""
    ann, lead = sample.key("ann.weber", "feedback"), sample.key("lena.ortiz", "feedback", "admin")
    time.sleep(3)  # until the service has seen the keys
    page = _page(browser, WIDE)
    yield _shot(page, folder, "sign-in", f"{sample.address}/console")
    yield from _of_a_specialist(page, sample, ann, folder)
    yield from _of_a_lead(_page(browser, WIDE), sample, lead, folder)


def _of_a_specialist(page: "Page", sample: Sample, key: str, folder: Path) -> Iterator[str]:
    home, browser = f"{sample.address}/console", page.context.browser
    hostile = f"{home}/tickets/{_id_of(sample, 'h-1')}"
    _sign_in(page, sample, key)
    yield _shot(page, folder, "label")
    page.keyboard.press("y")
    page.wait_for_selector("text=Kept")
    yield _shot(page, folder, "label-unaided")
    page.keyboard.press("?")
    yield _shot(page, folder, "keys")
    page.keyboard.press("Escape")
    yield _shot(page, folder, "history", f"{home}/history")
    yield _shot(page, folder, "search", f"{home}/search?q=charged")
    yield _shot(page, folder, "hostile", hostile)
    assert browser is not None
    yield _shot(_page(browser, WIDE, of=page, scheme="dark"), folder, "label-dark", home)
    phone = _page(browser, NARROW, of=page)
    yield _shot(phone, folder, "label-narrow", home, full=True)
    yield _shot(phone, folder, "hostile-narrow", hostile)


def _of_a_lead(page: "Page", sample: Sample, key: str, folder: Path) -> Iterator[str]:
    home, browser = f"{sample.address}/console", page.context.browser
    _sign_in(page, sample, key)
    _go_to_topic(page, sample)
    yield _shot(page, folder, "topic")
    for name in ("desk", "waiting", "suspects", "people", "versions"):
        yield _shot(page, folder, name, f"{home}/{name}")
    assert browser is not None
    yield _shot(_page(browser, WIDE, of=page, scheme="dark"), folder, "desk-dark", f"{home}/desk")
    yield _shot(_page(browser, NARROW, of=page), folder, "waiting-narrow", f"{home}/waiting")
    yield _shot(_page(browser, NARROW, of=page), folder, "suspects-narrow", f"{home}/suspects")


def _shot(page: "Page", folder: Path, name: str, address: str | None = None, *, full: bool = False) -> str:
    """A picture of what the page shows, there or where it is; its name."""
    if address is not None:
        page.goto(address)
    path = folder / f"{name}.png"
    page.screenshot(path=path, full_page=full)
    with Image.open(path) as whole:
        whole.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return name


def _watch(variables: dict[str, str]) -> None:
    """Let the watch look, for precision and drift."""
    script = str(Path(sys.executable).parent / "pointsman")
    subprocess.run([script, "drift"], env={**os.environ, **variables}, capture_output=True, check=False)  # 3: not quiet


def _page(browser: "Browser", size: Any, *, of: "Page | None" = None, scheme: Any = "light") -> "Page":
    """A page of its own; with `of` that of whoever signed in there."""
    state = None if of is None else of.context.storage_state()
    is_phone = size is NARROW
    context = browser.new_context(
        viewport=size, color_scheme=scheme, storage_state=state, is_mobile=is_phone, has_touch=is_phone
    )
    return context.new_page()


def _sign_in(page: "Page", sample: Sample, key: str) -> None:
    page.goto(f"{sample.address}/console")
    page.fill("#key", key)
    page.press("#key", "Enter")
    page.wait_for_url("**/console")


def _go_to_topic(page: "Page", sample: Sample) -> None:
    """Leave tickets to others until the topic's card comes."""
    for _ in range(20):
        page.goto(f"{sample.address}/console?more=1")
        if page.locator(".exemplars").count():
            break
        page.click("button[value=pass]")


def _score(sample: Sample) -> list[dict[str, Any]]:
    """Answers to tickets of today, once they are in the database."""
    headers = {"Authorization": f"Bearer {sample.key('helpdesk', 'predict')}"}
    tickets = [ticket_json(one) for one in new_tickets(SampleDesk(), TICKETS)]
    sent = [*tickets, HOSTILE, *STORM]
    while httpx.get(f"{sample.address}/v1/model", headers=headers).status_code == 401:
        time.sleep(0.2)
    answers = [httpx.post(f"{sample.address}/v1/triage", json={"ticket": one}, headers=headers).json() for one in sent]
    names = [one["prediction_id"] for one in answers]
    while len(find_all(sample.engine, names)) < len(names):
        time.sleep(0.2)
    return answers


def _discuss(sample: Sample, answers: Sequence[dict[str, Any]]) -> None:
    """Verdicts of three people: mostly what was answered, now and then the runner-up, sometimes of the same ticket."""
    chance, said = Random(5), list[Verdict]()
    began = datetime.now(UTC) - timedelta(days=2)
    for place, answer in enumerate(answers[30:TICKETS]):
        top = [one["label"] for one in answer["queue"]["top"]]
        for who, share in (("ben.cole", 0.5), ("ann.weber", 0.35), ("mia.sato", 0.3)):
            if chance.random() < share:
                right = top[0] if chance.random() < 0.86 else top[1]
                at = began + timedelta(minutes=place, seconds=chance.randrange(60))
                said.append(Verdict(answer["prediction_id"], who, at, right, saw_suggestion=chance.random() < 0.8))
    found = find_all(sample.engine, {one.prediction_id for one in said})
    given = [GivenVerdict(one, found[one.prediction_id]) for one in said]
    record(
        sample.engine,
        given,
        via="key 4fGh7KpQx2Zt, console",
        received_at=datetime.now(UTC),
        secret=lambda: installation_secret(sample.environment),
    )


def _ask(sample: Sample, answers: Sequence[dict[str, Any]]) -> None:
    """The closest calls first, one in three without the suggestion, and the storm as a topic."""
    by_id = {one["ticket_id"]: one for one in answers}
    open_answers = sorted(answers[:30], key=_gap)
    asked = [_question(one, place) for place, one in enumerate(open_answers)]
    named = {"reason": "topic", "name": "Wallet passes", "words": ["wallet", "pass", "grey"], "tickets": 17}
    storm = [by_id[str(one["id"])] for one in STORM]
    topic = [
        Question(one["prediction_id"], one["ticket_id"], one["queue"]["label"], 0.9, (named,), "t-1") for one in storm
    ]
    prepare(sample.engine, [*asked[:5], *topic, *asked[5:]], at=datetime.now(UTC))


def _gap(answer: dict[str, Any]) -> float:
    top = answer["queue"]["top"]
    return float(top[0]["probability"] - top[1]["probability"])


def _question(answer: dict[str, Any], place: int) -> Question:
    reasons: list[dict[str, Any]] = [{"reason": "margin", "gap": _gap(answer)}]
    if place % 3 == 1:
        reasons = [{"reason": "random"}, {"reason": "unaided"}]
    elif place % 3 == 2:
        reasons.append({"reason": "disagreement", "challenger": "2", "label": answer["queue"]["top"][1]["label"]})
    name, ticket = answer["prediction_id"], answer["ticket_id"]
    return Question(name, ticket, answer["queue"]["label"], 1 / (1 + place), tuple(reasons))


def _id_of(sample: Sample, ticket: str) -> str:
    from journal.answered import answered

    return next(iter(answered(sample.engine, [ticket]))).scored[-1].prediction_id


if __name__ == "__main__":
    main()
