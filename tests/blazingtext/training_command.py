"""The training job by its command line, on SageMaker and small enough for a test."""

from pathlib import Path

from stand_in import REGION, StandIn

from jobs import train_embeddings
from storage.pasted import job_command

ROLE = "arn:aws:iam::123456789012:role/train"
SMALL = ["--min-count", "2", "--vector-dim", "20", "--epochs", "2"]


def train(*arguments: object) -> int:
    given = map(str, (*SMALL, *arguments))
    return train_embeddings.main(["--backend", "sagemaker", "--role", ROLE, *given])


def start(corpus: str, output: Path, *arguments: object) -> int:
    return train("--corpus", corpus, "--output", output, "--yes", *arguments)


def command(*words: object, script: str = "train_embeddings.py") -> str:
    """What a hint says, to be pasted."""
    given = ("--backend", "sagemaker", *map(str, words))
    return job_command(script, *given, region=REGION)


def job_names(aws: StandIn) -> list[str]:
    return [request["TrainingJobName"] for request in aws.requests]


def put_file(folder: Path, lines: str) -> str:
    (folder / "lines.txt").write_text(lines)
    return str(folder / "lines.txt")
