"""All that a DAG run will do, from its parameters, before it does any of it. Pure.

Whatever can be refused is refused here: nothing has been started, and nothing been paid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aws.build_job import Code
from orchestration import build_plan, commands, names, training_plan
from orchestration.parameters import EMR, LOCAL, PROCESSING
from schemas.output import CORPUS_FILE
from storage.errors import RequestError
from storage.locations import is_s3

NEEDED = {
    EMR: ("bucket", "role", "input", "code", "application_id"),
    PROCESSING: ("bucket", "role", "input", "code", "image"),
    LOCAL: ("folder", "input"),
}
"""What has no default that would do, by place."""


@dataclass(frozen=True)
class Found:
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


def check(params: Mapping[str, Any]) -> None:
    """Refuses parameters that lack something, before anything is looked up.

    Raises:
        RequestError: all that is wrong, in one line.
        HyperparameterError: what BlazingText would refuse.
    """
    where = params["where"]
    wrong = [f"{name} is missing" for name in NEEDED[where] if not params[name]]
    if where != LOCAL and params["input"] and not is_s3(params["input"]):
        wrong.append(f"input is {params['input']!r}, not on S3")
    if wrong:
        raise RequestError(f"{where}: {'; '.join(wrong)}")
    training_plan.hyperparameters(params)
    if params["tune"]:
        list(training_plan.dearest(params))


def make_plan(
    params: Mapping[str, Any], run_id: str, moment: datetime, found: Found
) -> dict[str, Any]:
    """Names, places, requests and commands of a DAG run, by what takes them.

    Args:
        params: of the run, checked.
        run_id: of the run.
        moment: its logical date, or when it was to run.
        found: see `Found`.

    Raises:
        RequestError, HyperparameterError: what AWS or BlazingText would refuse.
    """
    corpus = _corpus_digest(params, found)
    told = moment, run_id, dict(params), corpus
    if params["where"] == LOCAL:
        return _local(params, names.run_name(*told), corpus)
    return _on_aws(params, names.run_name(*told), names.tuning_name(*told), corpus, found)


def _local(params: Mapping[str, Any], name: str, corpus_digest: str) -> dict[str, Any]:
    folder = params["folder"].rstrip("/")
    output = f"{folder}/corpora/{corpus_digest}"
    runs = f"{folder}/runs/"
    return _places(params, name, output, runs) | {
        "build": commands.build(params, output),
        "preflight": commands.preflight(params, output),
        "training": commands.train(params, output, f"{runs}{name}"),
        "tuning": commands.tune(params, output, f"{runs}{name}-tune"),
        "evaluate": commands.evaluate_here(params, f"{runs}{name}"),
        "evaluate_best": None,  # its jobs have scored themselves
    }


def _on_aws(
    params: Mapping[str, Any], name: str, tuning: str, corpus_digest: str, found: Found
) -> dict[str, Any]:
    if found.code is None:
        raise RequestError("the place of the code is not known")
    root = f"s3://{params['bucket']}/{(params['prefix'] or '').strip('/')}".rstrip("/")
    output = f"{root}/corpora/{corpus_digest}"
    runs = f"{root}/runs/"
    plan = _places(params, name, output, runs)
    image = params["training_image"] or found.training_image or ""
    where = training_plan.machines(params, image, f"{root}/models")
    corpus = plan["corpus"]
    return plan | {
        "models": where.output_path,
        "build": _build_request(params, name, output, found),
        "preflight": None,
        "training": training_plan.make_training_request(params, f"{name}-train", corpus, where),
        "tuning": training_plan.make_tuning_request(params, tuning, corpus, where)
        if params["tune"]
        else None,
        "evaluate": commands.evaluate_there(params, runs),
        "evaluate_best": commands.evaluate_there(params, runs),
    }


def _places(params: Mapping[str, Any], name: str, output: str, runs: str) -> dict[str, Any]:
    return {
        "name": name,
        "output": output,
        "corpus": f"{output}/{CORPUS_FILE}",
        "manifest": f"{output}/manifest.json",
        "runs": runs,
        "compare": commands.compare(params, runs),
    }


def _build_request(
    params: Mapping[str, Any], name: str, output: str, found: Found
) -> dict[str, Any]:
    assert found.code is not None
    if params["where"] == EMR:
        return build_plan.emr_request(params, f"{name}-build", output, found.code)
    return build_plan.processing_request(
        params, f"{name}-build", output, found.code, found.configuration
    )


def _corpus_digest(params: Mapping[str, Any], found: Found) -> str:
    """Same input, options and code, same corpus, same folder."""
    code = (found.code.job, found.code.py_files) if found.code else ()
    settings = build_plan.corpus_settings(params)
    return names.digest(settings, names.listing_digest(found.listing), code)
