"""The page says it in plain words, escapes what others named, loads nothing, and reads for whoever sees differently."""

import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.training.story.stories import (
    HOSTILE,
    SECRET,
    about,
    few,
    material,
    rows,
    sure,
    unsure,
    worth,
)
from training.evidence.confusion import MixUp
from training.story.page.frame import render_page
from training.story.page.pictures import whole_counts
from training.story.story import Material, tell_story

JARGON = re.compile(
    r"\b(F1|macro|AUROC|AUC|ECE|MCC|kappa|Brier|calibrat\w*|precision|recall|accuracy|confidence|probabilit\w*|threshold"
    r"|interval|bootstrap|coverage|classifier|classif\w*|dataset|held-out|golden|champion|challenger|novel\w*|head|labels?"
    r"|logits?|softmax|models?|baseline|vectors?|embedding|regression|statistical\w*|significan\w*|percentile|drifted"
    r"|false positives?|true positives?|sigma|p-value|training set|test set|(?-i:NaN|None)|inf)\b",
    re.IGNORECASE,
)
BARE = {
    "about": about(
        window=None,
        skipped={"priority": "3 labelled rows", "breach": "none"},
        too_little=["priority"],
        priority_order=[],
        rare_labels={"queue": {"Orders": 3}},
    ),
    "rows": rows(transfers=False),
    "second": None,
    "mix_ups": None,
    "before": None,
    "gate": None,
    "watched": None,
    "holdback": 0.0,
}
KINDS = (sure(), unsure(), few())


def many(count: int) -> Mapping[str, object]:
    return {f"Team {number:02d}": KINDS[number % 3] for number in range(count)}


def without(kept: tuple[str, ...]) -> Material:
    made = material()
    return replace(made, evidence={head: made.evidence[head] for head in made.evidence if head in kept})


CASES: Mapping[str, Material] = {
    "all known": material(worth={"queue": worth()}),
    "few held back": material(worth={"queue": worth(held_back=3)}),
    "hardly anything known": material(**BARE),
    "no history here": material(rows=None),
    "nothing sent": material({"Billing": unsure(), "Access": few()}),
    "one queue in breach": material(fallen={"queue": frozenset({"Billing"})}),
    "75 queues": material(many(75)),  # type: ignore[arg-type]
    "hostile names": material(
        {name: KINDS[place % 3] for place, name in enumerate(HOSTILE)},
        mix_ups=(MixUp(HOSTILE[0], HOSTILE[2], 5, 0.1), MixUp(HOSTILE[3], HOSTILE[1], 4, 0.1)),
    ),
    "no queue": without(("priority",)),
    "queue alone": without(("queue",)),
}


def page(made: Material) -> str:
    return render_page(tell_story(made))


def words_of(html: str) -> str:
    """What a reader reads, without what is to be typed."""
    html = re.sub(r"<style>.*?</style>|<code>.*?</code>", " ", html, flags=re.DOTALL)
    spoken = " ".join(re.findall(r'aria-label="([^"]*)"', html))
    return re.sub(r"<[^>]+>", " ", html) + " " + spoken


class Tree(HTMLParser):
    """Whether every element ends, and which there are."""

    VOID = frozenset({"meta", "rect", "path", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tree(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parsed = Tree()
    parsed.feed(html)
    assert not parsed.open
    return parsed.seen


@pytest.mark.parametrize("case", CASES)
def test_no_jargon_and_no_number_that_is_none(case: str) -> None:
    assert not JARGON.findall(words_of(page(CASES[case])))


@pytest.mark.parametrize("case", CASES)
def test_no_word_of_a_ticket(case: str) -> None:
    assert SECRET not in page(CASES[case])
    assert CASES[case].rows is None or SECRET in CASES[case].rows[0].ticket.body


@pytest.mark.parametrize("case", CASES)
def test_it_is_well_formed_loads_nothing_and_runs_nothing(case: str) -> None:
    html = page(CASES[case])
    elements = tree(html)
    assert not {"script", "link", "img", "iframe", "object", "form"} & {tag for tag, _ in elements}
    for _, attributes in elements:
        assert not {"src", "href", "srcset", "style"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
    assert not re.search(r"url\(|@import|https?:", html)
    assert "default-src 'none'" in html


@pytest.mark.parametrize("case", CASES)
def test_headings_tables_and_pictures_can_be_heard(case: str) -> None:
    elements = tree(page(CASES[case]))
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    tags = [tag for tag, _ in elements]
    assert tags.count("table") == tags.count("caption") == tags.count("thead")
    assert all(attributes.get("scope") in ("row", "col") for tag, attributes in elements if tag == "th")
    for tag, attributes in elements:
        assert tag != "svg" or attributes.get("aria-hidden") == "true" or attributes.get("aria-label")
    names = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(names) == len(set(names))


def test_names_of_others_are_escaped_and_kept_apart_in_direction() -> None:
    html = page(CASES["hostile names"])
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert 'onload="x' not in html
    assert "<bdi>خدمة العملاء</bdi>" in html
    assert "--label &#x27;O&#x27;\\&#x27;&#x27;Neil" in page(material({"O'Neil": sure()}))


def test_many_queues_are_told_in_a_dozen_lines_and_all_at_the_end() -> None:
    html = page(CASES["75 queues"])
    assert "64 other queues" in html
    assert '<h2 id="all">' in html
    for number in range(75):
        assert f"Team {number:02d}" in html
    assert '<h2 id="all">' not in page(material())


def test_both_the_measured_and_the_estimated_are_named() -> None:
    words = " ".join(words_of(page(CASES["all known"])).split())
    assert "Measured in daily work on 200 tickets" in words
    assert "Counted beforehand it was" in words
    assert "The measured figure is the one above." in words
    assert "the count beforehand stands above" in " ".join(words_of(page(CASES["few held back"])).split())


def test_what_is_not_known_is_said_with_what_would_make_it_known() -> None:
    html = page(CASES["hardly anything known"])
    for words in ("reassignment_count", "has no times", "priority_order", "holdback 0.03", "Not measured yet"):
        assert words in html


def test_the_assumption_of_minutes_is_stated() -> None:
    assert "12.5 minutes of people's work" in words_of(page(material(minutes=12.5))).replace("&#x27;", "'")


@given(st.lists(st.floats(0, 1000), min_size=4, max_size=4).filter(lambda counts: sum(counts) > 0))
@example([5e-324, 2.0, 0.0, 0.0])
@example([5e-324, 5e-324, 0.0, 1000.0])
def test_counts_in_whole_tickets_add_up_to_a_thousand_and_none_that_is_there_is_lost(counts: list[float]) -> None:
    whole = whole_counts(counts, 1000)
    assert sum(whole) == 1000
    for exact, shown in zip(counts, whole, strict=True):
        assert (shown > 0) == (exact > 0)


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_contrast_is_enough_for_text_and_for_marks(scheme: int) -> None:
    """WCAG 2.2: 4.5 to 1 for text, 3 to 1 for what pictures are made of."""
    style = files("training.story.page").joinpath("page.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", blocks[scheme]))
    for ground in ("paper", "wash"):
        assert min(contrast(colours[ink], colours[ground]) for ink in ("ink", "quiet")) >= 4.5
        assert min(contrast(colours[mark], colours[ground]) for mark in ("right", "wrong", "suggested", "left")) >= 3


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
