"""A tuning job that was started: where it stands, which training jobs it ran, how it is ended."""

from typing import Any

from aws.remote_runs import Status
from blazingtext import tuning_description
from blazingtext.asking import Asker
from blazingtext.log_streams import log_command
from storage.errors import ObjectNotFoundError, RequestError

COMMAND = "tune_embeddings.py --backend sagemaker"
LIST = "list_training_jobs_for_hyper_parameter_tuning_job"
NOT_FOUND = ("ResourceNotFound", "ResourceNotFoundException")


class TuningJob:
    """A search, by its name; asking survives one expiry of the credentials at a time.

    Attributes:
        name: of the search; `handle` is the same, for `aws.remote_runs`.
        described: what SageMaker said of it last.
    """

    def __init__(self, name: str, output: str = "OUTPUT") -> None:
        self.name = self.handle = name
        self.follow_command = f"{COMMAND} --attach {name} --output {output}"
        self.cancel_command = f"{COMMAND} --stop {name}"
        self.described: dict[str, Any] = {}
        self._asker = Asker(f"search {name}")

    def describe(self) -> dict[str, Any]:
        """What SageMaker says of it now.

        Raises:
            ObjectNotFoundError: there is no search of that name in the region.
            AwsError: SageMaker can't be asked.
        """
        self.described = self._asker.ask("sagemaker", self._describe)
        return self.described

    def status(self) -> Status:
        """Where it stands now."""
        return tuning_description.status(self.describe())

    def log_places(self) -> list[str]:
        """The command that shows the logs of all its training jobs."""
        return [log_command(self.name, self._asker.client("sagemaker").meta.region_name, "-")]

    def cancel(self) -> None:
        """Asks SageMaker to stop it, and the jobs that it runs.

        Raises:
            ObjectNotFoundError: there is no such search.
            RequestError: it has ended already.
        """
        state = self.describe()["HyperParameterTuningJobStatus"]
        if state in tuning_description.FINAL:
            raise RequestError(f"search {self.name} is {state} already")
        self._asker.ask("sagemaker", self._stop)

    def training_jobs(self) -> list[dict[str, Any]]:
        """What SageMaker says of each of its training jobs, in the order of their start."""
        names = self._asker.ask("sagemaker", self._names)
        return [self._asker.ask("sagemaker", _describer(name)) for name in names]

    def _names(self, client: Any) -> list[str]:
        pages = client.get_paginator(LIST).paginate(
            HyperParameterTuningJobName=self.name, SortBy="CreationTime", SortOrder="Ascending"
        )
        return [one["TrainingJobName"] for page in pages for one in page["TrainingJobSummaries"]]

    def _describe(self, client: Any) -> dict[str, Any]:
        from botocore.exceptions import ClientError

        key = {"HyperParameterTuningJobName": self.name}
        try:
            return dict(client.describe_hyper_parameter_tuning_job(**key))
        except ClientError as error:
            code, said = error.response["Error"].get("Code"), str(error).lower()
            if code in NOT_FOUND or "could not find" in said or "not found" in said:
                where = f"search {self.name} in {client.meta.region_name}"
                raise ObjectNotFoundError(f"{where}: does not exist") from error
            raise

    def _stop(self, client: Any) -> None:
        client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=self.name)


def _describer(name: str) -> Any:
    return lambda client: dict(client.describe_training_job(TrainingJobName=name))
