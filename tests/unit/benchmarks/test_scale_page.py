"""The page of speed and size: every figure beside what was demanded and beside the others, ratios worked by hand."""

from benchmarks.scale_page import page, tables
from benchmarks.scaling import ENCODER, LINEAR, SCORED, TREES, WHOLE_FILE, WITH_ENCODER, WITHOUT_START, Measured

FOUND = Measured(
    tickets=100_000,
    queues=75,
    cores=2,
    load=0.25,
    drawn=40.0,
    encoder=50.0,
    has_table=True,
    training=420.0,
    gigabytes=3.25,
    stages={"learning": 300.0, "evidence": 60.0},
    ones={SCORED: 0.0004, LINEAR: 0.0009, TREES: 0.003, ENCODER: 0.006, WITH_ENCODER: 0.0069, "words": 0.002},
    rates={WHOLE_FILE: 2_500.0, WITHOUT_START: 4_000.0, "words": 8_000.0},
    learned={"words": 90.0},
    rows={"words": 100_000},
)


def test_each_figure_stands_beside_what_was_demanded() -> None:
    lines = list(tables(FOUND))
    assert "| one ticket, scored | 0.40 ms | under 0.5 ms |" in lines
    assert f"| one ticket, {WITH_ENCODER} | 1.15 times the encoder's own 6.0 ms | at most 1.3 times |" in lines
    assert f"| {WITHOUT_START}, 30,000 tickets | 4,000 tickets/s | above 3,000 |" in lines
    assert "| training | 7.0 min | under 8 at 100,000 tickets |" in lines
    assert "| learning | 300 |" in lines


def test_others_stand_beside_with_ratios() -> None:
    assert "| words | 2.00 ms | 5.0 | 8,000/s | 2.00 | 90 s, 100,000 rows |" in list(tables(FOUND))


def test_the_page_says_how_it_was_written() -> None:
    assert "Written by `python -m benchmarks.scale --tickets 100000 --queues 75 --write`." in list(page(FOUND))
