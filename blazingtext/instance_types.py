"""Instance types that SageMaker trains on and BlazingText runs on. Pure data.

Types: `TrainingInstanceType` of the SageMaker API. GPUs: Amazon SageMaker developer guide,
"BlazingText algorithm", "EC2 Instance Recommendation": P2, P3, G4dn and G5, a single one.
"""

_UP_TO_24 = ("xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge")
_SIXTH = ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge")
_R5 = ("large", *_SIXTH[:-1])
_SEVENTH = ("large", *_SIXTH[:-1], "48xlarge")
_FLEX = ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")

CPU_FAMILIES: dict[str, tuple[str, ...]] = {
    "c4": ("xlarge", "2xlarge", "4xlarge", "8xlarge"),
    "c5": ("xlarge", "2xlarge", "4xlarge", "9xlarge", "18xlarge"),
    "c5n": ("xlarge", "2xlarge", "4xlarge", "9xlarge", "18xlarge"),
    "c6i": _SIXTH,
    "c7i": _SEVENTH,
    "c7i-flex": _FLEX,
    "m4": ("xlarge", "2xlarge", "4xlarge", "10xlarge", "16xlarge"),
    "m5": ("large", *_UP_TO_24),
    "m6i": ("large", *_SIXTH),
    "m7i": _SEVENTH,
    "m7i-flex": ("large", *_FLEX),
    "r5": _R5,
    "r5d": _R5,
    "r6i": ("large", *_SIXTH),
    "r7i": _SEVENTH,
    "t3": ("medium", "large", "xlarge", "2xlarge"),
}
GPU_FAMILIES: dict[str, tuple[str, ...]] = {
    "g4dn": ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"),
    "g5": (*_FLEX, "24xlarge", "48xlarge"),
    "p2": ("xlarge", "8xlarge", "16xlarge"),
    "p3": ("2xlarge", "8xlarge", "16xlarge"),
}
LOCAL_STORAGE = ("g4dn", "g5", "r5d")
"""Families with disks of their own, which SageMaker encrypts by itself: they take no volume key
(API reference, ResourceConfig, VolumeKmsKeyId)."""


def family(instance_type: str) -> str:
    """The family of a type: `c5` of `ml.c5.xlarge`."""
    return instance_type.split(".")[1] if instance_type.count(".") == 2 else ""


def is_gpu(instance_type: str) -> bool:
    """Whether it has GPUs."""
    return family(instance_type) in GPU_FAMILIES


def is_known(instance_type: str) -> bool:
    """Whether SageMaker has the type, and BlazingText runs on it."""
    sizes = (CPU_FAMILIES | GPU_FAMILIES).get(family(instance_type), ())
    return instance_type in {f"ml.{family(instance_type)}.{size}" for size in sizes}
