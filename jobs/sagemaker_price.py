"""What an hour of a job's machines costs."""

import argparse
from collections.abc import Mapping
from typing import Any

from quality.training_time import INSTANCES


def hourly(given: argparse.Namespace, described: Mapping[str, Any]) -> float | None:
    """US$ of an hour of one of a job's machines; None if nobody has said.

    Args:
        given: with `price_per_hour`, which goes before the listed price.
        described: the job, as SageMaker describes it.
    """
    if given.price_per_hour is not None:
        return float(given.price_per_hour)
    listed = INSTANCES.get(described["ResourceConfig"].get("InstanceType"))
    return listed[1] if listed else None
