"""Names of training jobs: SageMaker takes each only once, and two commands may start together."""

import secrets

from aws.build_job import unique_name
from storage.errors import RequestError

BASE_NAME = "blazingtext-blogs-sentences"
"""The reference run's."""

SUFFIX_BYTES = 3
"""Of chance behind the time: two that start in one millisecond differ."""

MAX_LENGTH = 63


def new_name(base: str = BASE_NAME) -> str:
    """A name that no other job has, nor will have: `<base>-20260102-030405-678-1a2b3c`.

    Raises:
        RequestError: the base leaves no room for that.
    """
    name = f"{unique_name(base)}-{secrets.token_hex(SUFFIX_BYTES)}"
    if (over := len(name) - MAX_LENGTH) > 0:
        raise RequestError(
            f"{base} is {over} characters too long for a name with the time behind it"
        )
    return name
