"""The options of training and tuning on SageMaker, for the jobs that start one."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from aws.build_job import TAGS
from blazingtext.costs import Budget
from blazingtext.jobs.starting import JobOptions
from blazingtext.requests.limits import TRAINING_BASE
from blazingtext.requests.settings import SPOT_WAIT_SECONDS, JobSettings
from blazingtext.requests.tuning_request import Search
from commandline.argument_types import dollars, pair, positive, s3_uri
from commandline.preflight import take_preflight
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.tuning.search_ranges import make_ranges

SETTINGS: dict[str, str] = {
    "role": "role_arn",
    "image": "image",
    "output_path": "output_path",
    "instance_type": "instance_type",
    "instance_count": "instance_count",
    "volume_gb": "volume_gb",
    "max_run": "max_run_seconds",
    "max_wait": "max_wait_seconds",
    "spot": "spot",
    "checkpoints": "checkpoint_uri",
    "output_key": "kms_key_id",
    "volume_key": "volume_kms_key_id",
    "network_isolation": "network_isolation",
    "encrypt_traffic": "encrypt_traffic",
}
"""Option → field of `JobSettings` that it sets; lists and tags beside."""

OTHER_OPTIONS = ("bucket", "base_job_name", "subnet", "security_group", "job_tags")
PRICE_OPTIONS = ("price_per_hour", "max_cost", "yes")
COURSE_OPTIONS = ("detach", "attach", "stop")
OPTIONS = (*SETTINGS, *OTHER_OPTIONS, *PRICE_OPTIONS, *COURSE_OPTIONS)
"""Names of all of them among the parsed arguments; None or empty where not given."""


def add_sagemaker_options(parser: argparse.ArgumentParser, base_name: str = TRAINING_BASE) -> None:
    """Adds them all; none has a value unless it is given.

    Args:
        parser: of a job that starts a training, or many.
        base_name: what jobs are called if nobody says.
    """
    add = parser.add_argument_group(
        "with --backend sagemaker", "defaults are the reference run's; times in seconds"
    ).add_argument
    flag: dict[str, Any] = {"action": "store_const", "const": True}
    add("--role", metavar="ARN", help="of the job; default: the account's blazing-corpus")
    add("--output-path", type=s3_uri, metavar="S3", help="default: models/blazingtext, same bucket")
    add("--bucket", help="for a corpus that is a local file; default: that of --output-path")
    add("--image", metavar="URI", help="default: BlazingText's in the region")
    add("--base-job-name", metavar="NAME", help=f"default: {base_name}")
    add("--instance-type", metavar="TYPE", help=f"default: {JobSettings.instance_type}")
    add("--instance-count", type=positive, metavar="N", help="several in batch_skipgram only")
    add("--volume-gb", type=positive, metavar="N", help=f"default: {JobSettings.volume_gb}")
    add("--max-run", type=positive, metavar="N", help=f"default: {JobSettings.max_run_seconds}")
    add("--spot", **flag, help=f"spare capacity; then --max-run is {SPOT_WAIT_SECONDS} at most")
    add("--max-wait", type=positive, metavar="N", help="with --spot; default: as --max-run")
    add("--checkpoints", type=s3_uri, metavar="S3", help="with an --image that writes them")
    add("--output-key", metavar="ID", help="KMS key for the model; default: the account's for S3")
    add("--volume-key", metavar="ID", help="KMS key for the machines' disks")
    add("--subnet", action="append", metavar="ID", help="of a VPC; may be repeated")
    add("--security-group", action="append", metavar="ID", help="of a VPC; may be repeated")
    add("--network-isolation", **flag, help="no connections from inside the container")
    add("--encrypt-traffic", **flag, help="between several machines")
    add("--job-tag", action="append", dest="job_tags", type=pair, metavar="KEY=VALUE")
    add("--price-per-hour", type=dollars, metavar="DOLLARS", help="of one machine")
    add("--max-cost", type=dollars, metavar="DOLLARS", help="refuse if the estimate is more")
    add("--yes", **flag, help="do not ask whether to start")
    course = parser.add_mutually_exclusive_group()
    course.add_argument("--wait", action="store_true", help="for the job's end; the default")
    course.add_argument("--detach", **flag, help="do not wait")
    course.add_argument("--attach", metavar="JOB", help="wait for a job that runs, or has ended")
    course.add_argument("--stop", metavar="JOB", help="end a job")


def add_search_options(parser: argparse.ArgumentParser) -> None:
    """Adds those that only a search has."""
    add = parser.add_argument_group("searches with --backend sagemaker").add_argument
    add(
        "--warm-start",
        action="append",
        metavar="NAME",
        help="of an earlier search to learn from; may be repeated, five times at most",
    )
    add(
        "--early-stopping",
        choices=("off", "auto"),
        help="of jobs that do badly; default: off. BlazingText tells that at their ends only",
    )


def take_search(given: argparse.Namespace, default_seed: int) -> Search:
    """What is searched.

    Raises:
        HyperparameterError: BlazingText would refuse some of it.
    """
    ranges, common = make_ranges(given.set, Hyperparameters.of({}, given.preset))
    return Search(
        ranges,
        common,
        max_jobs=given.max_jobs,
        parallel=given.parallel,
        early_stopping=given.early_stopping == "auto",
        warm_start_parents=tuple(given.warm_start or ()),
        seed=default_seed if given.seed is None else given.seed,
    )


def check_backend(
    parser: argparse.ArgumentParser, given: argparse.Namespace, others: Sequence[str] = ()
) -> None:
    """Refuses, as argparse does, options of the other backend, and missing ones.

    Args:
        parser: of the job.
        given: what was parsed, with `backend`, `corpus` and `output`.
        others: names of further options that go with SageMaker only.
    """
    remote = [name for name in (*OPTIONS, *others) if getattr(given, name) is not None]
    if given.backend == "local" and remote:
        spelled = ", ".join(f"--{name.replace('_', '-')}" for name in remote)
        parser.error(f"{spelled}: with --backend sagemaker only")
    needed = {
        "corpus": not (given.attach or given.stop),
        "output": not (given.stop or given.detach),
    }
    missing = [
        f"--{name}" for name, is_needed in needed.items() if is_needed and not getattr(given, name)
    ]
    if missing:
        parser.error(f"the following arguments are required: {', '.join(missing)}")


def job_options(given: argparse.Namespace, base_name: str, **others: Any) -> JobOptions:
    """What was parsed; the values are checked when the job is started.

    Args:
        given: with `corpus`, `output` and `cache` too.
        base_name: of the job, if nobody says.
        others: fields of `JobOptions` that are the command's own.
    """
    return JobOptions(
        corpus=given.corpus or "",
        output=given.output,
        base_name=given.base_job_name or base_name,
        settings=_settings(given),
        budget=Budget(given.price_per_hour, given.max_cost, bool(given.yes)),
        preflight=take_preflight(given.no_preflight),
        bucket=given.bucket or "",
        cache=given.cache,
        detach=bool(given.detach),
        **others,
    )


def _settings(given: argparse.Namespace) -> JobSettings:
    account = {"role_arn": "", "output_path": "", "image": ""}
    values = {
        field: getattr(given, name)
        for name, field in SETTINGS.items()
        if getattr(given, name) is not None
    }
    return JobSettings(
        **account | _with_spot_times(values),
        subnets=tuple(given.subnet or ()),
        security_groups=tuple(given.security_group or ()),
        tags=TAGS | dict(given.job_tags or ()),
    )


def _with_spot_times(values: Mapping[str, Any]) -> dict[str, Any]:
    """With spot, limits that SageMaker allows; those that the user gave stay."""
    if not values.get("spot"):
        return dict(values)
    limits = {"max_run_seconds": SPOT_WAIT_SECONDS} | dict(values)
    return {"max_wait_seconds": limits["max_run_seconds"]} | limits
