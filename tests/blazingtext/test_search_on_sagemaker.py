"""Tuning on SageMaker, the whole command, on searches that are really run."""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto_account import last_error
from stand_in import Behaviour, StandIn, make_archive, put
from training_command import command

from blazingtext.jobs.finishing import SEARCH_FILE
from embeddings.runs.run_record import RunRecord, read_run
from embeddings.scoring.evaluation import score
from embeddings.scoring.word_pairs import UNSEEN
from jobs import compare_models, neighbours, tune_embeddings
from storage.errors import EXIT_CODES

ROLE = "arn:aws:iam::123456789012:role/tune"
CHANGES = (
    "epochs=1",
    "min_count=1:3",
    "vector_dim=8:12",
    "window_size=2:4",
    "negative_samples=2:5",
)
SMALL = [argument for change in CHANGES for argument in ("--set", change)]
NAME = re.compile(r"blazingtext-\d{6}-\d{6}-[0-9a-f]{6}")
FAILURE = "AlgorithmError: no memory left, exit code: 1"


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    """Narrow intervals are not what is tested here."""
    monkeypatch.setattr("blazingtext.jobs.finishing.score", partial(score, resamples=20))


def tune(*arguments: object) -> int:
    return tune_embeddings.main(["--backend", "sagemaker", *map(str, arguments)])


hint = partial(command, script="tune_embeddings.py")


def start(corpus: str, output: object, *arguments: object) -> int:
    given = ("--corpus", corpus, "--output", output, "--role", ROLE, "--max-jobs", 3, *SMALL)
    return tune(*given, *arguments)


def names(aws: StandIn) -> list[str]:
    return [request["HyperParameterTuningJobName"] for request in aws.searches]


def records_of(output: Path) -> dict[str, RunRecord]:
    return {path.name: read_run(path) for path in sorted(output.glob("job-*"))}


def test_one_command_from_corpus_to_best_model(aws, corpus, lines, tmp_path, capsys):
    output = tmp_path / "search"
    assert start(corpus, output, "--yes", "--max-jobs", 5) == 0
    printed = capsys.readouterr()
    [name] = names(aws)
    assert NAME.fullmatch(name) and aws.most == 2
    records = records_of(output)
    order = sorted(records, key=lambda job: -(records[job].mean_rho or 0))
    assert sorted(records) == [f"job-00{number}" for number in range(1, 6)]
    out = printed.out.splitlines()
    assert out[0].startswith("estimate: 5 jobs, 2 at a time on 1 x ml.c5.xlarge, US$ 0.0")
    assert out[1] == f"job     {name}"
    assert out[2].endswith(f"--log-stream-name-prefix {name}- --region eu-west-1")
    assert out[3] == f"follow  {hint('--attach', name, '--output', output)}"
    assert out[4] == f"stop    {hint('--stop', name)}"
    assert out[5].split()[:5] == ["job", "status", "mean_rho", "mode", "learning_rate"]
    assert out[5].split()[-4:] == ["seconds", "billed", "s", "US$"]
    assert [row.split()[0] for row in out[6:11]] == order
    for row, job in zip(out[6:11], order, strict=True):
        chosen = records[job].hyperparameters
        assert row.split()[1:4] == ["done", f"{records[job].mean_rho:.4f}", chosen["mode"]]
        assert row.split()[-2:] == ["120", "0.01"]
    assert out[11] == "5 jobs, 600 s billed, US$ 0.03"
    assert out[12].startswith(
        f"best: {output / order[0]}, mean_rho {records[order[0]].mean_rho:.4f}"
    )
    assert out[13].startswith(f"on pairs that tuning never saw ({UNSEEN}, ")
    assert printed.err.splitlines()[-1].startswith("Completed: 5 of 5 jobs ended; best mean_rho ")
    best = records[order[0]]
    assert best.artifacts["model.tar.gz"] == (output / order[0] / "model.tar.gz").stat().st_size
    assert [score["name"] for score in best.scores][-2:] == ["mean_rho", UNSEEN]
    assert best.words_per_second and best.training_seconds is not None
    assert best.name == order[0] and best.price_usd == pytest.approx(0.0068)
    assert best.corpus["words"] == len(lines.split())
    assert {path.parent.name for path in output.rglob("model.tar.gz")} == {order[0]}
    note = json.loads((output / SEARCH_FILE).read_text())
    assert (note["search"], note["best"]) == (name, order[0])
    assert note["price_usd"] == pytest.approx(5 * 0.0068)
    assert compare_models.main([str(output)]) == 0  # the other jobs read it
    table = capsys.readouterr().out.splitlines()
    assert table[1].startswith(order[0]) and len({row.split()[1] for row in table[1:6]}) == 1
    assert neighbours.main(["--model", str(output / order[0]), "money"]) == 0
    assert capsys.readouterr().out.startswith("money")


def test_the_vectors_of_all_jobs_if_asked_for(aws, corpus, tmp_path):
    assert start(corpus, tmp_path / "search", "--yes", "--keep-all") == 0
    found = {path.parent.name for path in (tmp_path / "search").rglob("model.tar.gz")}
    assert found == {"job-001", "job-002", "job-003"}


def test_a_job_that_fails_costs_no_other(aws, corpus, tmp_path, capsys):
    aws.behaviours += [Behaviour(), Behaviour(failure=FAILURE)]
    assert start(corpus, tmp_path / "search", "--yes", "--parallel", 1) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[8].split()[:3] == ["job-002", "failed", "-"]
    assert out[9] == f"job-002 failed: {FAILURE}"
    assert out[10] == "3 jobs, 360 s billed, US$ 0.02"
    assert set(records_of(tmp_path / "search")) == {"job-001", "job-003"}
    assert aws.most == 1


def test_a_search_of_which_every_job_fails(aws, corpus, tmp_path, capsys):
    aws.behaviours += [Behaviour(failure=FAILURE)] * 3
    assert start(corpus, tmp_path / "search", "--yes") == 30
    printed = capsys.readouterr()
    assert printed.out.count(f" failed: {FAILURE}") == 3
    assert printed.err.splitlines()[-1] == (
        f"tune_embeddings: error: search {names(aws)[0]} is Failed: "
        "All training jobs failed. Please look at their reasons."
    )
    assert records_of(tmp_path / "search") == {}


def test_stopped_from_elsewhere_it_keeps_what_it_has(aws, corpus, tmp_path, capsys):
    aws.behaviours += [Behaviour(), Behaviour(hold=threading.Event())]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(start, corpus, tmp_path / "search", "--yes", "--parallel", 1)
        wait_until(lambda: len(aws.threads) == 2)
        assert tune("--stop", names(aws)[0]) == 0
        assert running.result(120) == 31
    printed = capsys.readouterr()
    assert f"asked to stop {names(aws)[0]}" in printed.out
    rows = [line.split()[:2] for line in printed.out.splitlines() if line.startswith("job-")]
    assert rows == [["job-001", "done"], ["job-002", "stopped"]]
    assert printed.err.splitlines()[-1] == (
        f"tune_embeddings: error: search {names(aws)[0]} is Stopped"
    )
    assert (tmp_path / "search" / "job-001" / "model.tar.gz").is_file()
    assert tune("--stop", names(aws)[0]) == 2
    assert last_error(capsys) == f"search {names(aws)[0]} is Stopped already"


def wait_until(is_so: Any) -> None:
    for _ in range(6000):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came to that")


def test_ctrl_c_leaves_it_running_and_attach_goes_on(aws, corpus, tmp_path, monkeypatch, capsys):
    aws.starts.clear()
    output = tmp_path / "search"
    with monkeypatch.context() as patch:
        patch.setattr("aws.remote_runs.time.sleep", interrupt)
        assert start(corpus, output, "--yes") == 130
    [name] = names(aws)
    assert last_error(capsys) == (
        f"{name} goes on; {hint('--attach', name, '--output', output)} waits for it, "
        f"{hint('--stop', name)} ends it"
    )
    aws.starts.set()
    for _ in range(2):  # the second time all is there already
        assert tune("--attach", name, "--output", output) == 0
        assert f"best: {output}/job-" in capsys.readouterr().out
    assert len(records_of(output)) == 3 and len(aws.searches) == 1
    assert tune("--attach", "another", "--output", output) == 7
    assert last_error(capsys) == f"{output} belongs to the search {name}: use another --output"
    assert start(corpus, output, "--yes") == 7
    assert len(aws.searches) == 1


def interrupt(_: float) -> None:
    raise KeyboardInterrupt


def test_detached_it_needs_no_output(aws, corpus, tmp_path, capsys):
    given = ("--corpus", corpus, "--role", ROLE, "--max-jobs", 2, *SMALL)
    assert tune(*given, "--yes", "--detach") == 0
    [name] = names(aws)
    assert f"{hint('--attach', name, '--output', f'build/{name}')}\n" in capsys.readouterr().out
    assert tune("--attach", name, "--output", tmp_path / "search") == 0
    assert len(records_of(tmp_path / "search")) == 2


def test_a_model_that_is_none_is_no_run_and_can_be_fetched_again(aws, corpus, tmp_path, capsys):
    broken = make_archive({"../vectors.txt": b"1 1\na 1\n"})
    aws.behaviours += [Behaviour(model=broken)] * 3
    output = tmp_path / "search"
    assert start(corpus, output, "--yes") == 5
    [name] = names(aws)
    assert last_error(capsys).endswith(
        f"the search has ended, {hint('--attach', name, '--output', output)} "
        "fetches its best model again"
    )
    assert not list(output.rglob("model.tar.gz"))


def test_a_warm_start_from_an_earlier_search(aws, corpus, tmp_path, capsys):
    assert start(corpus, tmp_path / "one", "--yes") == 0
    [parent] = names(aws)
    more = ("--yes", "--max-jobs", 2, "--warm-start", parent)
    chosen = ("--early-stopping", "auto", "--seed", 9)
    assert start(corpus, tmp_path / "two", *more, *chosen) == 0
    request = aws.searches[1]
    assert request["WarmStartConfig"] == {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": parent}],
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }
    config = request["HyperParameterTuningJobConfig"]
    assert (config["TrainingJobEarlyStoppingType"], config["RandomSeed"]) == ("Auto", 9)
    put("other.txt", boto3.client("s3").get_object(Bucket="bucket", Key=corpus[12:])["Body"].read())
    assert start("s3://bucket/other.txt", tmp_path / "three", *more) == 0
    assert aws.searches[2]["WarmStartConfig"]["WarmStartType"] == "TransferLearning"
    capsys.readouterr()
    other = ("--set", "mode=skipgram", "--set", "subwords=True")
    assert start(corpus, tmp_path / "four", "--yes", "--warm-start", parent, *other) == 2
    assert f"{parent} has other hyperparameters, searched and fixed" in last_error(capsys)
    assert start(corpus, tmp_path / "four", "--yes", "--warm-start", "gone") == 3
    assert last_error(capsys) == "search gone in eu-west-1: does not exist"
    assert len(aws.searches) == 3 and not (tmp_path / "four").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        ([], 2, "not started without --yes; estimate: 3 jobs, 2 at a time on 1 x ml.c5.xlarge"),
        (["--yes", "--max-cost", "0.01"], 32, "not started, for --max-cost 0.01; estimate: 3 jobs"),
        (
            ["--yes", "--max-cost", "9", "--no-preflight"],
            32,
            "not started, for --max-cost 9; estimate: none for 3 jobs, 2 at a time on 1 x ml.c5",
        ),
        (["--yes", "--parallel", "4"], 2, "4 jobs at a time, and there may be the number of jobs"),
        (["--yes", "--set", "window_size=9:5"], 2, "'window_size=9:5': the low end must be below"),
        (["--yes", "--set", "subwords=True"], 2, "subwords can't be learned in mode batch_skipgr"),
        (["--yes", "--instance-type", "ml.p3.2xlarge"], 2, "batch_skipgram runs on CPUs only, no"),
        (["--yes", "--instance-count", "2"], 2, "cbow takes one instance, not 2: use batch_skipg"),
        (["--yes", "--base-job-name", "blogs-search"], 2, "blogs-search is 1 characters too long"),
        (["--yes", "--role", "tune"], 2, "role is 'tune', not arn:aws:iam::ACCOUNT:role/NAME"),
        (["--yes", "--corpus", "s3://bucket/none"], 3, "s3://bucket/none: does not exist"),
        (["--yes", "--corpus", "s3://nowhere/none"], 22, "s3://nowhere: no such bucket, or not"),
        (["--yes", "--set", "min_count=9000:9999"], 17, "s3://bucket/corpus/lines.txt: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_refused_before_anything_is_paid_for(aws, corpus, tmp_path, capsys, arguments, code, text):
    assert start(corpus, tmp_path / "search", *arguments) == code
    assert last_error(capsys).startswith(text)
    assert code in EXIT_CODES
    assert aws.searches == [] and not (tmp_path / "search").exists()


def test_a_folder_with_something_else_is_refused_before_the_start(aws, corpus, tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("x")
    assert start(corpus, tmp_path, "--yes") == 7
    assert last_error(capsys) == f"{tmp_path} holds something else than a search: mine.txt"
    assert aws.searches == []


def test_what_is_not_there_or_not_for_this_backend(aws, tmp_path, capsys):
    assert tune("--attach", "gone", "--output", tmp_path / "search") == 3
    assert last_error(capsys) == "search gone in eu-west-1: does not exist"
    assert tune("--stop", "gone") == 3
    for arguments, text in (
        (["--output", "x"], "required: --corpus"),
        (["--corpus", "x"], "required: --output"),
        (["--backend", "local", "--yes", "--warm-start", "a"], "--yes, --warm-start: with --bac"),
    ):
        with pytest.raises(SystemExit, match="2"):
            tune(*arguments)
        assert text in capsys.readouterr().err
