"""What Amazon MWAA takes: plugins.zip, requirements.txt, and a constraints file for both.

    curl -fsS URL OF AIRFLOW'S CONSTRAINTS | python -m deploy.mwaa > dags/constraints.txt

MWAA installs under Airflow's own constraints unless the requirements name a file of the DAGs
folder, and those pin an older Amazon provider than the DAG takes. The edited copy has the versions
that were tested, `requirements/airflow.lock`, of that provider and what it needs.

Airflow imports every module of the plugins folder as a plugin, but what `.airflowignore` names; a
line such as `aws/` means the same as a glob (Airflow 3) and as a regular expression (older ones).
Sources: MWAA user guide, "Installing custom plugins", "Installing Python dependencies".
"""

import re
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "airflow.lock"
CONSTRAINTS = "/usr/local/airflow/dags/constraints.txt"
"""Where MWAA has the DAGs folder's file."""

OURS = (
    *("aiobotocore", "apache-airflow-providers-amazon", "apache-airflow-providers-common-compat"),
    *("apache-airflow-providers-common-sql", "apache-airflow-providers-standard"),
    *("boto3", "botocore", "s3transfer"),
)
"""The provider, and what of its needs Airflow's constraints pin too low for it."""

REQUIREMENTS = f"""\
--constraint "{CONSTRAINTS}"
apache-airflow-providers-amazon[aiobotocore]
apache-airflow-providers-standard
# the evaluation, in the worker's own environment
gensim
matplotlib
scipy
"""
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
IGNORE = ".airflowignore"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first time that a zip can hold."""


def main() -> int:
    """Edits a constraints file, from stdin to stdout."""
    sys.stdout.write(constraints(sys.stdin.read(), LOCK.read_text()))
    return 0


def constraints(official: str, lock: str) -> str:
    """Airflow's constraints with the versions of `OURS` as locked; every other line as it is."""
    locked = dict(PIN.findall(lock))
    kept = [line for line in official.splitlines() if _name(line) not in OURS]
    return "\n".join([*kept, *(f"{name}=={locked[name]}" for name in OURS), ""])


def make_plugins(py_files: Path, target: Path) -> Path:
    """The project's packages and jobs, none of which Airflow takes for a plugin."""
    with zipfile.ZipFile(py_files) as source:
        content = {name: source.read(name) for name in source.namelist()}
    folders = sorted({name.partition("/")[0] for name in content})
    content[IGNORE] = "".join(f"{folder}/\n" for folder in folders).encode()
    return write_zip(target, content)


def write_zip(target: Path, content: Mapping[str, bytes]) -> Path:
    """A zip of files by their names; same files, same bytes."""
    with zipfile.ZipFile(target, "w") as zipped:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            zipped.writestr(entry, content[name], zipfile.ZIP_DEFLATED)
    return target


def _name(line: str) -> str:
    match = PIN.match(line)
    return re.sub(r"[-_.]+", "-", match[1]).lower() if match else ""


if __name__ == "__main__":
    sys.exit(main())
