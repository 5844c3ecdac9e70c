"""Where a BlazingText job runs, and everything that SageMaker or BlazingText would refuse of it.

Sources: Amazon SageMaker API reference (CreateTrainingJob, ResourceConfig, StoppingCondition,
VpcConfig, Tag); developer guide, "BlazingText algorithm", "Managed Spot Training".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aws.build_job import TAGS
from blazingtext.requests.limits import (
    family,
    has_own_disks,
    is_accelerated,
    is_valid,
    most,
    shape,
)
from embeddings.training.hyperparameters import Hyperparameters
from storage.locations import is_s3

MAX_RUN_SECONDS = 28 * 24 * 3600
SPOT_WAIT_SECONDS = 3600
"""The longest that a built-in algorithm without checkpoints may take on spot instances, waiting
included; BlazingText writes none."""

OWN_IMAGE = re.compile(r"/blazingtext[:@]")
"""In the URI of AWS's image; a mirror of it counts as such if it keeps the name."""


@dataclass(frozen=True)
class JobSettings:
    """Where and as whom a job runs, what limits it, and where its model goes.

    A command that leaves role, output path or image empty means those of the account.

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
        kms_key_id: key for the model; None for the account's S3 key, whatever the bucket's is.
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
        """Every rule that is broken, those that look at the hyperparameters too included."""
        return [
            *self._names(),
            *self._sizes(),
            *self._modes(hyperparameters.mode),
            *self._times(),
            *self._network(),
            *self._keys_and_tags(),
        ]

    def warnings(self) -> list[str]:
        """What SageMaker may refuse, for all that is known here."""
        if self.instance_type in shape("TrainingInstanceType")["enum"]:
            return []
        return [f"instance type {self.instance_type} is none that SageMaker is known to train on"]

    def _names(self) -> list[str]:
        wrong = []
        if not is_valid("RoleArn", self.role_arn):
            wrong.append(f"role is {self.role_arn!r}, not arn:aws:iam::ACCOUNT:role/NAME")
        if not is_s3(self.output_path):
            wrong.append(f"output path is {self.output_path!r}, not s3://bucket/prefix")
        if not is_valid("ContainerImage", self.image):
            wrong.append(f"image is {self.image!r}, not the URI of an image")
        return wrong

    def _sizes(self) -> list[str]:
        wrong = []
        if not family(self.instance_type):
            wrong.append(f"instance type is {self.instance_type!r}, not ml.FAMILY.SIZE")
        if self.instance_count < 1:
            wrong.append(f"instance count is {self.instance_count}, and must be 1 or more")
        if self.volume_gb < 1:
            wrong.append(f"volume is {self.volume_gb} GB, and must be 1 or more")
        return wrong

    def _modes(self, mode: str) -> list[str]:
        wrong = []
        if mode == "batch_skipgram" and is_accelerated(self.instance_type):
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
        for name, given, kind, group in (
            ("subnets", self.subnets, "SubnetId", "Subnets"),
            ("security groups", self.security_groups, "SecurityGroupId", "VpcSecurityGroupIds"),
        ):
            if len(given) > most(group):
                wrong.append(f"{len(given)} {name}, and SageMaker takes {most(group)}")
            wrong += [f"{value!r} in {name}" for value in given if not is_valid(kind, value)]
        return wrong

    def _keys_and_tags(self) -> list[str]:
        keys = filter(None, (self.kms_key_id, self.volume_kms_key_id))
        wrong = [
            f"{key!r} is no KMS key's id, ARN or alias"
            for key in keys
            if not is_valid("KmsKeyId", key)
        ]
        if self.volume_kms_key_id and has_own_disks(self.instance_type):
            wrong.append(f"{self.instance_type} encrypts its own disks, and takes no volume key")
        if len(self.tags) > most("TagList"):
            wrong.append(f"{len(self.tags)} tags, and SageMaker takes {most('TagList')}")
        return wrong + [
            f"tag {key!r}={value!r} is not one that SageMaker takes"
            for key, value in self.tags.items()
            if not _is_tag(key, value)
        ]


def _is_tag(key: str, value: str) -> bool:
    is_own = key.lower().startswith("aws:")  # which only AWS may use
    return is_valid("TagKey", key) and is_valid("TagValue", value) and not is_own
