"""What an hour of a job's machines costs."""

import argparse
from collections.abc import Mapping
from typing import Any

from quality import training_time


def hourly(given: argparse.Namespace, described: Mapping[str, Any]) -> float | None:
    """US$ of an hour of one of a job's machines; None if nobody has said.

    Args:
        given: with `price_per_hour`, which goes before the listed price.
        described: the job, as SageMaker describes it.
    """
    instance_type = described["ResourceConfig"].get("InstanceType")
    return training_time.hourly(instance_type, given.price_per_hour)
