"""Drives an address with POST requests over a fixed number of connections, by wrk. Knows nothing of what is driven."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Load", "drive", "has_wrk"]

MILLISECONDS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0}
FORM_OF_A_STATUS: Final = re.compile(r"^status (\d+) (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Load:
    """What one run saw: answers of 2xx a second, latencies of all answers in milliseconds, answers by status.

    broken: connections that failed or timed out.
    """

    rate: float
    p50: float
    p99: float
    statuses: Mapping[int, int] = field(default_factory=dict)
    broken: int = 0


def has_wrk() -> bool:
    """Whether wrk is here."""
    return shutil.which("wrk") is not None


def drive(
    address: str,
    bodies: Sequence[bytes],
    connections: int,
    seconds: float,
    *,
    headers: Mapping[str, str] | None = None,
    rate: float | None = None,
) -> Load:
    """POST the bodies in turn for `seconds`, each connection sending its next when it has its answer.

    rate: requests a second that are offered in all; without it as many as are answered. Raises `RuntimeError` where wrk
    says nothing that is understood.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua", encoding="utf-8") as script:
        script.write(_script(bodies, headers or {}, None if rate is None else 1000 * connections / rate))
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "30s", "--latency"]
        said = subprocess.run([*command, "-s", script.name, address], capture_output=True, text=True, check=True).stdout
    return _read(said)


def _read(said: str) -> Load:
    took = re.search(r"requests in ([\d.]+)(m|s|ms),", said)
    statuses = {int(status): int(count) for status, count in FORM_OF_A_STATUS.findall(said)}
    if took is None:
        raise RuntimeError(f"wrk said nothing that is understood here: {said!r}")
    seconds = float(took[1]) * {"m": 60, "s": 1, "ms": 0.001}[took[2]]
    good = sum(count for status, count in statuses.items() if 200 <= status < 300)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    failed = sum(int(one) for one in broken.groups()) if broken else 0
    return Load(good / seconds, _latency(said, 50), _latency(said, 99), statuses, failed)


def _latency(said: str, percent: int) -> float:
    found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", said)
    return float(found[1]) * MILLISECONDS[found[2]] if found else float("nan")


def _script(bodies: Sequence[bytes], headers: Mapping[str, str], pause: float | None) -> str:
    """Requests are put together once: the driver has a core to share with what it drives."""
    # Lua's strings between long brackets need no escapes; JSON never holds the closing one.
    listed = ",\n".join(f"[=====[{body.decode()}]=====]" for body in bodies)
    named = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in headers.items())
    waits = "" if pause is None else f"function delay() return math.random() * {2 * pause:.4f} end"
    return f"""
local bodies = {{{listed}}}
local requests = {{}}
local sent = 0
local threads = {{}}
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
{named}
function setup(thread) table.insert(threads, thread) end
function init()
  statuses = {{}}
  for place, body in ipairs(bodies) do requests[place] = wrk.format(nil, nil, nil, body) end
end
function request()
  sent = sent + 1
  return requests[sent % #requests + 1]
end
function response(status) statuses[status] = (statuses[status] or 0) + 1 end
{waits}
function done()
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do print("status " .. status .. " " .. count) end
  end
end
"""
