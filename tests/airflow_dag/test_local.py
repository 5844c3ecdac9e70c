"""The local variant, by the very command of README.md and docs/airflow.md."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.providers.common.compat.sdk import AirflowException, AirflowFailException
from dag_runs import ROOT
from project_jobs import PYTHON

from orchestration.command_operator import CommandOperator
from orchestration.commands import command

SHA256 = "09a911fe8c1457c9e3dfe9a61880488b5573e792b1e343a9d119d9fbebd65907"
GUIDE, README = ROOT / "docs" / "airflow.md", ROOT / "README.md"
COMMAND = re.compile(r"^```sh\n(\.venv-airflow/bin/airflow dags test .+?)^```", re.M | re.S)


def documented(folder: Path) -> list[str]:
    """The guide's command, in this folder, with this environment's Airflow."""
    found = COMMAND.search(GUIDE.read_text())
    assert found is not None
    assert found[0] in README.read_text()
    text = found[1].replace("$PWD/build/airflow", str(folder)).replace("$PWD", str(ROOT))
    words = shlex.split(text.replace("\\\n", " "))
    assert str(PYTHON) in words[-1]
    return [sys.executable, "-m", "airflow", *words[1:]]


def test_the_guides_command_runs_every_step_on_this_machine(database, tmp_path):
    folder = tmp_path / "out"
    ran = subprocess.run(
        documented(folder), cwd=ROOT, env=os.environ, capture_output=True, text=True
    )
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    assert "state=success" in said
    [run] = folder.glob("runs/*/run.json")
    record = json.loads(run.read_text())
    assert (record["backend"], record["corpus"]["sha256"]) == ("local", SHA256)
    assert record["hyperparameters"]["mode"] == "skipgram"
    assert (run.parent / "model.tar.gz").stat().st_size > 10_000
    assert re.search(r"run +corpus +mean_rho", said)
    assert re.search(rf"{run.parent.name} +A +-?0\.\d{{4}}", said)


@pytest.mark.parametrize("exit_code", [12, 24])
def test_a_command_that_fails_is_tried_again_only_where_that_may_help(tmp_path, exit_code):
    script = (
        f"import sys; print('build_corpus: error: why', file=sys.stderr); sys.exit({exit_code})"
    )
    first = [sys.executable, "-c", f"open({str(tmp_path / 'first')!r}, 'x')"]
    never = [sys.executable, "-c", f"open({str(tmp_path / 'never')!r}, 'x')"]
    steps = command(first, [sys.executable, "-c", script], never)
    operator = CommandOperator(task_id="build", command=json.dumps(steps))
    with pytest.raises(AirflowException) as caught:
        operator.execute({})
    assert isinstance(caught.value, AirflowFailException) == (exit_code == 12)
    assert f"build ended with exit code {exit_code}: " in str(caught.value)
    assert str(caught.value).endswith(": build_corpus: error: why")
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_words_that_a_shell_would_take_apart_arrive_whole(tmp_path):
    words = ["it's", "$HOME `id` ; exit 3", "{{ params.folder }}", "two  blanks\nand lines"]
    script = "import json, sys; open(sys.argv[1], 'w').write(json.dumps(sys.argv[2:]))"
    step = [sys.executable, "-c", script, str(tmp_path / "got"), *words]
    CommandOperator(task_id="echo", command=json.dumps(command(step))).execute({})
    assert json.loads((tmp_path / "got").read_text()) == words


def test_what_is_there_already_is_not_made_again(tmp_path):
    done = tmp_path / "run.json"
    step = [sys.executable, "-c", f"open({str(done)!r}, 'a').write('made')"]
    for _ in range(2):
        made = json.dumps(command(step, done=str(done)))
        CommandOperator(task_id="train", command=made).execute({})
        assert done.read_text() == "made"


def test_a_command_gets_the_connections_credentials_and_shows_them_nowhere(tmp_path, monkeypatch):
    extra = {"endpoint_url": "http://127.0.0.1:1", "region_name": "eu-west-1"}
    keys = {"conn_type": "aws", "login": "me", "password": "my-secret"}
    monkeypatch.setenv("AIRFLOW_CONN_MINE", json.dumps({**keys, "extra": extra}))
    script = "import json, os, sys; open(sys.argv[1], 'w').write(json.dumps(dict(os.environ)))"
    step = [sys.executable, "-c", script, str(tmp_path / "got")]
    operator = CommandOperator(
        task_id="t", command=json.dumps(command(step)), aws_conn_id="mine", region=""
    )
    operator.execute({})
    got = json.loads((tmp_path / "got").read_text())
    assert (got["AWS_ACCESS_KEY_ID"], got["AWS_SECRET_ACCESS_KEY"]) == ("me", "my-secret")
    assert (got["AWS_REGION"], got["AWS_ENDPOINT_URL"]) == ("eu-west-1", "http://127.0.0.1:1")
    assert "my-secret" not in str([getattr(operator, name) for name in operator.template_fields])
