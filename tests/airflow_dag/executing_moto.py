"""moto's server in this process, whose jobs really run: each as a process of the project's Python.

Before it are the stack's policies: Airflow has the caller's, a job its role's. A job goes from
running to its end in a thread. What is described is what runs: the code that was uploaded, with the
arguments of the request, on the objects that it names.
"""

import gzip
import json
import logging
import os
import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.request import Request, urlopen

import boto3
from enforcing_proxy import Enforcement, enforcing_proxy
from moto.emrserverless.models import EMRServerlessBackend
from moto.sagemaker.models import SageMakerModelBackend
from moto.server import ThreadedMotoServer
from project_jobs import JAVA, PYTHON, ROOT, SPARK_SUBMIT, jars, read_run
from stack_policies import StackPolicies

from aws import processing
from storage.locations import split_uri

REGION, ACCOUNT = "us-east-1", "123456789012"
BUCKET, KEY = "blogs", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/abc"
KEYS = {"aws_access_key_id": "machine", "aws_secret_access_key": "loopback-secret"}
"""Of the services themselves, and of whoever looks at them from outside: they may do everything."""

CALLER, SAGEMAKER, BUILD = "CallerPolicy", "Role", "BuildRole"
"""Keys that stand for policies and roles of the stack."""

ROLE = f"arn:aws:iam::{ACCOUNT}:role/blazing-corpus"
BUILD_ROLE = f"{ROLE}-build"
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
OF_THE_CLUSTER = ("spark.archives", "spark.emr-serverless.", "spark.executorEnv.")


class ExecutingMoto:
    """The services, and what was asked of them.

    Attributes:
        url: of all of them.
        enforced: what was asked and refused, by whom.
        started: service and name of every job that was started, in that order.
        broken: service → what goes wrong with its next jobs: more arguments for a build, a reason
            for a training.
        hold: a job that has been started goes on only when it is set; never, if it is not set by
            the end.
    """

    def __init__(self, enforced: Enforcement, folder: Path) -> None:
        self.url = enforced.url
        self.enforced = enforced
        self.folder = folder
        self.started: list[tuple[str, str]] = []
        self.broken: dict[str, Any] = {}
        self.hold = threading.Event()
        self.hold.set()
        self.has_ended = False
        self.threads: list[threading.Thread] = []
        self.tokens: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """A client of boto3."""
        session: Any = boto3.session.Session(region_name=REGION)
        return session.client(service, endpoint_url=self.url, **KEYS)

    def connection(self) -> str:
        """Airflow's connection to these services, as an environment variable has it."""
        keys = {"login": CALLER, "password": KEYS["aws_secret_access_key"]}
        extra = {"endpoint_url": self.url, "region_name": REGION}
        return json.dumps({"conn_type": "aws", **keys, "extra": extra})

    def read(self, uri: str) -> bytes:
        """An object."""
        bucket, key = split_uri(uri)
        return bytes(self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())

    def keys(self, uri: str) -> list[str]:
        """All keys below a prefix."""
        bucket, prefix = split_uri(uri)
        pages = self.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=bucket, Prefix=prefix)
        return [one["Key"] for page in found for one in page.get("Contents", ())]

    def write(self, uri: str, data: bytes) -> None:
        """An object."""
        bucket, key = split_uri(uri)
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=data)

    def run(self, service: str, name: str, job: Callable[[], object]) -> None:
        """Runs a job in a thread, when it may."""

        def wait_and_run() -> None:
            self.hold.wait()
            if not self.has_ended:
                job()

        self.started.append((service, name))
        self.threads.append(threading.Thread(target=wait_and_run, daemon=True))
        self.threads[-1].start()

    def environment(self, who: str) -> dict[str, str]:
        """What a job finds on its machine: credentials of a role, and where AWS is."""
        return {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "JAVA_HOME": JAVA,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": str(PYTHON),
            "PYSPARK_DRIVER_PYTHON": str(PYTHON),
            "AWS_ACCESS_KEY_ID": who,
            "AWS_SECRET_ACCESS_KEY": KEYS["aws_secret_access_key"],
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def fetch(self, uri: str, place: Path) -> Path:
        """An object, as a file in a folder."""
        place.mkdir(parents=True, exist_ok=True)
        path = place / uri.rpartition("/")[2]
        path.write_bytes(self.read(uri))
        return path

    def submit(
        self, who: str, name: str, job: str, py_files: str, conf: list[str], words: list[str]
    ) -> Any:
        """spark-submit of uploaded code, with what this server needs beside: it is not AWS."""
        place = self.folder / name
        options = [part for one in conf for part in ("--conf", one)]
        command = [
            *(SPARK_SUBMIT, "--master", "local[2]", "--conf", "spark.driver.bindAddress=127.0.0.1"),
            *("--driver-class-path", os.pathsep.join(map(str, jars()))),
            *("--py-files", str(self.fetch(py_files, place)), *options),
            *(str(self.fetch(job, place)), *words),
            *("--endpoint-url", self.url, "--path-style", *self.broken.get("build", ())),
        ]
        return subprocess.run(
            command,
            env=self.environment(who),
            capture_output=True,
            text=True,
            cwd=place,
            check=False,
        )


@contextmanager
def executing_moto(folder: Path) -> Iterator[ExecutingMoto]:
    """The server, for as long as the block; all of its jobs have ended by then."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    urlopen(Request(f"{url}/moto-api/reset", method="POST")).close()
    policies = StackPolicies({"BucketName": BUCKET, "KmsKeyArn": KEY}, REGION)
    try:
        with ExitStack() as patches:
            enforced = patches.enter_context(enforcing_proxy(url, policies))
            cloud = ExecutingMoto(enforced, folder)
            for backend, method, runs in (
                (EMRServerlessBackend, "start_job_run", run_on_emr),
                (SageMakerModelBackend, "create_processing_job", run_processing),
                (SageMakerModelBackend, "create_training_job", run_training),
                (SageMakerModelBackend, "create_hyper_parameter_tuning_job", run_tuning),
            ):
                original = getattr(backend, method)
                patches.enter_context(patch.object(backend, method, wrap(cloud, original, runs)))
            try:
                yield cloud
            finally:
                cloud.has_ended = not cloud.hold.is_set()
                cloud.hold.set()
                for thread in cloud.threads:
                    thread.join(timeout=120)
    finally:
        server.stop()


def wrap(cloud: ExecutingMoto, original: Any, runs: Any) -> Any:
    """A method of a backend that does what the original did, and then runs the job."""

    def start(backend: Any, *arguments: Any, **named: Any) -> Any:
        return runs(cloud, backend, lambda: original(backend, *arguments, **named), named)

    return start


def run_on_emr(cloud: ExecutingMoto, backend: Any, make: Any, request: Any) -> Any:
    """Runs a `start_job_run`; the same token gives the same run."""
    if request["client_token"] in cloud.tokens:
        return cloud.tokens[request["client_token"]]
    job = cloud.tokens[request["client_token"]] = make()
    job.state = "RUNNING"
    driver = request["job_driver"]["sparkSubmit"]
    words = shlex.split(driver["sparkSubmitParameters"])
    conf = [words[place + 1] for place, word in enumerate(words) if word == "--conf"]
    conf = [one for one in conf if not one.startswith(OF_THE_CLUSTER)]
    py_files = words[words.index("--py-files") + 1]
    monitoring = request["configuration_overrides"]["monitoringConfiguration"]
    logs = monitoring["s3MonitoringConfiguration"]["logUri"].rstrip("/")

    def run() -> None:
        arguments = driver["entryPointArguments"]
        ran = cloud.submit(BUILD, job.name, driver["entryPoint"], py_files, conf, arguments)
        folder = f"{logs}/applications/{job.application_id}/jobs/{job.id}/SPARK_DRIVER"
        for stream in ("stderr", "stdout"):
            cloud.write(f"{folder}/{stream}.gz", gzip.compress(getattr(ran, stream).encode()))
        if ran.returncode:
            job.state_details = (
                "Job failed, please check complete logs in configured logging destination. "
                f"ExitCode: {ran.returncode}. Last few exceptions: …"
            )
        job.state = "FAILED" if ran.returncode else "SUCCESS"

    cloud.run("emr-serverless", job.name, run)
    return job


def run_processing(cloud: ExecutingMoto, backend: Any, make: Any, request: Any) -> Any:
    """Runs a `create_processing_job` with our image's spark-submit."""
    job = make()
    job.processing_job_status = "InProgress"
    inputs = {one["InputName"]: one["S3Input"]["S3Uri"] for one in request["processing_inputs"]}

    def run() -> None:
        name, words = job.processing_job_name, job.app_specification["ContainerArguments"]
        ran = cloud.submit(SAGEMAKER, name, inputs["code"], inputs["py-files"], [], words)
        log(cloud, processing.LOG_GROUP, name, [*ran.stdout.splitlines(), *ran.stderr.splitlines()])
        if ran.returncode:
            job.failure_reason = f"AlgorithmError: , exit code: {ran.returncode}"
        job.processing_job_status = "Failed" if ran.returncode else "Completed"

    cloud.run("processing", job.processing_job_name, run)
    return job


def run_training(cloud: ExecutingMoto, backend: Any, make: Any, request: Any) -> Any:
    """Runs a `create_training_job`."""
    job = make()
    job.training_job_status = job.secondary_status = "InProgress"
    job.billable_time_in_seconds = 61
    cloud.run("training", job.training_job_name, lambda: train(cloud, job))
    return job


def train(cloud: ExecutingMoto, job: Any) -> float | None:
    """Trains as the job says, with the local trainer; its model and metric."""
    name, reason = job.training_job_name, cloud.broken.get("training")
    if not reason:
        [channel] = job.input_data_config
        place = cloud.folder / name
        corpus = cloud.fetch(channel["DataSource"]["S3DataSource"]["S3Uri"], place)
        values = [f"--{key}={value}" for key, value in job.hyper_parameters.items()]
        places = ("--corpus", str(corpus), "--output", str(place / "run"), "--workers=1")
        command = [str(PYTHON), str(ROOT / "jobs" / "train_embeddings.py"), *places, *values]
        ran = subprocess.run(
            command, env=cloud.environment(SAGEMAKER), capture_output=True, text=True, check=False
        )
        reason = ran.stderr if ran.returncode else None
    if reason:
        job.failure_reason = f"AlgorithmError: {reason}"
        job.training_job_status = job.secondary_status = "Failed"
        return None
    run = read_run(place / "run")
    rho = float(run["evaluation"]["mean_rho"] or 0.0)
    cloud.write(
        job.model_artifacts["S3ModelArtifacts"], (place / "run" / "model.tar.gz").read_bytes()
    )
    log(cloud, LOG_GROUP, name, [f"Number of words:  {run['vocabulary']}", f"#mean_rho: {rho}"])
    metric = {"MetricName": "train:mean_rho", "Value": rho, "Timestamp": job.creation_time}
    job.final_metric_data_list = [metric]
    job.training_job_status = job.secondary_status = "Completed"
    return rho


def log(cloud: ExecutingMoto, group: str, name: str, lines: list[str]) -> None:
    """Log events of a job."""
    logs = cloud.client("logs")
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        logs.create_log_group(logGroupName=group)
    stream = {"logGroupName": group, "logStreamName": f"{name}/algo-1-1"}
    logs.create_log_stream(**stream)
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in lines if line]
    logs.put_log_events(**stream, logEvents=events)


def run_tuning(cloud: ExecutingMoto, backend: Any, make: Any, request: Any) -> Any:
    """Runs a `create_hyper_parameter_tuning_job`: its jobs take the ends of each range in turn."""
    make()
    name = request["hyper_parameter_tuning_job_name"]
    search = backend.hyper_parameter_tuning_jobs[name]
    search.hyper_parameter_tuning_job_status = "InProgress"
    definition = request["training_job_definition"]
    config = request["hyper_parameter_tuning_job_config"]

    def run() -> None:
        best: tuple[float, Any] = (-2.0, None)
        for number in range(config["ResourceLimits"]["MaxNumberOfTrainingJobs"]):
            tuned = drawn(config["ParameterRanges"], number)
            job = training_job(backend, f"{name}-{number + 1:03d}-0a1b2c3d", definition, tuned)
            rho = train(cloud, job)
            best = max(best, (rho if rho is not None else -2.0, job), key=lambda one: one[0])
        rho, job = best
        search.best_training_job = {
            "TrainingJobName": job.training_job_name,
            "TrainingJobStatus": "Completed",
            "FinalHyperParameterTuningJobObjectiveMetric": {
                "MetricName": "train:mean_rho",
                "Value": rho,
            },
        }
        search.hyper_parameter_tuning_job_status = "Completed"

    cloud.run("tuning", name, run)
    return search.arn


def drawn(ranges: dict[str, Any], number: int) -> dict[str, str]:
    """Values of a job: low and high ends in turn."""
    found = {}
    for kind in ranges.values():
        for one in kind:
            ends = one.get("Values") or [one["MinValue"], one["MaxValue"]]
            found[one["Name"]] = ends[number % len(ends)]
    return found


def training_job(backend: Any, name: str, definition: dict[str, Any], tuned: Any) -> Any:
    """A job of a search, as moto has it, by the method that is not ours."""
    from moto.sagemaker.models import FakeTrainingJob

    def given(key: str) -> Any:
        return definition.get(key)

    job = FakeTrainingJob(
        account_id=ACCOUNT,
        region_name=REGION,
        training_job_name=name,
        hyper_parameters={**definition["StaticHyperParameters"], **tuned},
        algorithm_specification=dict(definition["AlgorithmSpecification"]),
        role_arn=given("RoleArn"),
        input_data_config=given("InputDataConfig"),
        output_data_config=given("OutputDataConfig"),
        resource_config=given("ResourceConfig"),
        vpc_config=given("VpcConfig"),
        stopping_condition=given("StoppingCondition"),
        tags=[],
        enable_network_isolation=given("EnableNetworkIsolation"),
        enable_inter_container_traffic_encryption=False,
        enable_managed_spot_training=False,
        checkpoint_config={},
        debug_hook_config={},
        debug_rule_configurations=[],
        tensor_board_output_config={},
        experiment_config={},
    )
    job.training_job_status = job.secondary_status = "InProgress"
    backend.training_jobs[name] = job
    return job
