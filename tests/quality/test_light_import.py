"""Importing Great Expectations: what it does not need is hidden from it, and from nobody else."""

import importlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from quality import light_import

HIDDEN = "colorsys"


def test_what_is_hidden_is_hidden_from_one_thread_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, HIDDEN, raising=False)
    monkeypatch.setattr(light_import, "HIDDEN", (HIDDEN,))
    with light_import.lightened(), ThreadPoolExecutor(1) as other:
        with pytest.raises(ModuleNotFoundError) as caught:
            importlib.import_module(HIDDEN)
        assert caught.value.name == HIDDEN
        assert other.submit(importlib.import_module, HIDDEN).result().__name__ == HIDDEN
    monkeypatch.delitem(sys.modules, HIDDEN)
    assert importlib.import_module(HIDDEN).rgb_to_hls


def test_what_is_deferred_is_imported_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    monkeypatch.setattr(light_import, "DEFERRED", ("colorsys",))
    with light_import.lightened():
        stand_in = importlib.import_module("colorsys")
        assert type(stand_in) is light_import.Deferred
    assert stand_in.rgb_to_hls is importlib.import_module("colorsys").rgb_to_hls


EARLY = """
import sys
from quality import light_import
light_import.import_gx_early()
gx = light_import.import_gx()
assert gx.expectations.ExpectColumnMaxToBeBetween
assert "sqlalchemy" not in sys.modules
import sqlalchemy
"""


def test_an_early_import_is_waited_for_and_leaves_nothing_hidden() -> None:
    done = subprocess.run([sys.executable, "-c", EARLY], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_may_end_before_an_early_import_does() -> None:
    code = "from quality import light_import as one; one.import_gx_early()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
