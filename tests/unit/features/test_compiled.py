"""Addresses of arrays, and functions of compiled code that is not there."""

import numpy as np
import pytest

from features.compiled import address_of, address_or_nought, compiled


@pytest.mark.parametrize("kind", [np.float32, np.int64, np.bool_])
def test_an_address_is_the_arrays_own(kind: type[np.generic]) -> None:
    array = np.zeros((3, 4), kind)
    assert address_of(array) == array.ctypes.data
    assert address_of(array[1:]) == array.ctypes.data + array.strides[0]
    array.flags.writeable = False
    assert address_of(array) == array.ctypes.data
    assert address_of(np.empty(0, kind)) >= 0
    assert address_or_nought(None) == 0


def test_what_does_not_lie_in_one_piece_is_refused() -> None:
    for array in (np.zeros((3, 4))[:, 1], np.zeros(9)[::-1]):
        with pytest.raises(ValueError, match="in one piece"):
            address_of(array)


def test_without_compiled_code_its_functions_fail_when_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("features.compiled._QUICK", None)
    function = compiled("pointsman_sum")
    with pytest.raises(RuntimeError, match="no compiled code"):
        function()
