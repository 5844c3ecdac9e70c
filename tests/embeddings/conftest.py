"""The corpus of the training tests."""

from pathlib import Path

import made_up_company
import pytest


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 lines, 20,000 tokens, 20 words."""
    path = tmp_path_factory.mktemp("corpus") / "corpus.txt"
    path.write_text("\n".join(made_up_company.make_lines(2000)) + "\n")
    return path
