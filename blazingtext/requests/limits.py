"""What SageMaker's API takes, by its model in botocore; and names that it takes only once.

Nothing is asked of AWS: the model is a file of botocore's, read when the first value is checked.
"""

import re
import secrets
from datetime import UTC, datetime
from functools import cache
from typing import Any

from storage.errors import PackageMissingError, RequestError

CLASSES = ((r"\p{L}", r"\w"), (r"\p{N}", r"\d"), (r"\p{Z}", r"\s"))
"""Unicode classes of the model's patterns, and what `re` has for them."""

TRAINING_JOB, TUNING_JOB = "TrainingJobName", "HyperParameterTuningJobName"
ENDPOINT = "EndpointName"
"""Types of names in the API."""

TRAINING_BASE, TUNING_BASE = "blazingtext-blogs-sentences", "blazingtext"
"""What jobs are called if nobody says; the first is the reference run's."""

SUFFIX_BYTES = 3
"""Of chance behind the time of a name: two that start in one moment differ."""

INSTANCE_TYPE = re.compile(r"ml\.([a-z0-9-]+)\.[a-z0-9]+")
ACCELERATED = re.compile(r"(p|g|trn|inf)\d")
OWN_DISKS = re.compile(r"[a-z]+\d+[a-z]*dn?\b|g[5-9]|p[4-9]|trn")
"""Families with disks of their own, which SageMaker encrypts by itself: they take no volume key
(API reference, ResourceConfig, VolumeKmsKeyId). AWS marks them with a d, but for the newer GPUs."""


@cache
def shape(name: str) -> dict[str, Any]:
    """What the model says of a type of the API: `min`, `max`, `pattern`, `enum`."""
    return dict(_model().shape_for(name).metadata)


@cache
def _model() -> Any:
    try:
        from botocore.loaders import Loader
        from botocore.model import ServiceModel
    except ImportError:
        raise PackageMissingError("AWS needs boto3: pip install 'blazing-corpus[s3]'") from None
    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"))


def is_valid(name: str, value: str) -> bool:
    """Whether a text is one of a type of the API."""
    rules = shape(name)
    pattern = rules.get("pattern", r"[\s\S]*")
    for unicode_class, ours in CLASSES:
        pattern = pattern.replace(unicode_class, ours)
    is_long_enough = rules.get("min", 0) <= len(value) <= rules.get("max", len(value))
    return is_long_enough and re.fullmatch(pattern, value) is not None


def most(name: str) -> int:
    """How many of a list of the API there may be, or how long one of its texts."""
    return int(shape(name)["max"])


def family(instance_type: str) -> str:
    """The family of a type: `c5` of `ml.c5.xlarge`; empty for what is none."""
    match = INSTANCE_TYPE.fullmatch(instance_type)
    return match[1] if match else ""


def is_accelerated(instance_type: str) -> bool:
    """Whether it has GPUs, or other chips beside its CPUs."""
    return ACCELERATED.match(family(instance_type)) is not None


def has_own_disks(instance_type: str) -> bool:
    """Whether it takes no key for its volume."""
    return OWN_DISKS.match(family(instance_type)) is not None


def new_name(base: str, of: str = TRAINING_JOB, now: datetime | None = None) -> str:
    """A name that nothing else has, nor will have, within the length that SageMaker takes.

    `<base>-20260102-030405-678-1a2b3c`, and for searches, whose names are short,
    `<base>-260102-030405-1a2b3c`.

    Args:
        base: what it begins with.
        of: type of the API.
        now: for tests.

    Raises:
        RequestError: the base leaves no room for that.
    """
    now = now or datetime.now(UTC)
    time = f"{now:%y%m%d-%H%M%S}"
    if of == TRAINING_JOB:
        time = f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03d}"
    name = f"{base}-{time}-{secrets.token_hex(SUFFIX_BYTES)}"
    if (over := len(name) - most(of)) > 0:
        raise RequestError(
            f"{base} is {over} characters too long for a name with the time behind it"
        )
    return name
