"""The jobs' command lines, for what runs on an Airflow worker."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration.build_plan import build_arguments

Command = dict[str, Any]
"""`steps`: argument lists, one after the other; `env`: variables beside the worker's; `done`: a
file that tells, where it is there, that nothing need be done."""

ROOT = str(Path(__file__).resolve().parents[1])
JOB_NAME = "JOB"
"""Stands in a step for the name of a SageMaker job, which is known only when that has run."""

CHECKED = ("mode", "epochs", "min_count", "vector_dim", "window_size", "negative_samples")
"""Hyperparameters that are options of `check_corpus.py`."""

RUN_FOLDER = "run"
"""Of an evaluation, in the task's own folder, which Airflow removes."""


def command(*steps: Sequence[str], done: str = "", env: Mapping[str, str] | None = None) -> Command:
    """What `CommandOperator` runs."""
    return {"steps": [list(step) for step in steps], "done": done, "env": dict(env or {})}


def job(params: Mapping[str, Any], name: str, *arguments: str) -> list[str]:
    """The command line of one of our jobs."""
    home = params["home"] or ROOT
    return [params["python"], f"{home.rstrip('/')}/jobs/{name}.py", *arguments]


def build(params: Mapping[str, Any], output: str) -> Command:
    """Builds the corpus, unless it is there: same input, options and code."""
    arguments = build_arguments(params, output)
    conf = [word for pair in params["spark_conf"].items() for word in ("--conf", "=".join(pair))]
    env = {"SPARK_LOCAL_IP": "127.0.0.1"}
    if conf:
        env["PYSPARK_SUBMIT_ARGS"] = shlex.join([*conf, "pyspark-shell"])
    return command(job(params, "build_corpus", *arguments, "--overwrite"), env=env)


def preflight(params: Mapping[str, Any], corpus: str) -> Command:
    """Checks the corpus file once more, as BlazingText would see it."""
    given = params["hyperparameters"].items()
    values = [f"--{name}={value}" for name, value in given if name in CHECKED]
    return command(job(params, "check_corpus", corpus, "--preset", params["preset"], *values))


def train(params: Mapping[str, Any], corpus: str, output: str) -> Command:
    """Trains on this machine, and evaluates."""
    values = [f"--{name}={value}" for name, value in params["hyperparameters"].items()]
    places = ("--corpus", corpus, "--output", output, "--preset", params["preset"])
    step = job(params, "train_embeddings", *places, *values)
    return command(step, done=f"{output}/run.json")


def tune(params: Mapping[str, Any], corpus: str, output: str) -> Command:
    """Searches on this machine; goes on where it was ended."""
    changes = [f"--set={change}" for change in params["tuning_ranges"]]
    jobs = ("--max-jobs", str(params["max_jobs"]), "--parallel", str(params["parallel_jobs"]))
    places = ("--corpus", corpus, "--output", output, "--preset", params["preset"])
    return command(job(params, "tune_embeddings", *places, *jobs, *changes))


def evaluate_here(params: Mapping[str, Any], runs: str) -> Command:
    """Scores the vectors of a run that was trained on this machine."""
    return command(job(params, "evaluate_embeddings", runs))


def evaluate_there(params: Mapping[str, Any], runs: str) -> Command:
    """Fetches what a SageMaker job made, scores it, and puts its run.json below `runs`."""
    attach = ("--backend", "sagemaker", "--attach", JOB_NAME, "--output", RUN_FOLDER)
    return command(
        job(params, "train_embeddings", *attach),
        job(params, "register_run", RUN_FOLDER, f"{runs}{JOB_NAME}/", "--overwrite"),
    )


def compare(params: Mapping[str, Any], runs: str) -> Command:
    """The table of all runs, the best first."""
    return command(job(params, "compare_models", runs))


def is_done(command: Command) -> bool:
    """Whether what the command makes is there already."""
    return bool(command["done"]) and Path(command["done"]).exists()


def environment(command: Command) -> dict[str, str]:
    """The command's variables; and, for Spark, the Java beside the interpreter, if there is one."""
    java = Path(command["steps"][0][0]).parent.parent / "java"
    home = {"JAVA_HOME": str(java)} if (java / "bin" / "java").exists() else {}
    return {**command["env"], **home}
