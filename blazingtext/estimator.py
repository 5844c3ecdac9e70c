"""Starts a training job through the sagemaker package's ModelTrainer.

Nothing is created beside the job: no bucket, no role, no upload, no telemetry, and nothing of the
machine's own SDK defaults enters the request. docs/adr/0010-model-trainer.md has the reasons.
"""

from collections.abc import Mapping
from typing import Any

from blazingtext.sdk import make_sdk_session, quiet_sdk, snake_case, start_errors
from storage.errors import LeftRunningError


def start(request: Mapping[str, Any]) -> str:
    """Starts the job of a request, and does not wait for it; its name.

    Args:
        request: from `training_request`; what reaches SageMaker is the same, field by field.

    Raises:
        PackageMissingError: the sagemaker package is missing.
        QuotaError: the account may not run such a job, or not one more.
        AccessDeniedError: the caller may not, or the role can't be assumed.
        RequestError: there is a job of that name.
        LeftRunningError: Ctrl-C, when it may have been started.
        AwsError: anything else that AWS says; the line names the job.
    """
    name: str = request["TrainingJobName"]
    where = f"training job {name}"
    with quiet_sdk(where):
        trainer = make_trainer(request)
    try:
        with quiet_sdk(where), start_errors(where, "CreateTrainingJob"):
            trainer.train(wait=False, logs=False)
    except KeyboardInterrupt:
        raise LeftRunningError(f"interrupted; {name} may have been started by then") from None
    return name


def make_trainer(request: Mapping[str, Any]) -> Any:
    """The ModelTrainer of a request.

    Its own job names end in the second of the start, are cut at 63 characters, and are not known
    before the job runs: this one gives the job the name that it is told.
    """
    from sagemaker.core import shapes
    from sagemaker.core.training.configs import Compute, Networking
    from sagemaker.train import ModelTrainer

    class NamedTrainer(ModelTrainer):  # type: ignore[misc]
        job_name: str

        def _create_training_job_args(self, *args: Any, **options: Any) -> dict[str, Any]:
            made: dict[str, Any] = super()._create_training_job_args(*args, **options)
            return made | {"training_job_name": self.job_name}

    given = snake_case(request)
    checkpoints = given.get("checkpoint_config")
    return NamedTrainer(
        job_name=request["TrainingJobName"],
        base_job_name=request["TrainingJobName"],
        sagemaker_session=make_sdk_session(),
        role=given["role_arn"],
        hyperparameters=dict(request["HyperParameters"]),
        compute=Compute(
            **given["resource_config"],
            enable_managed_spot_training=given["enable_managed_spot_training"],
        ),
        networking=Networking(
            **given.get("vpc_config", {}),
            enable_network_isolation=given["enable_network_isolation"],
            enable_inter_container_traffic_encryption=given[
                "enable_inter_container_traffic_encryption"
            ],
        ),
        stopping_condition=shapes.StoppingCondition(**given["stopping_condition"]),
        output_data_config=shapes.OutputDataConfig(**given["output_data_config"]),
        input_data_config=[shapes.Channel(**one) for one in given["input_data_config"]],
        checkpoint_config=shapes.CheckpointConfig(**checkpoints) if checkpoints else None,
        tags=[shapes.Tag(**one) for one in given["tags"]],
        environment=None,
        **given["algorithm_specification"],
    )
