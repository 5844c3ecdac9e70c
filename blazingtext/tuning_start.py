"""Starts a tuning job through the sagemaker package.

Not through its HyperparameterTuner, which silently leaves out network isolation, the encryption of
traffic and the key of the disks, but through the resource that it hands its request to in the end;
see docs/adr/0010-model-trainer.md.
"""

from collections.abc import Mapping
from typing import Any

from blazingtext.sdk import quiet_sdk, snake_case, start_errors
from storage.errors import LeftRunningError
from storage.session import make_session

OPERATION = "CreateHyperParameterTuningJob"


def start(request: Mapping[str, Any]) -> str:
    """Starts the search of a request, and does not wait for it; its name.

    Args:
        request: from `tuning_request`; what reaches SageMaker is the same, field by field.

    Raises:
        PackageMissingError: the sagemaker package is missing.
        QuotaError: the account may not run such jobs, or not so many.
        AccessDeniedError: the caller may not, or the role can't be assumed.
        RequestError: there is a search of that name.
        LeftRunningError: Ctrl-C, when it may have been started.
        AwsError: anything else that AWS says; the line names the search.
    """
    name: str = request["HyperParameterTuningJobName"]
    where = f"search {name}"
    with quiet_sdk(where):
        from sagemaker.core.resources import HyperParameterTuningJob

        session = make_session()
    try:
        with quiet_sdk(where), start_errors(where, OPERATION):
            HyperParameterTuningJob.create(session=session, **snake_case(request))
    except KeyboardInterrupt:
        raise LeftRunningError(f"interrupted; {name} may have been started by then") from None
    return name
