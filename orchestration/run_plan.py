"""All that a DAG run will do, from its parameters, before it does any of it. Pure.

Whatever can be refused is refused here: nothing has been started, and nothing been paid. The
requests are those that `jobs/submit.py` and the training commands send.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aws import emr_serverless, processing
from aws.build_job import NAME, TAGS, BuildJob, Code
from blazingtext.costs import INSTANCES
from blazingtext.requests.limits import shape
from blazingtext.requests.settings import SPOT_WAIT_SECONDS, JobSettings
from blazingtext.requests.training_request import training_request
from blazingtext.requests.tuning_request import Search, tuning_request
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.tuning.search_ranges import make_ranges
from orchestration import commands
from orchestration.parameters import EMR, LOCAL, PROCESSING
from schemas.output import CORPUS_FILE, MANIFEST
from storage.errors import RequestError
from storage.files import local_path
from storage.locations import folder_key, is_s3, join_uri

Params = Mapping[str, Any]

NEEDED = {
    EMR: ("bucket", "role", "input", "code", "application_id"),
    PROCESSING: ("bucket", "role", "input", "code", "image"),
    LOCAL: ("folder", "input"),
}
"""What has no default that would do, by place."""

COSTLY = ("epochs", "window_size", "negative_samples", "vector_dim")
"""Hyperparameters of which more takes longer."""

DIGITS = 8
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunInputs:
    """What a plan has to look up.

    Attributes:
        listing: name, size and tag of each file of the input.
        code: what was uploaded last; None for `local`.
        training_image: as the pointer to the code has it.
        configuration: URI of Spark's settings for SageMaker's image; None without any.
    """

    listing: tuple[tuple[str, int, str], ...] = ()
    code: Code | None = None
    training_image: str | None = None
    configuration: str | None = None


def check(params: Params) -> None:
    """Refuses parameters that lack something, before anything is looked up.

    Raises:
        RequestError: all that is wrong, in one line.
        HyperparameterError: what BlazingText would refuse.
    """
    place = params["where"]
    wrong = [f"{name} is missing" for name in NEEDED[place] if not params[name]]
    if place != LOCAL and params["input"] and not is_s3(params["input"]):
        wrong.append(f"input is {params['input']!r}, not on S3")
    if wrong:
        raise RequestError(f"{place}: {'; '.join(wrong)}")
    hyperparameters(params)
    if params["tune"]:
        list(dearest(params))


def has_price(params: Params) -> bool:
    """Whether what training costs can be told; a warning in the log where it can't.

    Raises:
        RequestError: it can't, there is a limit to hold it against, and SageMaker is not known to
            have such a machine either.
    """
    instance_type = params["training_instance_type"]
    if instance_type in INSTANCES:
        return True
    text = f"no speed of {instance_type} is known, so no price to hold against max_cost"
    if params["max_cost"] is not None:
        if instance_type not in shape("TrainingInstanceType")["enum"]:
            raise RequestError(f"{text}: leave that empty, or take another instance type")
        log.warning("%s: the training is limited by max_run_seconds alone", text)
    return False


def make_plan(params: Params, run_id: str, moment: datetime, inputs: RunInputs) -> dict[str, Any]:
    """Names, locations, requests and commands of a DAG run, by what takes them.

    Names are the same when a task is retried or cleared, so that it meets its job again.

    Args:
        params: of the run, checked.
        run_id: of the run.
        moment: its logical date; or when it was to run, where it has none.
        inputs: what was looked up.

    Raises:
        RequestError, HyperparameterError: what AWS or BlazingText would refuse; or there is no
            price to hold against `max_cost`.
    """
    corpus_digest, moment = _corpus_digest(params, inputs), moment.astimezone(UTC)
    suffix = digest(run_id, dict(params), corpus_digest)
    name = f"{NAME}-{moment:%Y%m%d-%H%M%S}-{suffix}"
    if params["where"] == LOCAL:
        return _on_the_worker(params, name, corpus_digest)
    # Of a tuning job SageMaker takes 32 characters, the number of an attempt included.
    search = f"tune-{moment:%y%m%d%H%M%S}-{suffix}"
    plan = _on_aws(params, name, search, corpus_digest, inputs)
    has_price(params)  # or the build would be paid in vain
    return plan


def attempt_name(name: str, attempt: int) -> str:
    """Name of a job that is started anew because the ones before it failed.

    >>> attempt_name("train", 1), attempt_name("train", 2)
    ('train', 'train-2')
    """
    return name if attempt == 1 else f"{name}-{attempt}"


def digest(*values: Any) -> str:
    """The same for the same values, however their keys are ordered.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def hyperparameters(params: Params) -> Hyperparameters:
    """BlazingText's.

    Raises:
        HyperparameterError: all that BlazingText would refuse, in one line.
    """
    return Hyperparameters.of(params["hyperparameters"], params["preset"])


def dearest(params: Params) -> Iterator[Hyperparameters]:
    """Of all that a search may draw, what takes longest, in each mode that it may draw.

    Raises:
        HyperparameterError: a range is none, or BlazingText would refuse its values.
    """
    ranges, common = make_ranges(params["tuning_ranges"], hyperparameters(params))
    widest: dict[str, Any] = {name: ranges[name].ends()[-1] for name in COSTLY if name in ranges}
    modes: tuple[Any, ...] = ranges["mode"].ends() if "mode" in ranges else (common.mode,)
    for mode in modes:
        yield replace(common, mode=mode, subwords=False, **widest)


def _corpus_digest(params: Params, inputs: RunInputs) -> str:
    """Same input, options and code, same corpus, same folder."""
    names = (*commands.BUILD_OPTIONS, "build_options", "input")
    code = (inputs.code.job, inputs.code.py_files) if inputs.code else ()
    return digest({name: params[name] for name in names}, digest(sorted(inputs.listing)), code)


def _locations(params: Params, name: str, root: str, corpus_digest: str) -> dict[str, Any]:
    output, runs = f"{root}/corpora/{corpus_digest}", f"{root}/runs/"
    return {
        "name": name,
        "output": output,
        "corpus": f"{output}/{CORPUS_FILE}",
        "manifest": f"{output}/{MANIFEST}",
        "runs": runs,
        "compare": commands.compare(params, runs),
    }


def _on_the_worker(params: Params, name: str, corpus_digest: str) -> dict[str, Any]:
    plan = _locations(params, name, str(local_path(params["folder"])), corpus_digest)
    output, run = plan["output"], f"{plan['runs']}{name}"
    return plan | {
        "build": commands.build(params, output),
        "preflight": commands.preflight(params, output),
        "training": commands.train(params, output, run),
        "tuning": commands.tune(params, output, f"{run}-tune"),
        "evaluate": commands.evaluate_run(params, run),
        "evaluate_best": None,  # its jobs have scored themselves
    }


def _on_aws(
    params: Params, name: str, search: str, corpus_digest: str, inputs: RunInputs
) -> dict[str, Any]:
    root = join_uri(params["bucket"], folder_key(params["prefix"] or "")).rstrip("/")
    plan = _locations(params, name, root, corpus_digest)
    corpus, evaluate = plan["corpus"], commands.evaluate_job(params, plan["runs"])
    limit = params["max_run_seconds"]
    limit = min(limit, SPOT_WAIT_SECONDS) if params["spot"] else limit
    machines = JobSettings(
        role_arn=params["role"],
        output_path=f"{root}/models",
        image=params["training_image"] or inputs.training_image or "",
        instance_type=params["training_instance_type"],
        instance_count=params["training_instances"],
        volume_gb=params["training_volume_gb"],
        max_run_seconds=limit,
        max_wait_seconds=limit if params["spot"] else None,
        spot=params["spot"],
        kms_key_id=params["output_key"] or None,
        volume_kms_key_id=params["volume_key"] or None,
        subnets=tuple(params["subnets"]),
        security_groups=tuple(params["security_groups"]),
        tags=_tags(params),
    )
    return plan | {
        "models": machines.output_path,
        "build": _build_request(params, f"{name}-build", plan["output"], inputs),
        "preflight": None,
        "training": training_request(f"{name}-train", corpus, hyperparameters(params), machines),
        "tuning": _tuning_request(params, search, corpus, machines) if params["tune"] else None,
        "evaluate": evaluate,
        "evaluate_best": evaluate,
    }


def _build_request(params: Params, name: str, output: str, inputs: RunInputs) -> dict[str, Any]:
    if inputs.code is None:
        raise RequestError("the place of the code is not known")
    arguments = commands.build_arguments(params, output)
    is_emr = params["where"] == EMR
    role = (params["build_role"] if is_emr else None) or params["role"]
    job = BuildJob(arguments, role, name, dict(params["spark_conf"]), tags=_tags(params))
    bare = Code(inputs.code.job, inputs.code.py_files)
    if is_emr:
        code = inputs.code if params["send_environment"] else bare
        logs = f"{params['code'].rstrip('/')}/logs/"
        key = params["log_key"] or None
        return emr_serverless.start_request(job, code, params["application_id"], logs, key)
    cluster = processing.Cluster(
        *(params["image"], params["instance_type"], params["instances"], params["volume_gb"]),
        volume_kms_key_id=params["volume_key"] or None,
        subnets=tuple(params["subnets"]),
        security_groups=tuple(params["security_groups"]),
    )
    # The image has the packages; submit.py sends no environment there either.
    return processing.create_request(job, bare, name, cluster, inputs.configuration)


def _tags(params: Params) -> dict[str, str]:
    return {**TAGS, **params["tags"]}


def _tuning_request(
    params: Params, name: str, corpus: str, machines: JobSettings
) -> dict[str, Any]:
    ranges, common = make_ranges(params["tuning_ranges"], hyperparameters(params))
    search = Search(ranges, common, params["max_jobs"], params["parallel_jobs"])
    return tuning_request(name, corpus, search, machines)
