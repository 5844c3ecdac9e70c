"""What `make package` makes, unpacked into an empty folder, runs the build on a cluster."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from outputs import SAMPLE, SAMPLE_SHA256, end, read
from standalone import submit
from stock_python import cannot_import, make_stock_python

from deploy.package import PLATFORM, package

ROOT = Path(__file__).parents[2]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

pytestmark = pytest.mark.ci


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The package for the Python that runs the tests; removed again, it is large."""
    dist = tmp_path_factory.mktemp("dist")
    yield package(dist, PYTHON, PLATFORM)
    shutil.rmtree(dist)


@pytest.fixture(scope="module")
def unpacked(made, tmp_path_factory):
    """An otherwise empty folder with the environment."""
    folder = tmp_path_factory.mktemp("unpacked")
    (folder / "environment").mkdir()
    subprocess.run(["tar", "-xf", made.environment, "-C", folder / "environment"], check=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """A PATH with a stock Python of the release's version, that has no packages at all."""
    python = make_stock_python(tmp_path_factory.mktemp("release"), packages=())
    assert cannot_import(python, ["numpy", "spacy", "pip", "etl"]) == [
        "numpy",
        "spacy",
        "pip",
        "etl",
    ]
    return f"{python.parent}:/usr/bin:/bin"


def test_the_zip_holds_the_packages_and_nothing_else(made):
    with zipfile.ZipFile(made.py_files) as archive:
        names = archive.namelist()
        assert archive.read("etl/chain.py") == (ROOT / "etl" / "chain.py").read_bytes()
    assert {"etl/build.py", "etl/spark/session.py", "schemas/posts.py"} <= set(names)
    assert {name for name in names if ".dist-info" in name or "__pycache__" in name} == set()
    assert {name.partition("/")[0] for name in names}.isdisjoint({"tests", "benchmarks"})
    assert [name for name in names if name.startswith("deploy/")] == ["deploy/cloudformation.yaml"]


def test_the_environment_names_no_path_of_this_machine(unpacked):
    environment = unpacked / "environment"
    assert sorted(path.name for path in environment.iterdir()) == ["bin", "lib"]
    scripts = [path.read_bytes() for path in (environment / "bin").iterdir()]
    assert all(str(ROOT).encode() not in script for script in scripts)
    assert not (environment / "lib" / "pyspark").exists()  # the cluster has its own
    assert not list(environment.glob("lib/**/direct_url.json"))


def test_the_environment_has_what_the_job_imports(unpacked, release):
    code = "import boto3, numpy, pandas, pyarrow, spacy, tqdm; print(pyarrow.__file__)"
    command = [str(unpacked / "environment" / "bin" / "python3"), "-c", code]
    ran = subprocess.run(command, env={"PATH": release}, capture_output=True, text=True)
    assert ran.stdout == f"{unpacked}/environment/lib/pyarrow/__init__.py\n", ran.stderr


def test_without_its_python_it_says_which_one_it_needs(unpacked, tmp_path):
    for tool in ("sh", "dirname", "hostname"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    command = [str(unpacked / "environment" / "bin" / "python"), "-V"]
    ran = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert ran.returncode == 127
    assert f"this archive is for python{PYTHON}, which is not on the PATH" in ran.stderr


@pytest.mark.spark
@pytest.mark.cluster
def test_the_job_runs_from_it_on_a_cluster(made, unpacked, release, cluster):
    arguments = [
        *("--master", cluster.url),
        *("--conf", f"spark.archives={made.environment}#environment"),
        *("--conf", f"spark.executorEnv.PATH={release}"),
        *("--py-files", made.py_files, made.job),
        *("--input", SAMPLE, "--output", "out"),
    ]
    driver = str(unpacked / "environment" / "bin" / "python")
    own = {"PYSPARK_DRIVER_PYTHON": driver, "PATH": release}
    end(submit(arguments, unpacked, Path("./environment/bin/python"), own))
    assert read(unpacked / "out").recorded["sha256"] == SAMPLE_SHA256
