"""The frame of the project: the lock, the Makefile, the wheel's contents."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.package import make_py_files, make_wheel

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OTHER_LOCKS = ["requirements/spark35.lock", "requirements/cluster.lock"]
AIRFLOW_LOCK = "requirements/airflow.lock"


def read_lock(name: str) -> dict[str, str]:
    """Package → version, of the last entry where there is one for each Python."""
    entries = re.findall(r"^([\w.\[\]-]+)==([^ ;]+)", (ROOT / name).read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in entries}


LOCKED = read_lock("requirements/all.lock")


def declared() -> list[Requirement]:
    """Every requirement that the lock is made from, less the project's own extras."""
    groups = PROJECT["dependency-groups"]
    lines = [
        *PROJECT["project"]["dependencies"],
        *(line for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra),
        *groups["dev"],
        *groups["bench"],
    ]
    return [Requirement(line) for line in lines if not line.startswith("blazing-corpus")]


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_lock_holds_a_version_that_pyproject_allows(requirement: Requirement) -> None:
    assert requirement.specifier.contains(LOCKED[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("name", OTHER_LOCKS)
def test_the_other_locks_have_the_same_versions(name: str) -> None:
    different = {package: v for package, v in read_lock(name).items() if LOCKED[package] != v}
    assert different == ({"pyspark": "3.5.8"} if "spark35" in name else {})


def test_what_is_shipped_to_a_cluster_leaves_spark_to_it() -> None:
    shipped = read_lock("requirements/cluster.lock")
    assert {"boto3", "numpy", "pandas", "pyarrow", "spacy"} <= set(shipped)
    assert {"pyspark", "py4j"}.isdisjoint(shipped)


def test_airflows_lock_holds_versions_that_pyproject_allows() -> None:
    locked = read_lock(AIRFLOW_LOCK)
    for requirement in map(Requirement, PROJECT["dependency-groups"]["airflow"]):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])
    assert {"pyspark", "pyspark-client", "sagemaker"}.isdisjoint(locked)


def test_lock_fixes_the_versions_that_were_tested_together() -> None:
    fixed = [Requirement(line) for line in PROJECT["tool"]["uv"]["constraint-dependencies"]]
    locked = {f"{one.name}=={LOCKED[canonicalize_name(one.name)]}" for one in fixed}
    assert locked == {str(one) for one in fixed}


@pytest.mark.parametrize(
    "name", [*OTHER_LOCKS, AIRFLOW_LOCK, "requirements/all.lock", "requirements/uv-pin.txt"]
)
def test_lock_names_no_address_and_every_entry_has_a_hash(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = [line for line in text.splitlines() if line and line[0] not in "# "]
    assert "://" not in text
    assert not re.findall(r"^\s*--(?!hash=sha256:)\S*", text, re.MULTILINE)
    assert [entry for entry in entries if not entry.endswith("\\")] == []


def test_make_help_lists_every_target() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    targets = [line.split()[1] for line in listed.stdout.splitlines()]
    assert targets == phony.group(1).split()
    assert {"setup", "corpus", "test", "check", "lock"} <= set(targets)


LIST_TEMPLATES = """
import sys
from jinja2 import PackageLoader
sys.path[:] = [sys.argv[1], *(place for place in sys.path if place not in ("", sys.argv[2]))]
for package in ("embeddings.pictures", "quality.expectations", "quality.report"):
    print(package, *PackageLoader(package).list_templates())
"""


def test_the_wheel_and_the_zip_of_it_carry_every_file_of_the_packages(tmp_path: Path) -> None:
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    files = {path for name in packages for path in (ROOT / name).rglob("*") if path.is_file()}
    expected = {path.relative_to(ROOT).as_posix() for path in files if path.suffix != ".pyc"}
    assert "quality/expectations/templates/page.j2" in expected
    wheel = make_wheel(tmp_path)
    py_files = make_py_files(wheel, tmp_path / "pyfiles.zip")
    for archive in (wheel, py_files):
        assert expected - {*zipfile.ZipFile(archive).namelist()} == set()
    # As spark-submit's --py-files are read: from the zip.
    listed = subprocess.run(
        [sys.executable, "-c", LIST_TEMPLATES, str(py_files), str(ROOT)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    templates = {line.split()[0]: line.split()[1:] for line in listed.stdout.splitlines()}
    assert "map.html" in templates["embeddings.pictures"]
    assert {"page.j2", "style.css"} <= {*templates["quality.expectations"]}
    assert "report.html" in templates["quality.report"]
