"""One family of errors, one table of exit codes, and the page that shows it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from storage import errors
from storage.errors import EXIT_CODES, JobError

ROOT = Path(__file__).resolve().parents[2]
KINDS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, JobError)
]


def test_each_kind_has_a_code_of_the_table_and_each_code_a_kind() -> None:
    assert {kind.exit_code for kind in KINDS} == EXIT_CODES.keys() - {
        errors.DONE,
        errors.TERMINATED,
    }


def test_the_meanings_are_all_different() -> None:
    meanings = [meaning for meaning, _ in EXIT_CODES.values()]
    assert len(set(meanings)) == len(meanings)


def test_the_guide_holds_the_table() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "storage.errors"], cwd=ROOT, capture_output=True, text=True
    )
    assert made.stdout in (ROOT / "docs" / "exit-codes.md").read_text()
    listed = [int(code) for code in re.findall(r"^\| (\d+) \|", made.stdout, re.MULTILINE)]
    assert listed == sorted(EXIT_CODES)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied", "x"), "Permission denied"),
        (OSError("odd"), "odd"),
        (OSError(), "OSError"),
    ],
)
def test_what_the_system_says(error: OSError, said: str) -> None:
    assert errors.describe_os_error(error) == said
