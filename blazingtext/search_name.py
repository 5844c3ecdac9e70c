"""Names of searches: SageMaker takes each only once, and 32 characters at most."""

import secrets
from datetime import UTC, datetime

from storage.errors import RequestError

BASE_NAME = "blazingtext"
SUFFIX_BYTES = 3
"""Of chance behind the time: two that start in one second differ."""

MAX_LENGTH = 32


def new_search_name(base: str = BASE_NAME, now: datetime | None = None) -> str:
    """A name that no other search has: `blazingtext-260102-030405-1a2b3c`.

    Raises:
        RequestError: the base leaves no room for time and chance.
    """
    name = f"{base}-{now or datetime.now(UTC):%y%m%d-%H%M%S}-{secrets.token_hex(SUFFIX_BYTES)}"
    if (over := len(name) - MAX_LENGTH) > 0:
        raise RequestError(
            f"{base} is {over} characters too long for a name with the time behind it"
        )
    return name
