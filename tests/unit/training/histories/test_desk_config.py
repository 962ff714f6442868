from pathlib import Path

import pytest

from desk.errors import DeskConfigError
from training.histories.desk_config import DeskConfig, read_desk_config

WHOLE = """
[columns]
queue = "assignment_group"
body = "Description"
[labels]
escalated = "reassignment_count >= 2 || reopen_count > 0"
priority_order = ["1-Critical", "2-High"]
[ignore]
columns = ["closed_code"]
[queues]
Billing = "invoices and refunds"
" Data Protection " = '''
  access to and erasure
  of personal data'''
"""


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "desk.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_whole_config_is_read(tmp_path: Path) -> None:
    assert read_desk_config(written(tmp_path, WHOLE)) == DeskConfig(
        columns={"queue": "assignment_group", "body": "Description"},
        escalated="reassignment_count >= 2 || reopen_count > 0",
        priority_order=("1-Critical", "2-High"),
        ignored=("closed_code",),
        queues={"Billing": "invoices and refunds", "Data Protection": "access to and erasure of personal data"},
    )


def test_without_a_file_nothing_is_changed() -> None:
    assert read_desk_config(None) == DeskConfig()


def test_an_empty_file_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    assert read_desk_config(written(tmp_path, "")) == DeskConfig()
    assert read_desk_config(written(tmp_path, "\ufeff" + WHOLE)).ignored == ("closed_code",)


@pytest.mark.parametrize(
    "config",
    [DeskConfig(), DeskConfig({"queue": "g"}, "reopen_count > 0", ("P1", "P2"), ("x",), {"Q": "what it is for"})],
)
def test_the_form_in_a_manifest_gives_the_same_config_back(config: DeskConfig) -> None:
    assert DeskConfig.from_json(config.to_json()) == config


def test_numbers_in_the_priority_order_are_labels_and_labels_are_text(tmp_path: Path) -> None:
    assert read_desk_config(written(tmp_path, "[labels]\npriority_order = [1, 2]")).priority_order == ("1", "2")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[colums]\n", r"no table \[colums\].*Did you mean 'columns'"),
        ("[columns]\nqueu = 'g'", "no key 'queu'.*Did you mean 'queue'"),
        ("[labels]\nescalate = 'a'", "no key 'escalate'.*Did you mean 'escalated'"),
        ("[ignore]\ncolumn = []", "no key 'column'.*Did you mean 'columns'"),
        ("[columns]\nqueue = 3", "must be the name of a column, not 3"),
        ("[columns]\nqueue = 'a'\nproduct = 'a'", "gives 'a' to both 'queue' and 'product'"),
        ("columns = 3", "must be a table"),
        ("[labels]\nescalated = true", "must be an expression in quotes, not True"),
        ("[labels]\nescalated = 'a >='", "not valid CEL: 'a >='"),
        ("[labels]\nescalated = ''", "must be an expression"),
        ("[labels]\npriority_order = 'high'", "must be a list of names, not 'high'"),
        ("[labels]\npriority_order = ['a', 'a']", "holds 'a' twice"),
        ("[ignore]\ncolumns = [['a']]", "must be a list of names"),
        ("[queue]\nBilling = 'refunds'", r"no table \[queue\].*Did you mean 'queues'"),
        ("[queues]\nBilling = ''", "'Billing' must say in a line of text what the queue is for, not ''"),
        ("[queues]\nBilling = 3", "not 3"),
        ("[queues]\n'a' = 'x'\n' a' = 'y'", "' a' must be the name of a queue, and each be named once"),
        ("queues = 'Billing'", r"must be a table, \[queues\]"),
        ("[ignore\n", "not valid TOML"),
        (b"[ignore]\ncolumns = ['\xff']", "must be UTF-8"),
    ],
)
def test_a_mistake_gets_one_clear_line(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(DeskConfigError, match=says) as raised:
        read_desk_config(written(tmp_path, text))
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeskConfigError, match=r"Cannot read the desk config '.*none\.toml': No such file"):
        read_desk_config(tmp_path / "none.toml")


def test_a_config_that_was_kept_before_queues_were_described_describes_none() -> None:
    kept = DeskConfig(ignored=("x",)).to_json()
    del kept["queues"]
    assert DeskConfig.from_json(kept) == DeskConfig(ignored=("x",))


def test_a_kept_config_of_another_shape_is_refused() -> None:
    with pytest.raises(DeskConfigError, match="The kept desk config"):
        DeskConfig.from_json({"columns": {"nonsense": "x"}})
