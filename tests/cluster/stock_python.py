"""A Python as a cluster's image has it: its own standard library, and a few packages at most."""

import subprocess
import sys
import sysconfig
import venv
from importlib import metadata
from pathlib import Path

WORKER_PACKAGES = ("numpy", "pandas", "python-dateutil", "pyarrow", "six")
"""What the workers need, and what that needs."""


def make_stock_python(folder: Path, packages: tuple[str, ...] = WORKER_PACKAGES) -> Path:
    """A Python of this minor version with only these packages, linked from where they are now.

    Returns:
        The path of its interpreter.
    """
    venv.create(folder, symlinks=True, with_pip=False)
    python = folder / "bin" / "python"
    site = Path(_ask(python, "import sysconfig; print(sysconfig.get_path('purelib'))"))
    for package in packages:
        for name in _top_levels(package):
            link, target = site / name, Path(sysconfig.get_path("purelib")) / name
            if target.exists() and not link.exists():
                link.symlink_to(target)
    return python


def cannot_import(python: Path, modules: list[str]) -> list[str]:
    """Which of these modules a Python does not find."""
    said = _ask(
        python,
        "import importlib.util as u, sys; "
        "print(*[name for name in sys.argv[1:] if u.find_spec(name) is None])",
        *modules,
    )
    return said.split()


def _top_levels(package: str) -> set[str]:
    """First parts of the paths of all its files: packages, modules, metadata, shared libraries."""
    files = metadata.files(package)
    assert files, f"{package} has no record of its files in {sys.prefix}"
    return {file.parts[0] for file in files if file.parts[0] not in ("..", "__pycache__")}


def _ask(python: Path, code: str, *arguments: str) -> str:
    command = [str(python), "-I", "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
