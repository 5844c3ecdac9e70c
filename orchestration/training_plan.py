"""Training and tuning as a DAG run's parameters describe them: the jobs' own requests. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from blazingtext.machines import Machines
from blazingtext.training_request import training_request
from blazingtext.tuning_request import Search, tuning_request
from embeddings.hyperparameters import Hyperparameters
from embeddings.search_ranges import make_ranges

COSTLY = ("epochs", "window_size", "negative_samples", "vector_dim")
"""Hyperparameters of which more takes longer."""


def hyperparameters(params: Mapping[str, Any]) -> Hyperparameters:
    """BlazingText's.

    Raises:
        HyperparameterError: all that BlazingText would refuse, in one line.
    """
    return Hyperparameters.of(params["hyperparameters"], params["preset"])


def machines(params: Mapping[str, Any], image: str, output_path: str) -> Machines:
    """Where training and tuning run."""
    return Machines(
        role_arn=params["role"],
        output_path=output_path,
        image=image,
        instance_type=params["training_instance_type"],
        instance_count=params["training_instances"],
        volume_gb=params["training_volume_gb"],
        max_run_seconds=params["max_run_seconds"],
    )


def make_training_request(
    params: Mapping[str, Any], name: str, corpus: str, where: Machines
) -> dict[str, Any]:
    """Arguments of SageMaker's `create_training_job`.

    Raises:
        HyperparameterError, RequestError: what SageMaker or BlazingText would refuse.
    """
    return training_request(name, corpus, hyperparameters(params), where)


def make_tuning_request(
    params: Mapping[str, Any], name: str, corpus: str, where: Machines
) -> dict[str, Any]:
    """Arguments of SageMaker's `create_hyper_parameter_tuning_job`.

    Raises:
        HyperparameterError, RequestError: what SageMaker or BlazingText would refuse.
    """
    ranges, common = make_ranges(params["tuning_ranges"], hyperparameters(params))
    search = Search(ranges, common, params["max_jobs"], params["parallel_jobs"])
    return tuning_request(name, corpus, search, where)


def dearest(params: Mapping[str, Any]) -> Iterator[Hyperparameters]:
    """Of all that a search may draw, what takes longest, in each mode that it may draw.

    Raises:
        HyperparameterError: a range is none, or BlazingText would refuse its values.
    """
    ranges, common = make_ranges(params["tuning_ranges"], hyperparameters(params))
    widest: dict[str, Any] = {name: ranges[name].ends()[-1] for name in COSTLY if name in ranges}
    modes: tuple[Any, ...] = ranges["mode"].ends() if "mode" in ranges else (common.mode,)
    for mode in modes:
        yield replace(common, mode=mode, subwords=False, **widest)
