"""What one training run leaves: one object a run.json, whichever backend trained.

A run.json names no path of this machine but those that the user typed, and no host.
"""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from storage.errors import BadRunError

RUN_FILE = "run.json"
FORMAT = 1
TOOL = "blazing-corpus"
COMPLETED = "completed"
BACKENDS = ("local", "sagemaker")


def printable(path: str) -> str:
    """A path as anything can print and encode it: bytes that are no UTF-8 as escapes.

    Of such bytes, and in the C locale of all that are not ASCII, Python makes surrogates.
    """
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@dataclass(frozen=True)
class RunRecord:
    """One training run, of whichever backend; one object a run.json.

    Attributes:
        name: the output folder's, or the training job's.
        backend: `local` or `sagemaker`.
        status: `completed`, or what the backend calls it.
        started: ISO 8601, UTC.
        finished: likewise; empty while it runs.
        hyperparameters: BlazingText's, typed, by name; all of them.
        corpus: `uri`, `sha256`, `bytes`, `lines`, `words`, `manifest_sha256`, `input_digest`; None
            for what the backend does not know.
        seconds: from start to finish, of everything.
        training_seconds: of the epochs alone.
        words_per_second: tokens times epochs by training_seconds.
        vocabulary: words that have a vector.
        evaluation: content of eval.json; None without evaluation.
        scores: the same with intervals, as `Score.to_dict()`; and further tables.
        seed: None if the backend takes none.
        workers: threads; None likewise.
        peak_memory_bytes: None if not known.
        price_usd: what the run cost; None for local runs.
        notes: what was done otherwise than BlazingText does.
        versions: of Python and packages.
        host: kind of machine.
        artifacts: names of files beside run.json, with their sizes in bytes.
        details: whatever else a backend knows (job name, instance type, billable seconds, …).
    """

    name: str
    backend: str
    status: str
    started: str
    finished: str
    hyperparameters: dict[str, Any]
    corpus: dict[str, Any]
    seconds: float | None = None
    training_seconds: float | None = None
    words_per_second: float | None = None
    vocabulary: int | None = None
    evaluation: dict[str, Any] | None = None
    scores: list[dict[str, Any]] = field(default_factory=list)
    seed: int | None = None
    workers: int | None = None
    peak_memory_bytes: int | None = None
    price_usd: float | None = None
    notes: list[str] = field(default_factory=list)
    versions: dict[str, Any] = field(default_factory=dict)
    host: dict[str, Any] = field(default_factory=dict)
    artifacts: dict[str, int] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def mean_rho(self) -> float | None:
        """The objective of tuning; None without evaluation, or with too few words for one."""
        return (self.evaluation or {}).get("mean_rho")

    def to_json(self) -> str:
        """The text of run.json."""
        content = {"format": FORMAT, "tool": TOOL, **asdict(self)}
        return json.dumps(content, indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str, where: str) -> Self:
        """Reads a run.json; fields that this version does not know are left out.

        Args:
            text: its content.
            where: what errors call it.

        Raises:
            BadRunError: it is no run.json of this tool and format.
        """
        try:
            content = json.loads(text)
            if (content["tool"], content["format"]) != (TOOL, FORMAT):
                raise BadRunError(f"{where} is of another tool or format")
            known = {one.name for one in fields(cls)}
            record = cls(**{name: value for name, value in content.items() if name in known})
        except (ValueError, TypeError, KeyError):
            raise BadRunError(f"{where} is no {RUN_FILE} of {TOOL}") from None
        if not isinstance(record.hyperparameters, dict) or not isinstance(record.corpus, dict):
            raise BadRunError(f"{where} is no {RUN_FILE} of {TOOL}")
        return record
