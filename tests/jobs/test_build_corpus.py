"""The command line: arguments, exit codes, one line for each failure; and real spark-submit."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import made_up
import pyspark
import pytest

from commandline.argument_types import share, size
from etl.publishing.version import VERSION
from jobs import build_corpus

ROOT = Path(__file__).parents[2]
KEPT = ("HOME", "JAVA_HOME", "SPARK_SUBMIT_OPTS")


@pytest.fixture
def main(spark, monkeypatch):
    """The job in process, with the session that is there already."""
    monkeypatch.setattr("etl.spark.session.start_session", lambda name, verbose: spark)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return lambda *arguments: build_corpus.main([str(argument) for argument in arguments])


def submit(
    *arguments: object, cwd: Path, python: str = sys.executable, launcher: str = "spark-submit"
) -> subprocess.Popen[str]:
    """Real spark-submit from another folder, with nothing of the project on any path; or Python."""
    spark_home = Path(pyspark.__file__).parent
    environment = {
        "PATH": os.environ["PATH"],
        "SPARK_HOME": str(spark_home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": python,
        **{name: os.environ[name] for name in KEPT if name in os.environ},
    }
    command = [spark_home / "bin" / "spark-submit", "--master", "local[2]", *arguments]
    if launcher == "python":
        command = [python, *arguments]
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,  # spark-submit sends the job's stderr there too
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for(job: subprocess.Popen[str], is_there) -> None:
    """Until it is; or the job has ended, or a long time passed."""
    deadline = time.monotonic() + 120
    while not is_there() and job.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)


JOB = ROOT / "jobs" / "build_corpus.py"


@pytest.mark.spark
def test_a_build_ends_in_a_table_and_zero(main, blogs, tmp_path, capsys):
    assert main("--input", blogs, "--output", tmp_path / "out") == 0
    out, err = capsys.readouterr()
    assert (
        out.splitlines()[0] == f"corpus                {tmp_path}/out/corpus/cleaned_sentences.csv"
    )
    assert "posts                 6 found = 4 kept + 2 rejected" in out.splitlines()
    assert "hello" not in out + err
    assert main("--input", blogs, "--output", tmp_path / "out", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.spark
@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("none", 3, "no such file or folder: {tmp}/none"),
        ("empty", 4, "no file in {tmp}/empty"),
        ("bad.zip", 5, "{tmp}/bad.zip is not a whole zip archive: File is not a zip file"),
    ],
)
def test_a_failure_is_one_line_and_its_code(main, tmp_path, capsys, source, code, said):
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 and no more")
    assert main("--input", tmp_path / source, "--output", tmp_path / "out") == code
    expected = f"build_corpus: error: {said.format(tmp=tmp_path)}\n"
    assert capsys.readouterr() == ("", expected)
    assert not (tmp_path / "out").exists()


def test_another_build_of_the_same_output(main, blogs, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    with (tmp_path / "out" / ".lock").open("w") as lock:
        lock.write("process 1, since then\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert main("--input", blogs, "--output", tmp_path / "out") == 10
    said = f"another build is writing to {tmp_path}/out: process 1, since then"
    assert capsys.readouterr().err == f"build_corpus: error: {said}\n"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("etl.build.write_corpus", "the output is as it was"),
        ("etl.publishing.local_moves.finish", "{out} is the new one by then, and whole"),
    ],
)
def test_an_interrupt_is_130_and_says_what_the_output_is(
    main, blogs, tmp_path, monkeypatch, capsys, step, said
):
    out, left = tmp_path / "out", iter([True])

    def interrupt(*_: object, **__: object) -> None:
        if next(left, False):
            raise KeyboardInterrupt

    monkeypatch.setattr(step, interrupt)
    assert main("--input", blogs, "--output", out) == 130
    text = f"build_corpus: interrupted; {said.format(out=out)}\n"
    assert capsys.readouterr().err == text
    assert out.exists() is ("new" in said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: --input, --output"),
        (["--input", " "], "argument --input: is empty"),
        (
            ["--output", "hdfs://b/c"],
            "argument --output: hdfs://b/c is neither a local folder nor on S3",
        ),
        (["--partitions", "0"], "argument --partitions: 0 is not a number from 1"),
        (["--min-tokens", "x"], "argument --min-tokens: x is not a number from 1"),
        (
            ["--max-rejected-files", "101%"],
            "argument --max-rejected-files: 101% is neither a share from 0 to 1 nor a percentage",
        ),
        (
            ["--max-file-bytes", "lots"],
            "argument --max-file-bytes: lots is not a number of bytes, such as 64m",
        ),
    ],
)
def test_wrong_arguments_are_2(arguments, said, capsys):
    with pytest.raises(SystemExit) as error:
        build_corpus.main(arguments)
    assert error.value.code == 2
    assert capsys.readouterr().err == f"build_corpus: error: {said}\n"


def test_shares_and_sizes():
    shares = {"0": 0, "1": 1, "0.02": 0.02, "2%": 0.02, ".5%": 0.005}
    assert {given: share(given) for given in shares} == pytest.approx(shares)
    sizes = {"12": 12, "4k": 4096, "64M": 2**26, "2GB": 2**31}
    assert {given: size(given) for given in sizes} == sizes


def test_the_version_is_the_projects():
    assert f'\nversion = "{VERSION}"\n' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.spark
def test_spark_submit_from_anywhere_gives_corpus_and_exit_codes(blogs, tmp_path):
    job = submit(JOB, "--input", "blogs", "--output", "out", cwd=tmp_path)
    out = job.communicate(timeout=120)[0]
    assert job.returncode == 0, out
    assert (tmp_path / "out" / "corpus" / "cleaned_sentences.csv").read_bytes() == made_up.CORPUS
    assert "posts                 6 found = 4 kept + 2 rejected" in out.splitlines()
    missing = submit(JOB, "--input", "none", "--output", "out", cwd=tmp_path)
    said = "build_corpus: error: no such file or folder: none"
    assert said in missing.communicate(timeout=120)[0].splitlines()  # beside what Spark 3.5 logs
    assert missing.returncode == 3


@pytest.mark.spark
def test_a_killed_job_leaves_the_old_output_and_the_next_run_cleans_up(main, blogs, tmp_path):
    output = tmp_path / "out"
    assert main("--input", blogs, "--output", output) == 0
    slow = tmp_path / "slow.py"
    slow.write_text(
        f"import sys, time; sys.path[:0] = [{str(ROOT)!r}]\n"
        "from pathlib import Path\n"
        "from etl.publishing.local_output import LocalPlace\n"
        "real = LocalPlace.join\n"
        "def wait(place, spark):\n"
        "    made = real(place, spark)\n"
        f"    Path({str(tmp_path / 'staged')!r}).touch()\n"
        "    time.sleep(60)\n"
        "LocalPlace.join = wait\n"
        "from jobs.build_corpus import main\n"
        "sys.exit(main())\n"
    )
    arguments = ("--input", blogs, "--output", output, "--overwrite", "--min-tokens", "2")
    job = submit(slow, *arguments, cwd=tmp_path)
    wait_for(job, (tmp_path / "staged").exists)
    assert main(*arguments) == 10  # while it runs
    os.killpg(job.pid, signal.SIGKILL)
    job.communicate(timeout=60)  # the end of Java; the job's Python may take a moment longer
    with (output / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    assert len(list(output.glob(".staging-*"))) == 1
    corpus = output / "corpus" / "cleaned_sentences.csv"
    assert corpus.read_bytes() == made_up.CORPUS
    assert main("--input", blogs, "--output", output) == 0  # already built
    assert not list(output.glob(".staging-*"))
    assert main(*arguments) == 0
    assert corpus.read_bytes() == made_up.CORPUS


@pytest.mark.spark
@pytest.mark.parametrize("launcher", ["spark-submit", "python"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_processes_of_a_build_is_one_line_and_leaves_nothing(
    launcher, number, blogs, tmp_path
):
    """As Ctrl-C in a terminal does, in the middle of the Spark pass."""
    script = tmp_path / "slow.py"
    script.write_text(
        f"import sys, time; sys.path[:0] = [{str(ROOT)!r}]\n"
        "from pathlib import Path\n"
        "import etl.build as build\n"
        "from jobs import build_corpus\n"
        "def work(batches):\n"
        f"    Path({str(tmp_path / 'at_work')!r}).touch()\n"
        "    time.sleep(60)\n"
        "    yield from batches\n"
        "def wait(source, *_, **__):\n"
        "    source.spark.range(0, 2, 1, 2).mapInArrow(work, 'id bigint').collect()\n"
        "build.write_corpus = wait\n"
        "sys.exit(build_corpus.main())\n"
    )
    arguments = script, "--input", blogs, "--output", tmp_path / "out"
    job = submit(*arguments, cwd=tmp_path, launcher=launcher)
    wait_for(job, (tmp_path / "at_work").exists)
    os.killpg(job.pid, number)
    out = job.communicate(timeout=60)[0]
    said = [line for line in out.splitlines() if "WARN" not in line and "INFO" not in line]
    assert said == ["build_corpus: interrupted; the output is as it was"]
    assert job.returncode == 128 + number
    assert not (tmp_path / "out").exists()
    for _ in range(50):  # Spark's Python workers see that the JVM has gone
        sessions = subprocess.run(["ps", "-eo", "sid"], capture_output=True, text=True).stdout
        if str(job.pid) not in sessions.split():
            return
        time.sleep(0.1)
    raise AssertionError("a process is left")
