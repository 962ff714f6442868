"""The page of the service under load: every figure beside what was demanded and beside the others."""

from benchmarks.driving import Load, _read
from benchmarks.serving_page import Served, page, tables
from benchmarks.serving_runs import Overload, Row
from benchmarks.serving_targets import FLOOR, MLFLOW, OURS, OURS_WITH_ALL

FOUND = Served(
    tickets=100_000,
    queues=75,
    cores=2,
    load=0.25,
    rows=[
        Row(FLOOR, 8, 1_000.0, 8.0, 30.0, 0, 1.0),
        Row(OURS, 8, 1_100.0, 7.0, 20.0, 0, 1.1),
        Row(OURS_WITH_ALL, 8, 500.0, 16.0, 40.0, 2, 0.5),
        Row(MLFLOW, 8, 110.0, 70.0, 90.0, 0, 0.11),
    ],
    waits=[Row(FLOOR, 8, 600.0, 2.0, 12.0, 0, 1.0), Row(OURS, 8, 600.0, 1.0, 6.5, 0, 1.0)],
    batches={1: 1_600.0, 2: 2_400.0},
    overload=Overload(160, 1_100.0, 990.0, {200: 9_900, 503: 1_200}, 0, 200.0, 2.5, 2.75),
    megabytes={1: [300.0], 2: [250.0, 260.0]},
    ready=3.25,
    stages={"score it": 0.0005},
)

SAID = """Running 2s test @ http://127.0.0.1:3990/v1/triage
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    14.01ms    6.04ms  71.33ms   91.22%
    Req/Sec   600.10     90.20   760.00     70.00%
  Latency Distribution
     50%   12.50ms
     75%   15.00ms
     90%   19.00ms
     99%    1.25s
  1200 requests in 2.00s, 1.00MB read
  Socket errors: connect 1, read 2, write 0, timeout 3
  Non-2xx or 3xx responses: 200
Requests/sec:    600.00
Transfer/sec:      0.50MB
status 200 1000
status 503 200
"""


def test_what_wrk_says_is_read_by_status() -> None:
    assert _read(SAID) == Load(rate=500.0, p50=12.5, p99=1250.0, statuses={200: 1000, 503: 200}, broken=6)


def test_each_figure_stands_beside_what_was_demanded() -> None:
    lines = list(tables(FOUND))
    assert f"| {OURS}, 8 at once | 1.10 of the floor | at least 0.9 |" in lines
    assert f"| {OURS_WITH_ALL}, 8 at once | 0.50 of the floor | at least 0.45 |" in lines
    assert f"| {OURS}, 8 at once | 10.0 times `{MLFLOW}` | at least 5 |" in lines
    assert "| p99 at the same load, 8 at once | 6.5 ms | no higher than the floor's 12.0 ms |" in lines
    assert "| batches of 100, one process | 1,600 tickets/s | above 1,500 on two cores |" in lines
    assert "| their good answers | 0.90 of the peak | at least 0.8 |" in lines
    assert "| 160 at once | 9,900 × 200, 1,200 × 503; 0 broken | nothing but 200, 429, 503 |" in lines
    assert "| a process, 2 of them | 255 MB | under 350 |" in lines
    assert "| ready after its start | 3.2 s | within 5 |" in lines


def test_the_page_says_how_it_was_written() -> None:
    assert "Written by `python -m benchmarks.serving --write`." in list(
        page(FOUND, "python -m benchmarks.serving --write")
    )
