"""Our own commands as a shell takes them, for whoever reads an error: paste, Enter."""

import os
import shlex
import shutil
import sys
from pathlib import Path

JOBS = Path(__file__).resolve().parents[1] / "jobs"
CARRIED = ("AWS_PROFILE",)
"""Variables that the next shell may lack, beside the region."""


def job_command(script: str, *words: str, region: str = "") -> str:
    """The command line of one of our jobs, from this folder and for this interpreter.

    Args:
        script: its file.
        words: its arguments, not quoted.
        region: of AWS, in which it has to look.
    """
    variables = {"AWS_REGION": region} | {name: os.environ.get(name, "") for name in CARRIED}
    python, path = Path(sys.executable), JOBS / script
    on_path = shutil.which("python")
    command = [
        "python" if on_path and Path(on_path).parent == python.parent else str(python),
        str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path),
    ]
    set_before = [f"{name}={shlex.quote(value)}" for name, value in variables.items() if value]
    return " ".join([*set_before, shlex.join([*command, *words])])
