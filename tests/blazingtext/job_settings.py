"""Settings of jobs, as a request has them."""

from dataclasses import replace
from typing import Any

from blazingtext.requests.settings import JobSettings

ROLE = "arn:aws:iam::123456789012:role/blazing-corpus"
IMAGE = "685385470294.dkr.ecr.eu-west-1.amazonaws.com/blazingtext:1"
CORPUS = "s3://bucket/corpus/cleaned_sentences.csv"
SETTINGS = JobSettings(ROLE, "s3://bucket/models/blazingtext", IMAGE)
EVERYTHING = replace(
    SETTINGS,
    image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/own:7",
    instance_type="ml.m5.2xlarge",
    volume_gb=20,
    max_run_seconds=7200,
    spot=True,
    max_wait_seconds=9000,
    checkpoint_uri="s3://bucket/checkpoints",
    kms_key_id="alias/models",
    volume_kms_key_id="alias/disks",
    subnets=("subnet-1", "subnet-2"),
    security_groups=("sg-1",),
    network_isolation=True,
    encrypt_traffic=True,
    tags={"user:application": "BlazingText", "team": "a b+c", "empty": ""},
)

DEFINITION: dict[str, Any] = {
    "RoleArn": ROLE,
    "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    "InputDataConfig": [
        {
            "ChannelName": "train",
            "ContentType": "text/plain",
            "InputMode": "File",
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": CORPUS,
                    "S3DataDistributionType": "FullyReplicated",
                }
            },
        }
    ],
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/models/blazingtext"},
    "ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 11},
    "StoppingCondition": {"MaxRuntimeInSeconds": 18000},
}
"""What the plain settings say, of a training and of the jobs of a search."""

EVERY_FIELD: dict[str, Any] = {
    "OutputDataConfig": {
        "S3OutputPath": "s3://bucket/models/blazingtext",
        "KmsKeyId": "alias/models",
    },
    "ResourceConfig": {
        "InstanceType": "ml.m5.2xlarge",
        "InstanceCount": 1,
        "VolumeSizeInGB": 20,
        "VolumeKmsKeyId": "alias/disks",
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 9000},
    "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
    "CheckpointConfig": {"S3Uri": "s3://bucket/checkpoints"},
    "EnableNetworkIsolation": True,
    "EnableInterContainerTrafficEncryption": True,
    "EnableManagedSpotTraining": True,
}
"""What `EVERYTHING` says beside role, image and channel."""
