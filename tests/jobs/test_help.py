"""Each command's `--help`: what it must not wait for."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ("boto3", "gensim", "great_expectations", "matplotlib", "numpy", "pandas", "pyspark")
COMMANDS = [path.stem for path in (ROOT / "jobs").glob("[!_]*.py")]


def test_no_command_imports_what_takes_seconds_before_its_arguments_are_read() -> None:
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    job = importlib.import_module(f'jobs.{name}')\n"
        f"    for package in set({HEAVY}) & set(sys.modules):\n"
        "        sys.exit(f'jobs/{name}.py imports {package}')\n"
    )
    command = [sys.executable, "-c", code, *COMMANDS]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.stderr, result.returncode) == ("", 0)
    assert len(COMMANDS) > 10
