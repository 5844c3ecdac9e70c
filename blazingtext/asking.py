"""Asks AWS about a job for hours: with new credentials when the old ones have expired meanwhile."""

from collections.abc import Callable
from typing import Any, TypeVar

from storage.aws_errors import aws_errors
from storage.errors import CredentialsError
from storage.session import make_service_client

Answer = TypeVar("Answer")


class Asker:
    """Clients of the services, made when they are needed.

    Attributes:
        where: what is asked about; errors begin with it.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._clients: dict[str, Any] = {}

    def ask(self, service: str, question: Callable[[Any], Answer]) -> Answer:
        """An answer; survives one expiry of the credentials at a time.

        Raises:
            AwsError: the service can't be asked, or refuses.
        """
        try:
            with aws_errors(self.where):
                return question(self.client(service))
        except CredentialsError:
            self._clients.clear()
            with aws_errors(self.where):
                return question(self.client(service))

    def client(self, service: str) -> Any:
        """The client of a service."""
        if service not in self._clients:
            self._clients[service] = make_service_client(service)
        return self._clients[service]
