"""Where a BlazingText job runs, and everything that SageMaker or BlazingText would refuse of it.

Sources: Amazon SageMaker API reference (CreateTrainingJob, ResourceConfig, StoppingCondition,
VpcConfig, Tag); developer guide, "BlazingText algorithm", "Managed Spot Training".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from blazingtext.instance_types import (
    CPU_FAMILIES,
    GPU_FAMILIES,
    LOCAL_STORAGE,
    family,
    is_gpu,
    is_known,
)
from embeddings.hyperparameters import Hyperparameters
from storage.errors import RequestError
from storage.locations import is_s3

TAGS = {"user:application": "BlazingText"}
"""The reference run's."""

MAX_RUN_SECONDS = 28 * 24 * 3600
SPOT_WAIT_SECONDS = 3600
"""The longest that a built-in algorithm without checkpoints may take on spot instances, waiting
included; BlazingText writes none."""

MAX_SUBNETS, MAX_SECURITY_GROUPS, MAX_TAGS = 16, 5, 50
ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/?[\w+=,.@/-]+")
TAG = re.compile(r"[\w\s.:/=+@-]*")
"""SageMaker's tags take colons in both parts; keys that begin with `aws:` are AWS's own."""

IDENTIFIER = re.compile(r"[-0-9a-zA-Z]{1,32}")
"""Of a subnet or security group."""

KEY = re.compile(r"[a-zA-Z0-9:/_-]{1,2048}")
OWN_IMAGE = re.compile(r"/blazingtext[:@]")
"""In the URI of AWS's image; a mirror of it counts as such if it keeps the name."""


@dataclass(frozen=True)
class Machines:
    """Where and as whom a job runs, what limits it, and where its model goes.

    The defaults are those of the reference run of 27 June 2020.

    Attributes:
        role_arn: IAM role that SageMaker assumes for the job.
        output_path: `s3://bucket/prefix`; the model goes to `<prefix>/<job>/output/model.tar.gz`.
        image: URI of BlazingText's image in the region.
        instance_type: of every machine.
        instance_count: of machines; several in batch_skipgram only.
        volume_gb: GiB of disk of each.
        max_run_seconds: after which SageMaker stops the job.
        spot: run on spare capacity.
        max_wait_seconds: with spot: waiting and running together.
        checkpoint_uri: S3 prefix; only with an image of one's own, BlazingText writes none.
        kms_key_id: key for the model; None for the bucket's default.
        volume_kms_key_id: key for the disks.
        subnets: of a VPC that the job's containers are in; with security groups.
        security_groups: likewise.
        network_isolation: no connections from inside the container.
        encrypt_traffic: between several machines.
        tags: of the job, key → value.
    """

    role_arn: str
    output_path: str
    image: str
    instance_type: str = "ml.c5.xlarge"
    instance_count: int = 1
    volume_gb: int = 11
    max_run_seconds: int = 18_000
    spot: bool = False
    max_wait_seconds: int | None = None
    checkpoint_uri: str | None = None
    kms_key_id: str | None = None
    volume_kms_key_id: str | None = None
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    network_isolation: bool = False
    encrypt_traffic: bool = False
    tags: Mapping[str, str] = field(default_factory=lambda: dict(TAGS))

    def discrepancies(self, hyperparameters: Hyperparameters) -> list[str]:
        """Every rule that is broken, hyperparameters beside machines included."""
        return [
            *self._names(),
            *self._sizes(),
            *self._modes(hyperparameters.mode),
            *self._times(),
            *self._network(),
            *self._keys_and_tags(),
        ]

    def check(self, hyperparameters: Hyperparameters) -> None:
        """Nothing for what SageMaker would take.

        Raises:
            RequestError: names every discrepancy, in one line.
        """
        if wrong := self.discrepancies(hyperparameters):
            raise RequestError("; ".join(wrong))

    def _names(self) -> list[str]:
        wrong = []
        if not ROLE.fullmatch(self.role_arn):
            wrong.append(f"role is {self.role_arn!r}, not arn:aws:iam::ACCOUNT:role/NAME")
        if not is_s3(self.output_path):
            wrong.append(f"output path is {self.output_path!r}, not s3://bucket/prefix")
        if not 0 < len(self.image) < 256 or re.search(r"\s", self.image):
            wrong.append(f"image is {self.image!r}, not the URI of an image")
        return wrong

    def _sizes(self) -> list[str]:
        wrong = []
        if not is_known(self.instance_type):
            known = ", ".join((*CPU_FAMILIES, *GPU_FAMILIES))
            wrong.append(
                f"instance type is {self.instance_type!r}, not one that BlazingText trains on: "
                f"ml.FAMILY.SIZE, family one of {known}"
            )
        if self.instance_count < 1:
            wrong.append(f"instance count is {self.instance_count}, and must be 1 or more")
        if self.volume_gb < 1:
            wrong.append(f"volume is {self.volume_gb} GB, and must be 1 or more")
        return wrong

    def _modes(self, mode: str) -> list[str]:
        wrong = []
        if mode == "batch_skipgram" and is_gpu(self.instance_type):
            wrong.append(f"batch_skipgram runs on CPUs only, not on {self.instance_type}")
        if mode != "batch_skipgram" and self.instance_count > 1:
            wrong.append(
                f"{mode} takes one instance, not {self.instance_count}: use batch_skipgram"
            )
        return wrong

    def _times(self) -> list[str]:
        run, wait = self.max_run_seconds, self.max_wait_seconds
        wrong = []
        if not 1 <= run <= MAX_RUN_SECONDS:
            wrong.append(f"max run is {run} s, and must be from 1 to {MAX_RUN_SECONDS}")
        if wait is not None and not self.spot:
            wrong.append("max wait goes with spot only")
        if self.spot and (wait is None or wait < run):
            wrong.append(f"spot: max wait is {wait} s, and must be max run, {run} s, or more")
        if self.spot and not self.checkpoint_uri and max(run, wait or 0) > SPOT_WAIT_SECONDS:
            wrong.append(
                f"spot: BlazingText writes no checkpoints, so SageMaker allows it "
                f"{SPOT_WAIT_SECONDS} s of max run and max wait at most"
            )
        if self.checkpoint_uri and not is_s3(self.checkpoint_uri):
            wrong.append(f"checkpoints go to {self.checkpoint_uri!r}, not s3://bucket/prefix")
        if self.checkpoint_uri and OWN_IMAGE.search(self.image):
            wrong.append("BlazingText writes no checkpoints: they go with an image of one's own")
        return wrong

    def _network(self) -> list[str]:
        wrong = []
        if bool(self.subnets) != bool(self.security_groups):
            wrong.append("a VPC takes subnets and security groups, both or none")
        for what, given, most in (
            ("subnets", self.subnets, MAX_SUBNETS),
            ("security groups", self.security_groups, MAX_SECURITY_GROUPS),
        ):
            if len(given) > most:
                wrong.append(f"{len(given)} {what}, and SageMaker takes {most}")
            wrong += [f"{one!r} in {what}" for one in given if not IDENTIFIER.fullmatch(one)]
        return wrong

    def _keys_and_tags(self) -> list[str]:
        keys = filter(None, (self.kms_key_id, self.volume_kms_key_id))
        wrong = [
            f"{key!r} is no KMS key's id, ARN or alias" for key in keys if not KEY.fullmatch(key)
        ]
        if self.volume_kms_key_id and family(self.instance_type) in LOCAL_STORAGE:
            wrong.append(f"{self.instance_type} encrypts its own disks, and takes no volume key")
        if len(self.tags) > MAX_TAGS:
            wrong.append(f"{len(self.tags)} tags, and SageMaker takes {MAX_TAGS}")
        return wrong + [
            f"tag {key!r}={value!r} is not one that SageMaker takes"
            for key, value in self.tags.items()
            if not _is_tag(key, value)
        ]


def _is_tag(key: str, value: str) -> bool:
    is_text = bool(TAG.fullmatch(key) and TAG.fullmatch(value))
    # SageMaker would take an empty value; the sagemaker package leaves it out of the request.
    is_short = 1 <= len(key) <= 128 and 1 <= len(value) <= 256
    return is_text and is_short and not key.startswith("aws:")
