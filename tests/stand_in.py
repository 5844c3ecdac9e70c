"""SageMaker's training and tuning jobs on moto's backends, really run: by the local trainer.

    with mock_aws(), StandIn() as aws:
        aws.behaviours.append(Behaviour(failure="AlgorithmError: no memory left"))
        …

Works as well where moto runs as a server in threads of this process. Needs no pytest. A training
job runs in a thread, moves InProgress → Completed, Failed or Stopped, writes a log in BlazingText's
format, and model.tar.gz. A search draws from its ranges at random, by its seed, and runs as many
training jobs at a time as its request says; moto has neither the list of them nor a way to stop it.
"""

import io
import json
import math
import random
import tarfile
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from embeddings.corpus.corpus_file import CorpusFile
from embeddings.scoring.evaluation import eval_json, evaluate
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_run import write_artifacts
from embeddings.training.local_trainer import Trained, train
from storage.errors import JobError

REGION = "eu-west-1"
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
PATIENCE_SECONDS = 300
CREATE, DESCRIBE = "create_training_job", "describe_training_job"
CREATE_SEARCH = "create_hyper_parameter_tuning_job"
DESCRIBE_SEARCH = "describe_hyper_parameter_tuning_job"
PAGE = 2
"""Training jobs of a search that one answer lists."""

FINAL = ("Completed", "Failed", "Stopped")
COUNTERS = {"Completed": "Completed", "Failed": "NonRetryableError", "Stopped": "Stopped"}
OBJECTIVE = "_tuning_objective_metric"
NOTHING = dict.fromkeys([*signature(SageMakerModelBackend.create_training_job).parameters][1:])
"""Arguments of moto's, none of which is given."""

SHARED = ("RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "StoppingCondition")
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
    """Takes over moto's training and tuning jobs while it is entered.

    Attributes:
        behaviours: of the next training jobs, in the order of their start; then the default.
        errors: what calls of an operation answer, one each, as (code, message).
        looks_before_errors: calls of DescribeTrainingJob that are answered well before that.
        requests: arguments of each CreateTrainingJob, as they came over the wire.
        searches: likewise of each CreateHyperParameterTuningJob.
        threads: of all training jobs.
        most: training jobs of one search that ran at a time.
        starts: is waited for before a search starts its first job.
    """

    behaviours: list[Behaviour] = field(default_factory=list)
    errors: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    looks_before_errors: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    searches: list[dict[str, Any]] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    most: int = 0
    starts: threading.Event = field(default_factory=threading.Event)
    _stops: dict[str, threading.Event] = field(default_factory=dict)
    _searches: dict[str, "_Search"] = field(default_factory=dict)
    _undo: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> "StandIn":
        self.starts.set()
        backend, response = SageMakerModelBackend, SageMakerResponse
        self._replace(backend, CREATE, self._create)
        self._replace(backend, DESCRIBE, self._describe)
        self._replace(backend, CREATE_SEARCH, self._create_search)
        self._replace(backend, DESCRIBE_SEARCH, self._describe_search)
        self._replace(response, CREATE, partial(self._record, self.requests))
        self._replace(response, CREATE_SEARCH, partial(self._record, self.searches))
        self._replace(response, "stop_training_job", self._stop)
        self._replace(response, "stop_hyper_parameter_tuning_job", self._stop_search)
        self._replace(response, "list_training_jobs_for_hyper_parameter_tuning_job", self._list)
        return self

    def __exit__(self, *_: object) -> None:
        self.starts.set()
        for search in self._searches.values():
            search.stop()
            search.thread.join(PATIENCE_SECONDS)
        for stop in self._stops.values():
            stop.set()
        self.join()
        self._undo.close()

    def join(self) -> None:
        """Waits for all training jobs to end."""
        for thread in self.threads:
            thread.join(PATIENCE_SECONDS)

    def stop(self, name: str) -> None:
        """Ends a training job."""
        self._stops[name].set()

    def _replace(self, owner: type, name: str, call: Callable[..., Any]) -> None:
        """Puts `call(before, owner's instance, …)` in the place of a method."""
        before = owner.__dict__.get(name)
        setattr(owner, name, lambda *args, **given: call(before, *args, **given))
        undo = partial(setattr, owner, name, before) if before else partial(delattr, owner, name)
        self._undo.callback(undo)

    def _answer_error(self, operation: str) -> None:
        if self.errors[operation]:
            raise JsonRESTError(*self.errors[operation].pop(0))

    def _record(self, requests: list[dict[str, Any]], before: Any, response: Any) -> Any:
        requests.append(json.loads(response.body))
        return before(response)

    def _create(self, before: Any, backend: Any, *args: Any, **given: Any) -> Any:
        name = given["training_job_name"]
        if name in backend.training_jobs:
            raise JsonRESTError("ResourceInUse", f"Training job names must be unique: {name}")
        job = before(backend, *args, **given)
        job.algorithm_specification.pop("MetricDefinitions", None)
        job.final_metric_data_list = []
        job.training_end_time = job.training_start_time = None
        job.secondary_status_transitions = []
        behaviour = self.behaviours.pop(0) if self.behaviours else Behaviour()
        run = _Run(backend, job, behaviour, self._stops.setdefault(name, threading.Event()))
        run.move("InProgress", "Starting", "Preparing the instances for training")
        self.threads.append(threading.Thread(target=run.run, name=name, daemon=True))
        self.threads[-1].start()
        return job

    def _describe(self, before: Any, *args: Any, **given: Any) -> Any:
        self.looks_before_errors -= 1
        if self.looks_before_errors < 0:
            self._answer_error(DESCRIBE)
        return before(*args, **given)

    def _stop(self, before: Any, response: Any) -> Any:
        name = response._get_param("TrainingJobName")
        response.sagemaker_backend.describe_training_job(name)
        self.stop(name)
        return ActionResult({})

    def _create_search(self, before: Any, backend: Any, *args: Any, **given: Any) -> Any:
        arn = before(backend, *args, **given)
        name = given["hyper_parameter_tuning_job_name"]
        search = _Search(self, backend, backend.hyper_parameter_tuning_jobs[name])
        self._searches[name] = search
        search.thread.start()
        return arn

    def _describe_search(self, before: Any, *args: Any, **given: Any) -> Any:
        self._answer_error(DESCRIBE_SEARCH)
        described = before(*args, **given)
        return {name: value for name, value in described.items() if value not in (None, "", {})}

    def _stop_search(self, before: Any, response: Any) -> Any:
        self._searches[response._get_param("HyperParameterTuningJobName")].stop()
        return ActionResult({})

    def _list(self, before: Any, response: Any) -> Any:
        search = self._searches[response._get_param("HyperParameterTuningJobName")]
        start = int(response._get_param("NextToken") or 0)
        page = [search.summary(job) for job in search.started[start : start + PAGE]]
        token = str(start + PAGE) if start + PAGE < len(search.started) else None
        return ActionResult({"TrainingJobSummaries": page, "NextToken": token})


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


class _Search:
    """One tuning job, from its start to its end."""

    def __init__(self, owner: StandIn, backend: Any, job: Any) -> None:
        self.owner, self.backend, self.job = owner, backend, job
        self.started: list[Any] = []
        self.is_stopped = False
        config = job.hyper_parameter_tuning_job_config
        self.limits, self.ranges = config["ResourceLimits"], config["ParameterRanges"]
        self.random = random.Random(config.get("RandomSeed", 0))
        self.thread = threading.Thread(target=self._run, daemon=True)
        self._show("InProgress")

    def stop(self) -> None:
        """Ends it, and the jobs that run."""
        self.is_stopped = True
        for job in self.started:
            self.owner.stop(job.training_job_name)

    def _run(self) -> None:
        self.owner.starts.wait(60)
        while not self.is_stopped and (self._running() or self._has_more()):
            while (
                len(self._running()) < self.limits["MaxParallelTrainingJobs"] and self._has_more()
            ):
                self._start()
            self._show("InProgress")
            time.sleep(0.01)
        while self._running():
            time.sleep(0.01)
        done = [job for job in self.started if job.training_job_status == "Completed"]
        if not done and not self.is_stopped:
            self.job.failure_reason = "All training jobs failed. Please look at their reasons."
            self._show("Failed")
        else:
            self._show("Stopped" if self.is_stopped else "Completed")

    def _has_more(self) -> bool:
        return not self.is_stopped and len(self.started) < self.limits["MaxNumberOfTrainingJobs"]

    def _running(self) -> list[Any]:
        return [job for job in self.started if job.training_job_status not in FINAL]

    def _start(self) -> None:
        definition = self.job.training_job_definition
        number = len(self.started) + 1
        suffix = f"{self.random.getrandbits(32):08x}"
        fixed = dict(definition["StaticHyperParameters"])
        name = f"{self.job.hyper_parameter_tuning_job_name}-{number:03}-{suffix}"
        job = self.backend.create_training_job(
            **NOTHING
            | {xform_name(field): value for field, value in definition.items() if field in SHARED}
            | {"training_job_name": name, "tags": self.job.tags}
            | {"algorithm_specification": dict(definition["AlgorithmSpecification"])}
            | {"hyper_parameters": fixed | self._draw() | {OBJECTIVE: "train:mean_rho"}}
        )
        job.tuning_job_arn = self.job.arn
        self.started.append(job)
        self.owner.most = max(self.owner.most, len(self._running()))

    def _draw(self) -> dict[str, str]:
        values = {
            one["Name"]: self.random.choice(one["Values"])
            for one in self.ranges.get("CategoricalParameterRanges", ())
        }
        for one in self.ranges.get("IntegerParameterRanges", ()):
            values[one["Name"]] = str(
                self.random.randint(int(one["MinValue"]), int(one["MaxValue"]))
            )
        for one in self.ranges.get("ContinuousParameterRanges", ()):
            low, high = math.log(float(one["MinValue"])), math.log(float(one["MaxValue"]))
            values[one["Name"]] = str(math.exp(self.random.uniform(low, high)))
        return values

    def summary(self, job: Any) -> dict[str, Any]:
        found = {
            "TrainingJobName": job.training_job_name,
            "TrainingJobArn": job.arn,
            "CreationTime": job.creation_time,
            "TrainingJobStatus": job.training_job_status,
            "TunedHyperParameters": {"mode": job.hyper_parameters.get("mode", "")},
        }
        if (rho := _mean_rho(job)) is not None:
            objective = {"MetricName": "train:mean_rho", "Value": rho}
            found["FinalHyperParameterTuningJobObjectiveMetric"] = objective
        return found

    def _show(self, status: str) -> None:
        job = self.job
        states = [one.training_job_status for one in self.started]
        counters = {name: states.count(state) for state, name in COUNTERS.items()}
        running = len(states) - sum(counters.values())
        job.training_job_status_counters = counters | {"InProgress": running, "RetryableError": 0}
        scored = [(rho, one) for one in self.started if (rho := _mean_rho(one)) is not None]
        best = max(scored, key=lambda pair: pair[0])[1] if scored else None
        job.best_training_job = self.summary(best) if best else None
        job.OverallBestTrainingJob = job.best_training_job
        job.last_modified_time = datetime.now(UTC).replace(tzinfo=None)
        job.hyper_parameter_tuning_end_time = job.last_modified_time if status in FINAL else None
        job.hyper_parameter_tuning_job_status = status


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


def _mean_rho(job: Any) -> float | None:
    return next((float(one["Value"]) for one in job.final_metric_data_list), None)
