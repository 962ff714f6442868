"""`make readme`: puts real output into README.md: the demo's, and the answer to the ticket that it shows.

Runs `pointsman demo --once` in a folder of its own, then asks the service about README's ticket.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import httpx

from journal.environment import read_environment
from serving.launch import address_of, running_service

README: Final = Path(__file__).resolve().parent.parent / "README.md"
PORT: Final = "3977"


def main() -> None:
    """Run the demo, ask about the ticket, write README.md."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {**os.environ, "POINTSMAN_HOME": f"{folder}/var", "POINTSMAN_PORT": PORT, "COLUMNS": "100"}
        variables["POINTSMAN_KEYS"] = "off"  # as the demo has it: nobody needs a key to try it
        script = str(Path(sys.executable).parent / "pointsman")
        said = subprocess.run([script, "demo", "--once"], env=variables, capture_output=True, text=True, check=True)
        page = README.read_text(encoding="utf-8")
        page = _replaced(page, "demo", "text", _shown(said.stdout, folder))
        environment = read_environment(variables)
        with (environment.home / "service.log").open("ab") as log, running_service(environment, log):
            answer = httpx.post(f"{address_of(environment)}/v1/triage", json=ticket_of(page), timeout=10).json()
        page = _replaced(page, "ticket", "json", json.dumps(answer, indent=1, ensure_ascii=False))
    README.write_text(page, encoding="utf-8")


def ticket_of(page: str) -> dict[str, object]:
    """The request body that README shows being sent."""
    sent = re.search(r"<<'END'\n(.*?)\nEND\n", page, re.DOTALL)
    if sent is None:
        raise ValueError("README.md shows no ticket between <<'END' and END.")
    return dict(json.loads(sent[1]))


def _shown(said: str, folder: str) -> str:
    lines = (line.rstrip() for line in said.replace(f"{folder}/", "").replace(PORT, "3000").strip().splitlines())
    return "\n".join(lines)


def _replaced(page: str, marker: str, language: str, text: str) -> str:
    block = re.compile(rf"(<!-- {marker} -->.*?```{language}\n).*?(```\n<!-- /{marker} -->)", re.DOTALL)
    return block.sub(lambda found: f"{found[1]}{text}\n{found[2]}", page)


if __name__ == "__main__":
    main()
