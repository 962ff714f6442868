"""Drives an address with POST requests over a fixed number of connections: wrk, or a small driver where it is absent.

Knows nothing of what is driven.
"""

import asyncio
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import httpx

__all__ = ["Load", "drive", "has_wrk"]

MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What one run saw: answers a second, latencies in milliseconds, answers that were no 2xx."""

    rate: float
    p50: float
    p99: float
    refused: int


def has_wrk() -> bool:
    """Whether wrk is here."""
    return shutil.which("wrk") is not None


def drive(address: str, bodies: Sequence[dict[str, Any]], connections: int, seconds: float) -> Load:
    """POST the bodies in turn for `seconds`, each connection sending its next when it has its answer."""
    raw = [json.dumps(body) for body in bodies]
    if has_wrk():
        return _wrk(address, raw, connections, seconds)
    return asyncio.run(_plain(address, raw, connections, seconds))


def _wrk(address: str, bodies: list[str], connections: int, seconds: float) -> Load:
    with tempfile.NamedTemporaryFile("w", suffix=".lua", encoding="utf-8") as script:
        script.write(_script(bodies))
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency", "-s", script.name, address]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if rate is None:
        raise RuntimeError(f"wrk said nothing that is understood here: {said!r}")
    return Load(float(rate[1]), _latency(said, 50), _latency(said, 99), int(refused[1]) if refused else 0)


def _script(bodies: list[str]) -> str:
    # Lua's strings between long brackets need no escapes; JSON never holds the closing one.
    listed = ",\n".join(f"[=====[{body}]=====]" for body in bodies)
    return f"""
local bodies = {{{listed}}}
local sent = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
function request()
  sent = sent + 1
  return wrk.format(nil, nil, nil, bodies[sent % #bodies + 1])
end
"""


def _latency(said: str, percent: int) -> float:
    found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", said)
    return float(found[1]) * MILLISECONDS[found[2]] if found else float("nan")


async def _plain(address: str, bodies: list[str], connections: int, seconds: float) -> Load:
    latencies: list[float] = []
    refused = 0
    give_up = time.perf_counter() + seconds

    async def one(client: httpx.AsyncClient, place: int) -> None:
        nonlocal refused
        while time.perf_counter() < give_up:
            began = time.perf_counter()
            body = bodies[place % len(bodies)]
            answer = await client.post(address, content=body, headers={"Content-Type": "application/json"})
            latencies.append((time.perf_counter() - began) * 1000)
            refused += not answer.is_success
            place += connections

    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=connections)) as client:
        await asyncio.gather(*(one(client, place) for place in range(connections)))
    cuts = quantiles(latencies, n=100)
    return Load(len(latencies) / seconds, cuts[49], cuts[98], refused)
