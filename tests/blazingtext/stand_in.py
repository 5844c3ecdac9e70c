"""SageMaker's training jobs on moto's backends, really run: in a thread, by the local trainer.

    stand_in = StandIn()
    with mock_aws(), stand_in:
        stand_in.behaviours.append(Behaviour(failure="AlgorithmError: no memory left"))
        …

Works as well where moto runs as a server in threads of this process. Needs no pytest. A job moves
InProgress → Completed, Failed or Stopped; writes a log in BlazingText's format, and model.tar.gz.
"""

import io
import json
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from embeddings.artifacts import write_artifacts
from embeddings.corpus_file import CorpusFile
from embeddings.evaluation import eval_json, evaluate
from embeddings.hyperparameters import Hyperparameters
from embeddings.local_trainer import Trained, train
from storage.errors import JobError

REGION = "eu-west-1"
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
PATIENCE_SECONDS = 300
THROTTLED = ("ThrottlingException", "Rate exceeded")
EXPIRED = ("ExpiredTokenException", "The security token included in the request is expired")


@dataclass
class Behaviour:
    """What one job does; the default succeeds.

    Attributes:
        failure: FailureReason of a job that fails while it trains; "" for none.
        hold: the job waits for it in the middle of its epochs: to be looked at, or stopped.
        model: bytes to leave in place of the model; None for the real one.
        has_log: whether its machine writes a log.
        training_seconds: as SageMaker will tell, whatever it took.
        billable_seconds: likewise; with spot, less.
        stops_at: secondary status in which it ends as Stopped, MaxRuntimeExceeded say.
    """

    failure: str = ""
    hold: threading.Event | None = None
    model: bytes | None = None
    has_log: bool = True
    training_seconds: int = 120
    billable_seconds: int = 120
    stops_at: str = ""


@dataclass
class StandIn:
    """Takes over moto's training jobs while it is entered.

    Attributes:
        behaviours: of the next jobs, in the order in which they start; the default after those.
        errors: that calls of DescribeTrainingJob answer, one each, as (code, message).
        looks_before_errors: calls of it that are answered well before that.
        requests: arguments of each CreateTrainingJob, as they came over the wire.
        threads: of all jobs.
    """

    behaviours: list[Behaviour] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    looks_before_errors: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    _stops: dict[str, threading.Event] = field(default_factory=dict)
    _undo: list[Callable[[], None]] = field(default_factory=list)

    def __enter__(self) -> "StandIn":
        self._replace(SageMakerModelBackend, "create_training_job", self._create)
        self._replace(SageMakerModelBackend, "describe_training_job", self._describe)
        self._replace(SageMakerResponse, "create_training_job", self._record)
        self._replace(SageMakerResponse, "stop_training_job", self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        for stop in self._stops.values():
            stop.set()
        self.join()
        while self._undo:
            self._undo.pop()()

    def join(self) -> None:
        """Waits for all jobs to end."""
        for thread in self.threads:
            thread.join(PATIENCE_SECONDS)

    def start(self, backend: Any, job: Any, behaviour: Behaviour | None = None) -> None:
        """Runs a job of moto's, which is done for each that is created; for others by hand."""
        queued = self.behaviours.pop(0) if self.behaviours else Behaviour()
        stop = self._stops[job.training_job_name] = threading.Event()
        run = _Run(backend, job, behaviour or queued, stop)
        run.move("InProgress", "Starting", "Preparing the instances for training")
        thread = threading.Thread(target=run.run, name=job.training_job_name, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _replace(self, owner: type, name: str, make: Callable[[Any], Any]) -> None:
        before = owner.__dict__.get(name)
        setattr(owner, name, make(before))
        if before is None:
            self._undo.append(lambda: delattr(owner, name))
        else:
            self._undo.append(lambda: setattr(owner, name, before))

    def _create(self, before: Any) -> Any:
        def create_training_job(backend: Any, *args: Any, **given: Any) -> Any:
            name = given["training_job_name"]
            if name in backend.training_jobs:
                raise JsonRESTError("ResourceInUse", f"Training job names must be unique: {name}")
            job = before(backend, *args, **given)
            job.algorithm_specification.pop("MetricDefinitions", None)
            job.final_metric_data_list = []
            job.training_end_time = job.training_start_time = None
            job.secondary_status_transitions = []
            self.start(backend, job)
            return job

        return create_training_job

    def _describe(self, before: Any) -> Any:
        def describe_training_job(backend: Any, *args: Any, **given: Any) -> Any:
            self.looks_before_errors -= 1
            if self.errors and self.looks_before_errors < 0:
                raise JsonRESTError(*self.errors.pop(0))
            return before(backend, *args, **given)

        return describe_training_job

    def _record(self, before: Any) -> Any:
        def create_training_job(response: Any) -> Any:
            self.requests.append(json.loads(response.body))
            return before(response)

        return create_training_job

    def _stop(self, before: Any) -> Any:
        def stop_training_job(response: Any) -> Any:
            name = response._get_param("TrainingJobName")
            response.sagemaker_backend.describe_training_job(name)
            self._stops[name].set()
            return ActionResult({})

        return stop_training_job


class _Run:
    """One job, from Starting to its end."""

    def __init__(self, backend: Any, job: Any, behaviour: Behaviour, stop: threading.Event) -> None:
        self.backend, self.job, self.behaviour, self.stop = backend, job, behaviour, stop
        self.s3 = s3_backends[backend.account_id]["aws"]
        self.logs = logs_backends[backend.account_id][backend.region_name]
        self.stream = f"{job.training_job_name}/algo-1-1593275000"

    def run(self) -> None:
        """All of it; whatever goes wrong is the job's failure."""
        try:
            with tempfile.TemporaryDirectory() as folder:
                self._train(Path(folder))
        except _StoppedError:
            self._end("Stopped", self.behaviour.stops_at or "Stopped", "Training job stopped")
        except JobError as error:
            self._fail(f"ClientError: {error}, exit code: 2")
        except Exception as error:
            self._fail(f"AlgorithmError: {error}, exit code: 1")

    def move(self, status: str, secondary: str, message: str) -> None:
        """Into the next phase."""
        now = datetime.now(UTC).replace(tzinfo=None)
        phase = {"Status": secondary, "StartTime": now, "StatusMessage": message}
        self.job.secondary_status_transitions = [*self.job.secondary_status_transitions, phase]
        self.job.secondary_status, self.job.training_job_status = secondary, status
        self.job.last_modified_time = now

    def _train(self, folder: Path) -> None:
        self.move("InProgress", "Downloading", "Downloading input data")
        corpus = self._download(folder)
        self.move("InProgress", "Training", "Training image download completed.")
        self.job.training_start_time = self.job.last_modified_time
        self._say("Arguments: train")
        self._say(f"Processing /opt/ml/input/data/train/{corpus.path.name} . File size: 1 MB")
        if self.behaviour.failure:
            self._say("\x1b[31mterminate called after throwing an instance\x1b[0m")
            self._fail(self.behaviour.failure)
            return
        given = self.job.hyper_parameters.items()  # a search's jobs have some of SageMaker's own
        chosen = Hyperparameters.of({name: one for name, one in given if not name.startswith("_")})
        trained = train(corpus, chosen, workers=1)
        self._tell_epochs(trained)
        scores = evaluate(trained.vectors, resamples=0) if chosen.evaluation else []
        evaluation = eval_json(scores) if scores else None
        self._tell_end(trained, evaluation)
        self.move("InProgress", "Uploading", "Uploading generated training model")
        self._upload(trained, evaluation, folder)
        self._complete(evaluation)

    def _download(self, folder: Path) -> CorpusFile:
        [channel] = self.job.input_data_config
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        keys = [key for key in self.s3.buckets[bucket].keys if key.startswith(prefix)]
        if len(keys) != 1:
            raise ValueError(f"{len(keys)} objects under {uri}")
        path = folder / Path(keys[0]).name
        path.write_bytes(self.s3.buckets[bucket].keys[keys[0]].value)
        return CorpusFile(uri, path, {})

    def _tell_epochs(self, trained: Trained) -> None:
        words = trained.facts.words + trained.facts.lines
        self._say(f"Read {words // 1_000_000}M words")
        self._say(f"Number of words:  {len(trained.vectors)}")
        for percent in (5, 50, 95):
            alpha = 0.05 * (1 - percent / 100)
            self._say(
                f"\x1b[34m##### Alpha: {alpha:.4f}  Progress: {percent:.2f}%  "
                f"Million Words/sec: {trained.words_per_second / 1e6:.2f} #####\x1b[0m"
            )
            if percent == 50:
                self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        hold = self.behaviour.hold
        while hold and not hold.is_set() and time.monotonic() < deadline:
            if self.stop.wait(0.01):
                raise _StoppedError
        if self.behaviour.stops_at:
            raise _StoppedError

    def _tell_end(self, trained: Trained, evaluation: Any) -> None:
        self._say("Training finished!")
        speed = trained.words_per_second / 1e6
        self._say(f"Average throughput in Million words/sec: {speed:.2f}")
        self._say(f"Total training time in seconds: {trained.training_seconds:.2f}")
        if evaluation is None:
            return
        self._say("Evaluating word embeddings....")
        for line in json.dumps(evaluation, indent=4).splitlines():
            self._say(line)
        rho = evaluation["mean_rho"]
        self._say(f"[06/27/2020 16:35:09 INFO 140271083321152] #mean_rho: {rho}")

    def _upload(self, trained: Trained, evaluation: Any, folder: Path) -> None:
        (folder / "model").mkdir()
        write_artifacts(trained, evaluation, folder / "model")
        data = self.behaviour.model or (folder / "model" / "model.tar.gz").read_bytes()
        uri = self.job.model_artifacts["S3ModelArtifacts"]
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        self.s3.put_object(bucket, key, data)

    def _complete(self, evaluation: Any) -> None:
        now = datetime.now(UTC).replace(tzinfo=None)
        if evaluation and evaluation["mean_rho"] is not None:
            value = {"MetricName": "train:mean_rho", "Value": evaluation["mean_rho"]}
            self.job.final_metric_data_list = [value | {"Timestamp": now}]
        self._end("Completed", "Completed", "Training job completed")

    def _fail(self, reason: str) -> None:
        self.job.failure_reason = reason
        self._end("Failed", "Failed", reason)

    def _end(self, status: str, secondary: str, message: str) -> None:
        now = datetime.now(UTC).replace(tzinfo=None)
        self.job.training_end_time = now
        self.job.training_time_in_seconds = self.behaviour.training_seconds
        self.job.billable_time_in_seconds = self.behaviour.billable_seconds
        self.move(status, secondary, message)

    def _say(self, line: str) -> None:
        if not self.behaviour.has_log:
            return
        if LOG_GROUP not in self.logs.groups:
            self.logs.create_log_group(LOG_GROUP, {})
        if self.stream not in self.logs.groups[LOG_GROUP].streams:
            self.logs.create_log_stream(LOG_GROUP, self.stream)
        event = {"timestamp": int(time.time() * 1000), "message": line}
        self.logs.put_log_events(LOG_GROUP, self.stream, [event])


class _StoppedError(Exception):
    """The job was told to stop."""


def put(key: str, data: bytes) -> None:
    """An object in the account's bucket."""
    boto3.client("s3").put_object(Bucket="bucket", Key=key, Body=data)


def make_archive(files: dict[str, bytes]) -> bytes:
    """A tar.gz of files by name, whatever the names."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
