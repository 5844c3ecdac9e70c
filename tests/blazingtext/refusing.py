"""One operation of AWS refuses; all others go through."""

from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError


def refuse(
    monkeypatch: pytest.MonkeyPatch, operation: str, error: Exception | tuple[str, str]
) -> list[str]:
    """One operation answers with an error; the names of all operations that were asked for."""
    client: Any = botocore.client.BaseClient
    real, asked = client._make_api_call, []

    def call(self: Any, name: str, arguments: Any) -> Any:
        asked.append(name)
        if name == operation:
            if isinstance(error, Exception):
                raise error
            code, message = error
            raise ClientError({"Error": {"Code": code, "Message": message}}, name)
        return real(self, name, arguments)

    monkeypatch.setattr(client, "_make_api_call", call)
    return asked
