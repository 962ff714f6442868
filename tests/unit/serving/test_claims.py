"""A name that one process holds no other does, until it lets go or ends."""

import subprocess
import sys
from pathlib import Path

from serving.claims import Claims

NAME, OTHER = "f" * 32, "0" * 32
HOLD = """
import sys
from pathlib import Path
from serving.claims import Claims
with Claims().held(Path(sys.argv[1]), sys.argv[2]) as is_ours:
    print(is_ours, flush=True)
    sys.stdin.readline()
"""


def test_another_process_holds_it_until_it_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "log"), NAME]
    claims = Claims()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with claims.held(tmp_path / "log", NAME) as is_ours, claims.held(tmp_path / "log", OTHER) as is_other_ours:
            assert (is_ours, is_other_ours) == (False, True)
        holder.kill()
    with claims.held(tmp_path / "log", NAME) as is_ours:
        assert is_ours
        refused = subprocess.run(command, input="", capture_output=True, text=True, check=True)
        assert refused.stdout == "False\n"
    assert subprocess.run(command, input="", capture_output=True, text=True, check=True).stdout == "True\n"


def test_where_nothing_can_be_written_nobody_is_held_up(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("no folder")
    with Claims().held(tmp_path / "log", NAME) as is_ours:
        assert is_ours
