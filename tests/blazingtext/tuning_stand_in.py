"""SageMaker's tuning jobs on moto's backends: really run, as training jobs of the stand-in.

    with mock_aws(), StandIn() as jobs, TuningStandIn(jobs) as searches:
        jobs.behaviours.append(Behaviour(failure="AlgorithmError: …"))  # of the first training job
        …

Draws from the ranges at random, by the search's seed; runs as many jobs at a time as the request
says; adds what moto has not: the list of a search's training jobs, and stopping it.
"""

import json
import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse
from stand_in import StandIn

PAGE = 2
"""Training jobs that one answer lists."""

FINAL = ("Completed", "Failed", "Stopped")
COUNTERS = {"Completed": "Completed", "Failed": "NonRetryableError", "Stopped": "Stopped"}
OBJECTIVE = "_tuning_objective_metric"


@dataclass
class TuningStandIn:
    """Takes over moto's tuning jobs while it is entered.

    Attributes:
        jobs: runs the training jobs.
        errors: that the next calls of DescribeHyperParameterTuningJob answer, as (code, message).
        refusals: likewise, of CreateHyperParameterTuningJob.
        requests: arguments of each CreateHyperParameterTuningJob, as they came over the wire.
        most: training jobs of one search that ran at a time.
        starts: is waited for before a search starts its first job.
    """

    jobs: StandIn
    errors: list[tuple[str, str]] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    most: int = 0
    starts: threading.Event = field(default_factory=threading.Event)
    _searches: dict[str, "_Search"] = field(default_factory=dict)
    _undo: list[Callable[[], None]] = field(default_factory=list)

    def __enter__(self) -> "TuningStandIn":
        self.starts.set()
        create, describe = (
            "create_hyper_parameter_tuning_job",
            "describe_hyper_parameter_tuning_job",
        )
        self._replace(SageMakerModelBackend, create, self._create)
        self._replace(SageMakerModelBackend, describe, self._describe)
        self._replace(SageMakerResponse, create, self._record)
        self._replace(SageMakerResponse, "stop_hyper_parameter_tuning_job", self._stop)
        listing = "list_training_jobs_for_hyper_parameter_tuning_job"
        self._replace(SageMakerResponse, listing, self._list)
        return self

    def __exit__(self, *_: object) -> None:
        self.starts.set()
        for one in self._searches.values():
            one.stop()
            one.thread.join(60)
        while self._undo:
            self._undo.pop()()

    def _replace(self, owner: type, name: str, make: Callable[[Any], Any]) -> None:
        before = owner.__dict__.get(name)
        setattr(owner, name, make(before))
        undo = (lambda: setattr(owner, name, before)) if before else (lambda: delattr(owner, name))
        self._undo.append(undo)

    def _record(self, before: Any) -> Any:
        def create(response: Any) -> Any:
            if self.refusals:
                raise JsonRESTError(*self.refusals.pop(0))
            self.requests.append(json.loads(response.body))
            return before(response)

        return create

    def _create(self, before: Any) -> Any:
        def create(backend: Any, *args: Any, **given: Any) -> Any:
            arn = before(backend, *args, **given)
            name = given["hyper_parameter_tuning_job_name"]
            search = _Search(self, backend, backend.hyper_parameter_tuning_jobs[name])
            self._searches[name] = search
            search.thread.start()
            return arn

        return create

    def _describe(self, before: Any) -> Any:
        def describe(backend: Any, *args: Any, **given: Any) -> Any:
            if self.errors:
                raise JsonRESTError(*self.errors.pop(0))
            found = before(backend, *args, **given)
            return {name: value for name, value in found.items() if value not in (None, "", {})}

        return describe

    def _stop(self, before: Any) -> Any:
        def stop(response: Any) -> Any:
            self._searches[response._get_param("HyperParameterTuningJobName")].stop()
            return ActionResult({})

        return stop

    def _list(self, before: Any) -> Any:
        def list_jobs(response: Any) -> Any:
            search = self._searches[response._get_param("HyperParameterTuningJobName")]
            start = int(response._get_param("NextToken") or 0)
            page = search.summaries()[start : start + PAGE]
            token = str(start + PAGE) if start + PAGE < len(search.started) else None
            return ActionResult({"TrainingJobSummaries": page, "NextToken": token})

        return list_jobs


class _Search:
    """One tuning job, from its start to its end."""

    def __init__(self, owner: TuningStandIn, backend: Any, job: Any) -> None:
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
            self.owner.jobs._stops[job.training_job_name].set()

    def summaries(self) -> list[dict[str, Any]]:
        """As SageMaker lists them."""
        return [self._summary(job) for job in self.started]

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
        job = self.backend.create_training_job(
            training_job_name=f"{self.job.hyper_parameter_tuning_job_name}-{number:03}-{suffix}",
            hyper_parameters=fixed | self._draw() | {OBJECTIVE: "train:mean_rho"},
            algorithm_specification=dict(definition["AlgorithmSpecification"]),
            role_arn=definition["RoleArn"],
            input_data_config=definition["InputDataConfig"],
            output_data_config=definition["OutputDataConfig"],
            resource_config=definition["ResourceConfig"],
            vpc_config=definition.get("VpcConfig"),
            stopping_condition=definition["StoppingCondition"],
            tags=self.job.tags,
            enable_network_isolation=definition.get("EnableNetworkIsolation", False),
            enable_inter_container_traffic_encryption=False,
            enable_managed_spot_training=definition.get("EnableManagedSpotTraining", False),
            checkpoint_config=definition.get("CheckpointConfig"),
            debug_hook_config=None,
            debug_rule_configurations=None,
            tensor_board_output_config=None,
            experiment_config=None,
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

    def _summary(self, job: Any) -> dict[str, Any]:
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
        job.best_training_job = self._summary(best) if best else None
        job.OverallBestTrainingJob = job.best_training_job
        job.last_modified_time = datetime.now(UTC).replace(tzinfo=None)
        job.hyper_parameter_tuning_end_time = job.last_modified_time if status in FINAL else None
        job.hyper_parameter_tuning_job_status = status


def _mean_rho(job: Any) -> float | None:
    return next((float(one["Value"]) for one in job.final_metric_data_list), None)
