"""Hints that are commands: pasted into a shell, they are what they say."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from storage.pasted import JOBS, job_command

WORDS = ("--output", "my runs/it's", "$HOME", "a;b", "s3://b/*", "ü")


@pytest.mark.parametrize("folder", [".", "elsewhere"])
def test_a_command_arrives_as_it_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    jobs = tmp_path / "my jobs"
    jobs.mkdir()
    script = "import json, os, sys; print(json.dumps([os.environ.get('AWS_REGION'), "
    script += "os.environ.get('AWS_PROFILE'), sys.executable, *sys.argv]))"
    (jobs / "show.py").write_text(script)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / folder)
    monkeypatch.setattr("storage.pasted.JOBS", jobs)
    monkeypatch.setenv("AWS_PROFILE", "my team")
    line = job_command("show.py", *WORDS, region="eu-west-1")
    monkeypatch.delenv("AWS_PROFILE")  # in another shell
    ran = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    region, profile, python, path, *words = json.loads(ran.stdout)
    assert (region, profile, python) == ("eu-west-1", "my team", sys.executable)
    assert (path, words) == (
        "my jobs/show.py" if folder == "." else str(jobs / "show.py"),
        [*WORDS],
    )


def test_it_is_short_where_that_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(JOBS.parent)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    assert job_command("submit.py", "follow", "a:b") == "python jobs/submit.py follow a:b"
    monkeypatch.setenv("PATH", "/nowhere")
    assert job_command("submit.py") == f"{sys.executable} jobs/submit.py"
