from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.chance import pick_weighted, stream
from simulation.content import LANGUAGES, read_content
from simulation.details import MAKERS
from simulation.template import Slot, Template, compile_template, fill

PLAIN = st.text(alphabet="abc ,.!?(){}|", max_size=30).map(lambda text: f"x{text}x")


def slots_in(template: Template) -> set[str]:
    found: set[str] = set()
    for part in template:
        if isinstance(part, Slot):
            found.add(part.name)
        elif isinstance(part, tuple):
            found |= set().union(*map(slots_in, part))
    return found


def test_every_wording_comes_up_and_no_other() -> None:
    template = compile_template("It <works|fails> <now|>.")
    said = {fill(template, Random(seed), {}) for seed in range(60)}
    assert said == {"It works now.", "It works.", "It fails now.", "It fails."}


def test_a_slot_inside_a_wording_is_filled() -> None:
    template = compile_template("<{a} and {b}|{b}>")
    assert {fill(template, Random(seed), {"a": "1", "b": "2"}) for seed in range(30)} == {"1 and 2", "2"}


def test_a_slot_without_a_filling_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill(compile_template("{nobody}"), Random(1), {})


def test_indented_lines_of_a_quoted_log_keep_their_indent() -> None:
    assert fill(compile_template("a:\n    at b\n\tat c"), Random(1), {}) == "a:\n    at b\n\tat c"


@given(PLAIN.filter(lambda text: "{" not in text and "  " not in text and " ." not in text and " ," not in text))
def test_text_without_gaps_stays_as_it_is(text: str) -> None:
    assert fill(compile_template(text), Random(1), {}) == text


def test_every_slot_of_the_content_can_be_filled() -> None:
    content = read_content()
    wordings = [*content.traces]
    wordings += [
        one for kinds in (*content.phrases.values(), *content.thread.values()) for w in kinds.values() for one in w
    ]
    wordings += [one for cue in content.cues.values() for w in cue.says.values() for one in w]
    for topic in content.topics:
        wordings += [*topic.resolutions, *(one for w in (*topic.says.values(), *topic.subjects.values()) for one in w)]
    assert set().union(*map(slots_in, wordings)) <= {*MAKERS, "product", "own_id"}


def test_every_topic_names_a_rival_of_another_department_and_speaks_every_language() -> None:
    content = read_content()
    topics = {topic.name: topic for topic in content.topics}
    assert len(topics) == len(content.topics)
    for topic in topics.values():
        assert set(topic.says) == set(LANGUAGES)
        assert topic.rival in topics, topic.name


def test_a_stream_depends_on_its_seed_and_its_name_only() -> None:
    assert stream(1, "a", 2).random() == stream(1, "a", 2).random()
    assert len({stream(seed, name).random() for seed in (1, 2) for name in "ab"}) == 4


def test_weights_are_kept_in_proportion() -> None:
    rng = Random(3)
    drawn = [pick_weighted(rng, {"a": 3.0, "b": 1.0}) for _ in range(4000)]
    # Four standard deviations of a share of 0.75 among 4,000 are 0.027.
    assert abs(drawn.count("a") / 4000 - 0.75) < 0.027
