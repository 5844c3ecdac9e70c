"""Corpus, vectors and runs on S3: what the training jobs read there, from a real server."""

import hashlib
import os
import pickle
import tarfile

import pytest
from s3_server import upload_folder

from embeddings.corpus.corpus_file import find_corpus
from embeddings.runs.run_record import RunRecord, read_runs
from jobs import evaluate_embeddings, map_embeddings, neighbours, train_embeddings


@pytest.fixture(autouse=True)
def environment(server, monkeypatch, tmp_path):
    """As a user has it: the endpoint comes from the environment."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("end", ["/", ""])
def test_a_builds_output_brings_its_manifest(end, server, bucket, tmp_path):
    lines = b"one two\n"
    server.client.put_object(Bucket=bucket, Key="out/manifest.json", Body=b"{}")
    server.client.put_object(Bucket=bucket, Key="out/corpus/cleaned_sentences.csv", Body=lines)
    corpus = find_corpus(f"s3a://user:secret@{bucket}/out{end}", tmp_path)
    assert corpus.uri == f"s3a://{bucket}/out{end}"
    assert corpus.path.read_bytes() == lines
    assert corpus.manifest_sha256 == hashlib.sha256(b"{}").hexdigest()


def test_runs_are_read_from_a_prefix_and_nothing_else(server, bucket):
    record = RunRecord("r1", "sagemaker", "Completed", "", "", {"epochs": 5}, {"uri": "s3://b/c"})
    for key in ("runs/r2/run.json", "runs/r1/run.json", "runs/r1/old-run.json", "runs2/run.json"):
        server.client.put_object(Bucket=bucket, Key=key, Body=record.to_json().encode())
    found = list(read_runs(f"s3://{bucket}/runs"))
    assert [place for place, _ in found] == [
        f"s3://{bucket}/runs/r1/run.json",
        f"s3://{bucket}/runs/r2/run.json",
    ]
    assert found[0][1] == record


def test_a_job_says_in_one_line_what_s3_says(bucket, tmp_path, capsys):
    code = train_embeddings.main(
        ["--corpus", f"s3://{bucket}/gone.csv", "--output", f"{tmp_path}/run", "--mode", "cbow"]
    )
    text = capsys.readouterr().err
    assert code == 3
    assert text.startswith(f"train_embeddings: error: s3://{bucket}/gone.csv: does not exist")
    assert text.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_the_chain_from_a_corpus_on_s3_to_vectors(server, bucket, tmp_path, capsys):
    from made_up_company import make_lines

    corpus = "\n".join([*make_lines(300), ""]).encode()
    server.client.put_object(Bucket=bucket, Key="c.csv", Body=corpus)
    run = tmp_path / "runs" / "one"
    code = train_embeddings.main(
        [
            *("--corpus", f"s3://{bucket}/c.csv", "--output", str(run), "--mode", "cbow"),
            *("--min_count", "1", "--epochs", "1", "--workers", "1"),
        ]
    )
    assert code == 0
    upload_folder(server, run, bucket, "runs/one/")
    ((place, record),) = list(read_runs(f"s3://{bucket}/runs"))
    assert place == f"s3://{bucket}/runs/one/run.json"
    assert record.corpus["uri"] == f"s3://{bucket}/c.csv"
    from embeddings.vectors.vectors_file import load_vectors

    assert "coffee" in load_vectors(f"s3://{bucket}/runs/one/model.tar.gz").key_to_index


@pytest.mark.parametrize("protocol", [0, 4])
@pytest.mark.parametrize("key", ["words.kv", "vectors.bin", "model.tar.gz"])
def test_no_job_unpickles_what_is_on_s3(key, protocol, server, bucket, tmp_path, capsys):
    ran = tmp_path / "ran"
    content = pickle.dumps(Evil(ran), protocol)
    (tmp_path / "vectors.bin").write_bytes(content)
    if key.endswith(".gz"):
        with tarfile.open(tmp_path / key, "w:gz") as tar:
            tar.add(tmp_path / "vectors.bin", "vectors.bin")
        content = (tmp_path / key).read_bytes()
    server.client.put_object(Bucket=bucket, Key=key, Body=content)
    uri = f"s3://{bucket}/{key}"
    for job, arguments in (
        (evaluate_embeddings, [uri]),
        (neighbours, ["--model", uri, "coffee"]),
        (map_embeddings, [uri, "--output", str(tmp_path / "map")]),
    ):
        for option in ([], ["--trust-pickle"]):
            assert job.main([*arguments, *option]) == 16
            (line,) = capsys.readouterr().err.splitlines()
            assert f"{uri} is a pickle, " in line and "--trust-pickle" in line
    (copy,) = (tmp_path / "cache").rglob(key)
    (tmp_path / "mine.kv").symlink_to(copy)
    for path in (copy, tmp_path / "mine.kv"):
        assert evaluate_embeddings.main([str(path), "--trust-pickle"]) == 16
    assert not ran.exists()


class Evil:
    """Makes a folder when it is unpickled."""

    def __init__(self, target):
        self.target = str(target)

    def __reduce__(self):
        return os.mkdir, (self.target,)
