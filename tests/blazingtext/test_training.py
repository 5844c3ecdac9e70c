"""The whole command, on jobs that are really run: what is asked for, seen, and left."""

import hashlib
import json
import re
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import boto3
import pytest
from moto_account import last_error
from stand_in import Behaviour, make_archive, put
from training_command import SMALL, command, job_names, put_file, start, train

from embeddings.runs.run_record import RunRecord, read_run
from embeddings.scoring.evaluation import evaluate
from jobs import compare_models, evaluate_embeddings, neighbours, train_embeddings

BASE = "blazingtext-blogs-sentences"


def test_one_command_from_corpus_to_record(aws, corpus, lines, tmp_path, capsys):
    output = tmp_path / "run"
    assert start(corpus, output, "--name", "mine", "--preset", "reference") == 0
    [request] = aws.requests
    name = request["TrainingJobName"]
    assert re.fullmatch(rf"{BASE}-\d{{8}}-\d{{6}}-\d{{3}}-[0-9a-f]{{6}}", name)
    assert request["HyperParameters"]["learning_rate"] == "0.05"
    assert request["OutputDataConfig"] == {"S3OutputPath": "s3://bucket/models/blazingtext"}
    assert request["AlgorithmSpecification"]["TrainingImage"].endswith("/blazingtext:1")
    printed = capsys.readouterr()
    assert re.match(
        r"estimate: 0 s on 1 x ml.c5.xlarge, US\$ 0.01; "
        r"stopped after 18,000 s, so US\$ 1.02 at most\n"
        rf"job     {name}\n"
        r"logs    aws logs tail /aws/sagemaker/TrainingJobs .* --region eu-west-1\n"
        rf"follow  {re.escape(command('--attach', name, '--output', output, '--name=mine'))}\n"
        rf"stop    {re.escape(command('--stop', name))}\n",
        printed.out,
    )
    record = read_run(output)
    assert f"{name}: 1 x ml.c5.xlarge, 120 s billed, US$ 0.01\n" in printed.out
    assert f"train:mean_rho  {record.mean_rho:.4f}  20" in printed.out
    words = len(lines.split())
    assert f"read {words:,} words\n" in printed.err
    assert f"trained on {words * 2:,} words in " in printed.err
    assert printed.err.splitlines()[-1].startswith("Completed, ")
    assert evaluate_embeddings.main([str(output)]) == 0  # the other jobs take it as it is
    assert neighbours.main(["--model", str(output), "tiger"]) == 0
    assert compare_models.main([str(output)]) == 0
    told = capsys.readouterr().out
    assert re.search(r"^tiger +cosine$", told, re.MULTILINE)
    assert re.search(rf"^mine +A +{record.mean_rho:.4f} ", told, re.MULTILINE)


def test_the_record_is_that_of_any_run(aws, corpus, lines, tmp_path, monkeypatch):
    monkeypatch.setattr("blazingtext.jobs.job_record.evaluate", evaluate)
    assert start(corpus, tmp_path / "remote", "--name", "mine") == 0
    here = ["--corpus", put_file(tmp_path, lines), "--output", str(tmp_path / "local")]
    assert train_embeddings.main([*here, "--workers", "1", *SMALL]) == 0
    remote, local = read_run(tmp_path / "remote"), read_run(tmp_path / "local")
    same = ("hyperparameters", "vocabulary", "evaluation", "scores", "status", "artifacts")
    for field in same:
        assert getattr(remote, field) == getattr(local, field), field
    assert remote.mean_rho is not None
    assert remote.corpus == local.corpus | {"uri": corpus}
    assert (remote.name, remote.backend, remote.notes) == ("mine", "sagemaker", [])
    assert (remote.seed, remote.workers, remote.peak_memory_bytes) == (None, None, None)
    assert remote.price_usd == pytest.approx(120 / 3600 * 0.204, abs=1e-4)
    [metric] = remote.details.pop("metrics")
    assert (metric["name"], metric["value"]) == ("train:mean_rho", remote.mean_rho)
    [name] = job_names(aws)
    model = (tmp_path / "remote" / "model.tar.gz").read_bytes()
    assert remote.details == {
        "job_name": name,
        "job_arn": f"arn:aws:sagemaker:eu-west-1:123456789012:training-job/{name}",
        "region": "eu-west-1",
        "image": "685385470294.dkr.ecr.eu-west-1.amazonaws.com/blazingtext:1",
        "instance_type": "ml.c5.xlarge",
        "instance_count": 1,
        "spot": False,
        "spot_saving": None,
        "training_time_seconds": 120,
        "billable_seconds": 120,
        "price_per_hour_usd": 0.204,
        "model_uri": f"s3://bucket/models/blazingtext/{name}/output/model.tar.gz",
        "model_sha256": hashlib.sha256(model).hexdigest(),
    }
    assert model == (tmp_path / "local" / "model.tar.gz").read_bytes()


def test_a_local_corpus_is_looked_at_and_uploaded_under_its_digest_once(
    aws, lines, tmp_path, capsys
):
    lines = f"\ufeff{lines}"
    path = put_file(tmp_path, lines)
    digest = hashlib.sha256(lines.encode()).hexdigest()
    key = f"corpora/{digest[:16]}/lines.txt"
    assert start(path, tmp_path / "a", "--output-path", "s3://bucket/m") == 0
    assert "uploading lines.txt, " in capsys.readouterr().err
    assert start(path, tmp_path / "b", "--bucket", "bucket") == 0
    said = capsys.readouterr().err
    assert said.startswith("warning: preflight.bom: found 1, expected at most 0 ")
    assert "uploading" not in said and f"corpus: s3://bucket/{key}\n" in said
    data = boto3.client("s3").get_object(Bucket="bucket", Key=key)["Body"].read()
    assert data.decode() == lines
    for output in ("a", "b"):
        corpus = read_run(tmp_path / output).corpus
        assert (corpus["uri"], corpus["sha256"]) == (f"s3://bucket/{key}", digest)


def test_a_file_in_a_folder_of_a_longer_name_is_not_an_outputs(aws, lines, tmp_path):
    put("out/old-corpus/cleaned_sentences.csv", lines.encode())
    put("out/old-manifest.json", b"mine, and no JSON")
    uri = "s3://bucket/out/old-corpus/cleaned_sentences.csv"
    assert start(uri, tmp_path / "run") == 0
    corpus = read_run(tmp_path / "run").corpus
    assert (corpus["uri"], corpus["manifest_sha256"]) == (uri, None)


@pytest.mark.parametrize("end", ["/", ""])
def test_the_output_of_a_build_brings_its_figures(end, aws, lines, tmp_path, monkeypatch):
    """A corpus that has passed its gate is not counted again."""
    data = lines.encode()
    facts = {"bytes": len(data), "lines": 777, "tokens": 8888}
    manifest: dict[str, Any] = {
        "corpus": facts | {"sha256": hashlib.sha256(data).hexdigest()},
        "quality": {"gate": "passed"},
        "input": {"digest": "abc"},
    }
    put("out/corpus/cleaned_sentences.csv", data)
    put("out/manifest.json", json.dumps(manifest).encode())
    assert start(f"s3://bucket/out{end}", tmp_path / "run", "--max-cost", "0.01") == 0
    corpus = read_run(tmp_path / "run").corpus
    assert corpus == {
        "uri": "s3://bucket/out/corpus/cleaned_sentences.csv",
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "lines": 777,
        "words": 8888,
        "manifest_sha256": hashlib.sha256(json.dumps(manifest).encode()).hexdigest(),
        "input_digest": "abc",
    }
    put("out/corpus/cleaned_sentences.csv", data.replace(b"a", b"b"))
    assert start("s3://bucket/out/", tmp_path / "other") == 15
    assert len(aws.requests) == 1


def test_spot_and_what_it_saved(aws, corpus, tmp_path, capsys):
    aws.behaviours.append(Behaviour(training_seconds=400, billable_seconds=100))
    assert start(corpus, tmp_path / "run", "--spot") == 0
    [request] = aws.requests
    assert request["EnableManagedSpotTraining"] is True
    limits = {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 3600}
    assert request["StoppingCondition"] == limits
    record = read_run(tmp_path / "run")
    assert (record.details["spot"], record.details["spot_saving"]) == (True, 0.75)
    assert record.price_usd == pytest.approx(100 / 3600 * 0.204, abs=1e-4)
    assert "spot capacity saved 75%" in capsys.readouterr().out


def test_several_machines_are_paid_for_each_and_what_means_nothing_there_is_noted(
    aws, corpus, tmp_path
):
    output = tmp_path / "run"
    machines = ("--instance-count", 3, "--price-per-hour", 7.2)
    assert start(corpus, output, *machines, "--seed", 3, "--workers", 2) == 0
    record = read_run(output)
    assert record.price_usd == pytest.approx(120 / 3600 * 7.2 * 3)
    assert record.notes == ["--seed and --workers mean nothing to BlazingText"]


def test_subwords_reach_the_other_jobs(aws, corpus, lines, tmp_path, capsys):
    """BlazingText's vectors.bin is fastText's then; they are looked for beside the archive."""
    subwords = ("--mode", "skipgram", "--subwords", "True", "--buckets", "5000")
    here = ["--corpus", put_file(tmp_path, lines), "--output", str(tmp_path / "local")]
    assert train_embeddings.main([*here, "--workers", "1", *SMALL, *subwords]) == 0
    vectors = (tmp_path / "local" / "subwords.bin").read_bytes()
    aws.behaviours.append(Behaviour(model=make_archive({"vectors.bin": vectors})))
    assert start(corpus, tmp_path / "remote", *subwords) == 0
    remote, local = read_run(tmp_path / "remote"), read_run(tmp_path / "local")
    assert remote.vocabulary == local.vocabulary
    assert remote.artifacts["subwords.bin"] == len(vectors)
    query = ["--model", str(tmp_path / "remote"), "tigerish"]
    assert neighbours.main(query) == 0
    assert "tigerish (made from its n-grams)" in capsys.readouterr().out


def test_an_evaluation_that_differs_is_noted(aws, corpus, tmp_path):
    assert start(corpus, tmp_path / "first") == 0
    with tarfile.open(tmp_path / "first" / "model.tar.gz") as tar:
        vectors = tar.extractfile("vectors.txt")
        assert vectors
        files = {"vectors.txt": vectors.read(), "eval.json": b'{"mean_rho": 0.99}'}
    aws.behaviours.append(Behaviour(model=make_archive(files)))
    assert start(corpus, tmp_path / "second") == 0
    record = read_run(tmp_path / "second")
    assert (record.mean_rho, record.evaluation) == (0.99, {"mean_rho": 0.99})
    [note] = record.notes
    ours = record.scores[-1]["rho"]
    assert note == f"the job's eval.json has mean_rho 0.99, and its vectors give {ours}"


def test_without_evaluation_or_log(aws, corpus, tmp_path):
    aws.behaviours.append(Behaviour(has_log=False))
    assert start(corpus, tmp_path / "run", "--evaluation", "False") == 0
    record = read_run(tmp_path / "run")
    assert (record.evaluation, record.scores, record.details["metrics"]) == (None, [], [])
    assert (record.training_seconds, record.words_per_second) == (None, None)
    assert record.vocabulary is not None and record.vocabulary > 2


def test_detach_and_attach(aws, corpus, tmp_path, capsys):
    assert train("--corpus", corpus, "--yes", "--detach") == 0
    [name] = job_names(aws)
    assert f"{command('--attach', name, '--output', f'build/{name}')}\n" in capsys.readouterr().out
    aws.join()
    assert train("--attach", name, "--output", tmp_path / "run") == 0
    record = read_run(tmp_path / "run")
    assert record.details["job_name"] == record.name == name
    assert record.hyperparameters["vector_dim"] == 20
    assert record.corpus["uri"] == corpus and record.corpus["bytes"] > 0


def test_stop_a_job_and_see_it_stopped(aws, corpus, tmp_path, capsys):
    aws.behaviours.append(Behaviour(hold=threading.Event()))
    assert train("--corpus", corpus, "--yes", "--detach") == 0
    [name] = job_names(aws)
    assert train("--stop", name) == 0
    assert capsys.readouterr().out.endswith(f"asked to stop {name}\n")
    assert train("--attach", name, "--output", tmp_path / "run") == 31
    assert last_error(capsys) == f"training job {name} is Stopped: Training job stopped"
    assert not (tmp_path / "run").exists()
    assert train("--stop", name) == 2
    assert last_error(capsys) == f"training job {name} is Stopped already"


def test_two_commands_at_once_do_not_collide(aws, corpus, tmp_path, monkeypatch):
    # Each command has a process of its own, whose stdout it replaces; these two share theirs.
    monkeypatch.setattr("commandline.running.printable_output", nullcontext)
    outputs = [tmp_path / "a", tmp_path / "b"]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda output: start(corpus, output), outputs)) == [0, 0]
    assert len(set(job_names(aws))) == 2
    assert {read_run(output).details["job_name"] for output in outputs} == set(job_names(aws))


def test_ctrl_c_leaves_the_job_running(aws, corpus, tmp_path, capsys, monkeypatch):
    hold = threading.Event()
    aws.behaviours.append(Behaviour(hold=hold))
    polls = iter(range(10_000))

    def sleep(seconds: float) -> None:
        if next(polls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("aws.remote_runs.time.sleep", sleep)
    output = tmp_path / "run"
    assert start(corpus, output) == 130
    [name] = job_names(aws)
    assert last_error(capsys) == (
        f"{name} goes on; {command('--attach', name, '--output', output)} waits for it, "
        f"{command('--stop', name)} ends it"
    )
    assert not output.exists()
    hold.set()
    aws.join()
    client = boto3.client("sagemaker", region_name="eu-west-1")
    described = client.describe_training_job(TrainingJobName=name)
    assert described["TrainingJobStatus"] == "Completed"


def test_a_run_that_is_there_is_not_replaced_and_nothing_is_paid(aws, corpus, tmp_path):
    assert start(corpus, tmp_path / "run") == 0
    assert start(corpus, tmp_path / "run") == 7
    assert len(aws.requests) == 1
    assert start(corpus, tmp_path / "run", "--overwrite") == 0
    record: RunRecord = read_run(tmp_path / "run")
    assert record.details["job_name"] == job_names(aws)[1]
