"""The local folder of a search on SageMaker: search.json says whose it is, a run folder a job."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from storage.errors import BadRunError, OutputExistsError
from storage.output_folder import LOCK, held_folder, output_errors

SEARCH_FILE = "search.json"
FORMAT = 1


@contextmanager
def search_folder(output: Path, name: str = "") -> Iterator[Path]:
    """Around a search: no other one uses the folder meanwhile; removed if nothing came into it.

    Args:
        output: made if it is missing.
        name: of the search whose results may be there already; empty for a new one.

    Raises:
        OutputBusyError: another search uses it.
        OutputExistsError: it holds something else.
        BadRunError: its search.json is broken.
        OutputNotWritableError: it can't be written, now or at any time inside.
    """
    with held_folder(output, "run"), output_errors(output):
        _check_free(output, name)
        yield output


def claim(folder: Path, name: str, facts: Mapping[str, Any]) -> None:
    """Notes which search a folder belongs to."""
    content = {"format": FORMAT, "search": name, **facts}
    part = folder / f".{SEARCH_FILE}.part"
    part.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    part.replace(folder / SEARCH_FILE)


def _check_free(output: Path, name: str) -> None:
    others = sorted(path.name for path in output.iterdir() if path.name != LOCK)
    if not others:
        return
    if SEARCH_FILE not in others:
        raise OutputExistsError(f"{output} holds something else than a search: {others[0]}")
    found = _owner(output / SEARCH_FILE)
    if found != name:
        raise OutputExistsError(f"{output} belongs to the search {found}: use another --output")


def _owner(path: Path) -> str:
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["search"])
    except (ValueError, KeyError, TypeError):
        raise BadRunError(f"{path} is no {SEARCH_FILE} of a search") from None
