"""The report in a real browser: wide, narrow, dark, printed."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.training.story.test_page import CASES, page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.parametrize("case", ["all known", "75 queues", "hostile names"])
def test_nothing_is_cut_off_nothing_is_loaded_and_nothing_runs(browser: Any, tmp_path: Path, case: str) -> None:
    path = tmp_path / "report.html"
    path.write_text(page(CASES[case]), encoding="utf-8")
    for width in (390, 1000):
        shown = browser.new_page(viewport={"width": width, "height": 800})
        told: list[str] = []
        shown.on("dialog", lambda dialog, told=told: (told.append("dialog"), dialog.dismiss()))
        shown.on("console", lambda message, told=told: told.append(message.text))
        shown.on("request", lambda request, told=told: told.append(request.url))
        shown.goto(path.as_uri())
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        assert told == [path.as_uri()]
        shown.close()


def test_dark_is_dark_and_a_print_has_every_queue(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(page(CASES["75 queues"]), encoding="utf-8")
    shown = browser.new_page(color_scheme="dark")
    shown.goto(path.as_uri())
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 25, 30)"
    shown.emulate_media(media="print")
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert shown.get_by_role("row").filter(has_text="Team 74").count() == 1
    assert shown.get_by_role("table").count() >= 3
    shown.set_viewport_size({"width": 390, "height": 800})
    shown.emulate_media(media="screen")
    assert shown.get_by_role("table").count() >= 3  # cards are rows of a table still, for who hears them
    shown.close()
