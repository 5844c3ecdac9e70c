"""Makes what a cluster needs of this project, in dist/. `make package` runs it.

| file | what it is for |
| --- | --- |
| `blazing_corpus-<version>-py3-none-any.whl` | pip |
| `blazing_corpus-<version>-pyfiles.zip` | spark-submit's `--py-files`: the project's packages |
| `blazing_corpus-<version>-environment-<python>-<machine>.tar.gz` | `spark.archives`: all others |
| `build_corpus.py` | the job itself, what spark-submit starts |
| `mwaa/plugins.zip`, `mwaa/requirements.txt` | Amazon MWAA; see `deploy.mwaa` |

Same sources and lock, same bytes.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from deploy.environment import install_packages, write_archive
from deploy.mwaa import REQUIREMENTS, make_plugins, write_zip

ROOT = Path(__file__).resolve().parents[1]
JOB = ROOT / "jobs" / "build_corpus.py"
PYTHON = "3.11"
"""Of EMR's Spark 4.1 releases (emr-spark-8.1.0), where it stands beside 3.13."""

PLATFORM = "x86_64-manylinux_2_28"
"""What wheels may need: glibc 2.28. Amazon Linux 2023, so EMR and SageMaker, has 2.34."""


class Package(NamedTuple):
    """Paths of everything that was made."""

    wheel: Path
    py_files: Path
    environment: Path
    job: Path
    plugins: Path
    requirements: Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes all of it; prints a line per file, with its size."""
    parser = argparse.ArgumentParser(prog="package", description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--python", default=PYTHON, help=f"version that the cluster has; default {PYTHON}")
    add("--platform", default=PLATFORM, help=f"as uv has it; default {PLATFORM}")
    add("--dist", type=Path, default=ROOT / "dist", help="default: dist")
    given = parser.parse_args(arguments)
    try:
        made = package(given.dist, given.python, given.platform)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        print(f"package: error: {said.strip().splitlines()[-1]}", file=sys.stderr)
        return 1
    for path in made:
        print(f"{path.stat().st_size / 2**20:8.1f} MiB  {os.path.relpath(path)}")
    return 0


def package(dist: Path, python: str, platform: str) -> Package:
    """Makes everything, in a folder that is there or not.

    Raises:
        subprocess.CalledProcessError: uv or hatchling failed; its stderr says why.
    """
    dist.mkdir(parents=True, exist_ok=True)
    wheel = make_wheel(dist)
    stem = wheel.name.removesuffix("-py3-none-any.whl")
    py_files = make_py_files(wheel, dist / f"{stem}-pyfiles.zip")
    machine = platform.partition("-")[0]
    environment = dist / f"{stem}-environment-cp{python.replace('.', '')}-{machine}.tar.gz"
    with tempfile.TemporaryDirectory(prefix="blazing-corpus-") as folder:
        install_packages(Path(folder), python, platform)
        write_archive(Path(folder), environment, python)
    mwaa = dist / "mwaa"
    mwaa.mkdir(exist_ok=True)
    plugins = make_plugins(py_files, mwaa / "plugins.zip")
    requirements = mwaa / "requirements.txt"
    requirements.write_text(REQUIREMENTS)
    job = Path(shutil.copy(JOB, dist / JOB.name))
    return Package(wheel, py_files, environment, job, plugins, requirements)


def make_wheel(dist: Path) -> Path:
    """The project's wheel, by hatchling, which gives the same bytes for the same sources."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    names: list[str] = re.findall(r"[^\s/]+\.whl", ran.stdout + ran.stderr)
    return dist / names[-1]


def make_py_files(wheel: Path, target: Path) -> Path:
    """The wheel's packages as a plain zip: spark-submit takes no wheel."""
    with zipfile.ZipFile(wheel) as source:
        names = [name for name in source.namelist() if ".dist-info/" not in name]
        return write_zip(target, {name: source.read(name) for name in names})


if __name__ == "__main__":
    sys.exit(main())
