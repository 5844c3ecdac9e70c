"""The jobs' command lines, for what runs on an Airflow worker. Pure."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration.parameters import DEFAULTS

Command = dict[str, Any]
"""`steps`: argument lists, one after the other; `env`: variables beside the worker's; `done`: a
file that tells, where it is there, that nothing need be done."""

ROOT = str(Path(__file__).resolve().parents[1])
JOB_NAME = "<JOB>"
"""Stands in a step for the name of a SageMaker job, which is known only when that has run."""

BUILD_OPTIONS = ("splitter", "dedup", "language", "mask", "min_tokens")
"""Parameters that are options of `build_corpus.py`, which has them by the same names."""

CHECKED = ("mode", "epochs", "min_count", "vector_dim", "window_size", "negative_samples")
"""Hyperparameters that are options of `check_corpus.py`."""

RUN_FOLDER = "run"
"""Of an evaluation, in the task's own folder, which Airflow removes."""


def command(*steps: Sequence[str], done: str = "", env: Mapping[str, str] | None = None) -> Command:
    """What `CommandOperator` runs."""
    return {"steps": [list(step) for step in steps], "done": done, "env": dict(env or {})}


def shell_line(steps: Sequence[Sequence[str]], job_name: str) -> str:
    """All steps as one line for a shell, about a job; each step needs the one before.

    >>> shell_line([["echo", "JOB 1"], ["cat", "/JOBS/<JOB>/a"]], "tune-7")
    "echo 'JOB 1' && cat /JOBS/tune-7/a"
    """
    named = ([word.replace(JOB_NAME, job_name) for word in step] for step in steps)
    return " && ".join(map(shlex.join, named))


def job(params: Mapping[str, Any], name: str, *arguments: str) -> list[str]:
    """The command line of one of our jobs."""
    home = params["home"] or ROOT
    return [params["python"], f"{home.rstrip('/')}/jobs/{name}.py", *arguments]


def build_arguments(params: Mapping[str, Any], output: str) -> tuple[str, ...]:
    """Arguments of `build_corpus.py`; what is as by default is left out."""
    changed = [
        (f"--{name.replace('_', '-')}", str(params[name]))
        for name in BUILD_OPTIONS
        if params[name] not in (None, "", DEFAULTS[name])
    ]
    words = [word for option in changed for word in option]
    return ("--input", params["input"], "--output", output, *words, *params["build_options"])


def build(params: Mapping[str, Any], output: str) -> Command:
    """Builds the corpus, unless it is there: same input, options and code."""
    conf = [word for pair in params["spark_conf"].items() for word in ("--conf", "=".join(pair))]
    env = {"SPARK_LOCAL_IP": "127.0.0.1"}
    if conf:
        env["PYSPARK_SUBMIT_ARGS"] = shlex.join([*conf, "pyspark-shell"])
    arguments = build_arguments(params, output)
    return command(job(params, "build_corpus", *arguments, "--overwrite"), env=env)


def preflight(params: Mapping[str, Any], corpus: str) -> Command:
    """Checks the corpus file once more, as BlazingText would see it."""
    values = [value for value in _values(params) if value[2:].partition("=")[0] in CHECKED]
    options = ("--no-tables", "--preset", params["preset"])
    return command(job(params, "check_corpus", corpus, *options, *values))


def train(params: Mapping[str, Any], corpus: str, output: str) -> Command:
    """Trains on this machine, and evaluates."""
    places = ("--corpus", corpus, "--output", output, "--preset", params["preset"])
    step = job(params, "train_embeddings", *places, *_values(params))
    return command(step, done=f"{output}/run.json")


def tune(params: Mapping[str, Any], corpus: str, output: str) -> Command:
    """Searches on this machine; goes on where it was ended."""
    places = ("--corpus", corpus, "--output", output, "--preset", params["preset"])
    jobs = ("--max-jobs", str(params["max_jobs"]), "--parallel", str(params["parallel_jobs"]))
    changes = [f"--set={change}" for change in params["tuning_ranges"]]
    return command(job(params, "tune_embeddings", *places, *jobs, *changes))


def evaluate_run(params: Mapping[str, Any], run: str) -> Command:
    """Scores the vectors of a run that was trained on this machine."""
    return command(job(params, "evaluate_embeddings", run))


def evaluate_job(params: Mapping[str, Any], runs: str) -> Command:
    """Fetches what a SageMaker job made, scores it, and puts its run.json below `runs`."""
    attach = ("--backend", "sagemaker", "--attach", JOB_NAME, "--output", RUN_FOLDER)
    return command(
        job(params, "train_embeddings", *attach),
        job(params, "register_run", RUN_FOLDER, f"{runs}{JOB_NAME}/", "--overwrite"),
    )


def compare(params: Mapping[str, Any], runs: str) -> Command:
    """The table of all runs, the best first."""
    return command(job(params, "compare_models", runs))


def _values(params: Mapping[str, Any]) -> list[str]:
    return [f"--{name}={value}" for name, value in params["hyperparameters"].items()]
