"""The build as a DAG run's parameters describe it: the same requests that `jobs/submit.py` sends.

Pure.
"""

from collections.abc import Mapping
from typing import Any

from aws import emr_serverless, processing
from aws.build_job import BuildJob, Code
from orchestration.parameters import PARAMETERS

OPTIONS = ("splitter", "dedup", "language", "mask", "min_tokens")
"""Parameters that are options of `build_corpus.py`, which has them by the same names."""


def build_arguments(params: Mapping[str, Any], output: str) -> tuple[str, ...]:
    """Arguments of `build_corpus.py`; what is as by default is left out."""
    changed = [
        (f"--{name.replace('_', '-')}", str(params[name]))
        for name in OPTIONS
        if params[name] not in (None, "", PARAMETERS[name].default)
    ]
    words = [word for option in changed for word in option]
    return ("--input", params["input"], "--output", output, *words, *params["build_options"])


def corpus_settings(params: Mapping[str, Any]) -> dict[str, Any]:
    """What decides, beside input and code, what a corpus is."""
    return {name: params[name] for name in (*OPTIONS, "build_options", "input")}


def emr_request(params: Mapping[str, Any], name: str, output: str, code: Code) -> dict[str, Any]:
    """Arguments of EMR Serverless's `start_job_run`."""
    chosen = code if params["send_environment"] else Code(code.job, code.py_files)
    logs = f"{params['code'].rstrip('/')}/logs/"
    job = _job(params, name, output)
    return emr_serverless.start_request(job, chosen, params["application_id"], logs)


def processing_request(
    params: Mapping[str, Any], name: str, output: str, code: Code, configuration: str | None
) -> dict[str, Any]:
    """Arguments of SageMaker's `create_processing_job`.

    Raises:
        RequestError: arguments that SageMaker does not take.
    """
    cluster = processing.Cluster(
        params["image"], params["instance_type"], params["instances"], params["volume_gb"]
    )
    # The image has the packages; submit.py sends no environment there either.
    chosen, job = Code(code.job, code.py_files), _job(params, name, output)
    return processing.create_request(job, chosen, name, cluster, configuration)


def _job(params: Mapping[str, Any], name: str, output: str) -> BuildJob:
    arguments = build_arguments(params, output)
    return BuildJob(arguments, params["role"], name, dict(params["spark_conf"]))
