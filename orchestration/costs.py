"""What training and tuning would come to, held against the limit before anything is paid. Pure."""

from collections.abc import Mapping
from typing import Any

from embeddings.hyperparameters import Hyperparameters
from orchestration.manifest import Corpus
from orchestration.training_plan import dearest, hyperparameters
from quality.training_time import INSTANCES, Work, estimate
from storage.errors import RequestError


def expected_dollars(params: Mapping[str, Any], corpus: Corpus) -> float | None:
    """US$ of the training, and of the search at its dearest.

    None for machines of a speed that is not known.

    Args:
        params: of the run.
        corpus: that is trained on.
    """
    chosen = hyperparameters(params)
    training = _dollars(params, corpus, chosen)
    if training is None or not params["tune"]:
        return training
    search = max(_dollars(params, corpus, one) or 0.0 for one in dearest(params))
    return training + int(params["max_jobs"]) * search


def check_cost(params: Mapping[str, Any], corpus: Corpus) -> float | None:
    """The same, refused where it is above `max_cost`.

    Raises:
        RequestError: it is; or there is a limit, and no price to hold against it.
    """
    dollars, limit = expected_dollars(params, corpus), params["max_cost"]
    if limit is None:
        return dollars
    if dollars is None:
        raise RequestError(
            f"no speed of {params['training_instance_type']} is known, so no price to hold "
            "against max_cost: leave that empty, or take another instance type"
        )
    if dollars > limit:
        raise RequestError(f"training would cost US$ {dollars:,.2f}, max_cost is {limit:,.2f}")
    return dollars


def _dollars(params: Mapping[str, Any], corpus: Corpus, chosen: Hyperparameters) -> float | None:
    instance_type, price = params["training_instance_type"], params["price_per_hour"]
    if instance_type not in INSTANCES:
        return None
    work = Work.of(chosen.to_dict())
    machines = instance_type, params["training_instances"], price
    return estimate(corpus.tokens, corpus.lines, work, *machines).dollars
