"""An experiment's runs as training jobs: priced together, found again, compared."""

import json

import pytest
from stand_in import Behaviour, put
from training_command import ROLE, job_names

from jobs import compare_cleaning


@pytest.fixture
def compare(aws, corpus, lines, tmp_path):
    put("corpus/half.txt", lines[: len(lines) // 2].rpartition("\n")[0].encode() + b"\n")
    given = ["--corpus", f"all={corpus}", "--corpus", "half=s3://bucket/corpus/half.txt"]
    given += ["--backend", "sagemaker", "--role", ROLE, "--output", f"{tmp_path}/out", "--seeds"]
    small = ["--min_count", "2", "--vector_dim", "20", "--epochs", "2"]
    return lambda *more: compare_cleaning.main([*given, *map(str, more), *small])


def test_the_price_of_all_comes_first(aws, compare, tmp_path, capsys):
    assert compare(2) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "not started without --yes; estimate: US$ 0.03 for 4 training jobs on 1 x" in error
    assert compare(2, "--max-cost", 0.02, "--yes") == 32
    assert not aws.requests


def test_jobs_are_compared_and_a_failed_one_is_started_again(aws, compare, tmp_path, capsys):
    aws.behaviours += [Behaviour(), Behaviour(failure="AlgorithmError: no memory left")]
    assert compare(1, "--yes") == 30
    noted = tmp_path / "out" / "jobs.json"
    assert json.loads(noted.read_text()) == {"all-seed-1": job_names(aws)[0]}
    assert compare(1, "--yes") == 0
    output = capsys.readouterr().out
    assert output.count("estimate: US$ 0.01 for 1 training jobs") == 1
    assert "mean_rho (" in output and "half: sha256 " in output
    assert len(aws.requests) == 3  # the first of them is not paid again
    assert [*json.loads(noted.read_text())] == ["all-seed-1", "half-seed-1"]
    assert compare(1) == 0 and len(aws.requests) == 3
