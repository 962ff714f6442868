"""`python -m benchmarks.shadow`: what a challenger in shadow costs those who wait for an answer.

Runs the service with one process and drives it with wrk in pairs, without and with a version in shadow, in turns that
change sides, so that a busy minute is one for both; at a steady load, and as fast as it answers. Prints each pair, the
ratios of p99 and their median, and how much of its share the challenger came to. `--write` renews `docs/shadow.md`.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

import httpx
from rich.console import Console
from rich.markdown import Markdown

from benchmarks.driving import Load, drive, has_wrk
from benchmarks.serving_targets import Target, ours, service
from desk.errors import SettingError, UnknownVersionError
from desk.shadow import SHADOW_SETTING, SHARE, ShadowPolicy
from journal.database import connect, migrate
from journal.environment import Environment, read_environment
from journal.keys import make_key
from journal.promotions import champion
from journal.secret import installation_secret
from journal.settings import put_setting
from serving.launch import address_of
from simulation.export import new_tickets, write_history
from simulation.sample import SampleDesk, generate

__all__ = ["Pair", "main", "tables"]

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "shadow.md"
BEGIN, END = "<!-- benchmark -->\n", "<!-- /benchmark -->"
TICKETS: Final = 2_000
DEMANDED: Final = 1.1
SECONDS_TO_FOLLOW: Final = 60.0
SECONDS_TO_SETTLE: Final = 2.0
STEADY: Final = 0.5
"""Of what it answers as fast as it can."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One run without and one with a version in shadow. load: in words; p50 and p99 in ms, rates in answers a second.

    scored, dropped: tickets that were the challenger's. is_first: whether the run with it came first.
    """

    load: str
    is_first: bool
    rate: float
    rate_in_shadow: float
    p50: float
    p50_in_shadow: float
    p99: float
    p99_in_shadow: float
    scored: int
    dropped: int

    @property
    def ratio(self) -> float:
        """Of the p99."""
        return self.p99_in_shadow / self.p99


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the page where asked to."""
    asked = _parser().parse_args(arguments)
    if not has_wrk():
        raise SettingError("The service is driven by wrk, which is not here: `apt-get install wrk`.")
    with ExitStack() as stack:
        environment = replace(_home(asked, stack), port=asked.port, workers=1)
        before = os.getloadavg()[0]
        pairs = _measure(environment, asked)
    said = [f"{os.cpu_count()} cores, load {before:.1f} before; {asked.connections} connections.", "", *tables(pairs)]
    if asked.json:
        print(json.dumps([asdict(pair) for pair in pairs]))
    else:
        Console(width=160).print(Markdown("\n".join(said)))
    if asked.write:
        _write(said, sys.argv[1:] if arguments is None else arguments, asked.home)
    return 0


def tables(pairs: Sequence[Pair]) -> list[str]:
    """The figures in Markdown: a line a load, and below it every pair."""
    lines = ["| load | p99 with a challenger, of that without | demanded | scored of its share |", "|---|---|---|---|"]
    for load in dict.fromkeys(pair.load for pair in pairs):
        mine = [pair for pair in pairs if pair.load == load]
        came = sum(pair.scored + pair.dropped for pair in mine)
        share = sum(pair.scored for pair in mine) / came if came else 0.0
        ratio = median(pair.ratio for pair in mine)
        lines.append(f"| {load} | {ratio:.2f} (median of {len(mine)} pairs) | at most {DEMANDED} | {share:.1%} |")
    lines += [
        "",
        "| load | first | answers/s | in shadow | p50 ms | in shadow | p99 ms | in shadow | ratio | scored | dropped |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in pairs:
        first = "with" if one.is_first else "without"
        times = f"{one.p50:.2f} | {one.p50_in_shadow:.2f} | {one.p99:.2f} | {one.p99_in_shadow:.2f} | {one.ratio:.2f}"
        rates = f"{one.rate:,.0f} | {one.rate_in_shadow:,.0f}"
        lines.append(f"| {one.load} | {first} | {rates} | {times} | {one.scored:,} | {one.dropped:,} |")
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shadow", description=main.__doc__)
    parser.add_argument("--home", type=Path, help="a POINTSMAN_HOME with a champion and another version")
    parser.add_argument("--version", help="the one in shadow; with --home (else two are trained)")
    parser.add_argument("--tickets", type=int, default=6_000, help="of the sample desk")
    parser.add_argument("--share", type=float, default=SHARE)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10, help="of one run")
    parser.add_argument("--port", type=int, default=3990)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="renew docs/shadow.md")
    return parser


def _home(asked: argparse.Namespace, stack: ExitStack) -> Environment:
    """The home given, or one in which the sample desk has been trained twice, the second time on a little more."""
    if asked.home is not None:
        return read_environment({"POINTSMAN_HOME": str(asked.home)})
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pointsman-bench-")))
    for part in (0.95, 1.0):
        history = folder / "history.jsonl.gz"
        write_history(generate(SampleDesk(tickets=int(part * asked.tickets))), history)
        command = [sys.executable, "-m", "cli.main", "train", str(history), "--json"]
        print("Training a version of the sample desk", file=sys.stderr)
        variables = {**os.environ, "POINTSMAN_HOME": str(folder)}
        subprocess.run(command, env=variables, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return read_environment({"POINTSMAN_HOME": str(folder)})


def _measure(environment: Environment, asked: argparse.Namespace) -> list[Pair]:
    engine = connect(environment.database_url)
    migrate(engine)
    policy = ShadowPolicy(asked.version or _other(environment), asked.share)
    at = datetime.now(UTC)
    _, key = make_key(engine, installation_secret(environment), "the benchmark", ["predict"], who="benchmarks", at=at)
    headers = {"Authorization": f"Bearer {key}"}

    def follow(wanted: ShadowPolicy | None) -> None:
        value = None if wanted is None else wanted.to_json()
        put_setting(engine, SHADOW_SETTING, value, who="benchmarks.shadow", at=datetime.now(UTC))
        _wait(environment, headers, is_scoring=wanted is not None)

    pairs: list[Pair] = []
    try:
        with service(environment):
            follow(None)
            target = ours(environment, new_tickets(SampleDesk(tickets=asked.tickets), TICKETS), headers)[0]
            drive(target.address, target.bodies, asked.connections, 3, headers=headers)
            most = drive(target.address, target.bodies, asked.connections, asked.seconds, headers=headers).rate
            for load, rate in ((f"{STEADY:.0%} of the most offered", STEADY * most), ("as fast as it answers", None)):
                for number in range(asked.pairs):
                    runs: dict[bool, tuple[Load, int, int]] = {}
                    is_first = number % 2 == 1
                    for with_shadow in (is_first, not is_first):
                        follow(policy if with_shadow else None)
                        runs[with_shadow] = _run(environment, target, asked, rate)
                    pairs.append(_pair(load, runs, is_first=is_first))
                    print(f"{load}: {pairs[-1].ratio:.2f}", file=sys.stderr)
    finally:
        put_setting(engine, SHADOW_SETTING, None, who="benchmarks.shadow", at=datetime.now(UTC))
        engine.dispose()
    return pairs


def _run(
    environment: Environment, target: Target, asked: argparse.Namespace, rate: float | None
) -> tuple[Load, int, int]:
    """One run, and how many tickets were scored and dropped for it."""
    before = _counted(environment)
    load = drive(target.address, target.bodies, asked.connections, asked.seconds, headers=target.headers, rate=rate)
    after = _settled(environment)
    return load, after["scored"] - before["scored"], after["dropped"] - before["dropped"]


def _pair(load: str, runs: Mapping[bool, tuple[Load, int, int]], *, is_first: bool) -> Pair:
    without, (beside, scored, dropped) = runs[False][0], runs[True]
    times = (without.p50, beside.p50, without.p99, beside.p99)
    return Pair(load, is_first, without.rate, beside.rate, *times, scored, dropped)


def _other(environment: Environment) -> str:
    """The newest version on this machine that is not the champion."""
    engine = connect(environment.database_url)
    found = champion(engine)
    engine.dispose()
    names = [one.name for one in environment.versions.iterdir() if one.name.isdigit()]
    others = [name for name in names if found is not None and name != found.version]
    if not others:
        raise UnknownVersionError(f"The home {str(environment.home)!r} needs a champion and another version.")
    return max(others, key=int)


def _wait(environment: Environment, headers: Mapping[str, str], *, is_scoring: bool) -> None:
    give_up = time.monotonic() + SECONDS_TO_FOLLOW
    while time.monotonic() < give_up:
        told = httpx.get(f"{address_of(environment)}/v1/model", headers=dict(headers)).json()["shadow"]
        if (told is not None and told["scores"]) == is_scoring:
            time.sleep(SECONDS_TO_SETTLE)
            return
        time.sleep(0.2)
    raise RuntimeError(f"The service did not follow the setting {SHADOW_SETTING!r} in time: {told}.")


def _counted(environment: Environment) -> dict[str, int]:
    said = httpx.get(f"{address_of(environment)}/metrics").text
    found = re.findall(r'^pointsman_shadow_total\{outcome="(\w+)"\} ([\d.e+]+)$', said, re.MULTILINE)
    return {outcome: int(float(count)) for outcome, count in found}


def _settled(environment: Environment) -> dict[str, int]:
    """What is counted once nothing is added any more: the challenger may be behind."""
    counted, since = _counted(environment), time.monotonic()
    give_up = since + SECONDS_TO_FOLLOW
    while time.monotonic() < min(since + 2 * SECONDS_TO_SETTLE, give_up):
        time.sleep(0.5)
        now = _counted(environment)
        if now != counted:
            counted, since = now, time.monotonic()
    return counted


def _write(said: Sequence[str], given: Sequence[str], home: Path | None) -> None:
    shown = ["HOME" if home is not None and one == str(home) else one for one in given]
    command = " ".join(["python -m benchmarks.shadow", *shown])
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    written = "\n".join([f"Written by `{command}`.", "", *said])
    PAGE.write_text(f"{before}{BEGIN}{written}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
