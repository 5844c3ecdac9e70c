"""A proxy in front of a server, which refuses, changes or damages what it likes of what passes."""

import http.client
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit

from s3_server import S3Server


class Asked(NamedTuple):
    """What a client asks: path with its query, headers by their names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answer:
    """What goes back to who asked; `Damage` may change it."""

    status: int
    headers: dict[str, str]
    body: bytes

    def fail(self, status: int, code: str) -> None:
        """Becomes an error of S3."""
        self.status = status
        self.body = f"<Error><Code>{code}</Code><Message>so it is</Message></Error>".encode()


Damage = Callable[[str, str, Answer], None]
"""Method, path with its query, and the server's answer, which may be changed in place."""

Handle = Callable[[Asked, Callable[[], Answer]], Answer]
"""A request and what passes it on; gives what is answered."""


@contextmanager
def s3_proxy(server: S3Server, damage: Damage) -> Iterator[str]:
    """The URL of a proxy that damages answers, for as long as the block runs."""

    def handle(asked: Asked, pass_on: Callable[[], Answer]) -> Answer:
        answer = pass_on()
        damage(asked.method, asked.path, answer)
        return answer

    with http_proxy(server.url, handle) as url:
        yield url


@contextmanager
def http_proxy(upstream: str, handle: Handle) -> Iterator[str]:
    """The URL of a proxy, for as long as the block runs; the signed Host header stays as it is."""
    place = urlsplit(upstream).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self) -> None:
            """Passes a request on, and an answer back."""
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}

            def pass_on() -> Answer:
                connection = http.client.HTTPConnection(place)
                sent = {name: value for name, value in headers.items() if name != "expect"}
                connection.request(self.command, self.path, body, sent)
                response = connection.getresponse()
                answer = Answer(response.status, dict(response.getheaders()), response.read())
                connection.close()
                return answer

            answer = handle(Asked(self.command, self.path, headers, body), pass_on)
            with suppress(ConnectionError):  # whoever asked has gone
                self.send_back(answer)

        def send_back(self, answer: Answer) -> None:
            """The answer, as it is by now."""
            self.send_response(answer.status)
            if self.command != "HEAD":
                answer.headers["Content-Length"] = str(len(answer.body))
            answer.headers.pop("Transfer-Encoding", None)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body if self.command != "HEAD" else b"")

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do  # noqa: N815, http.server's names

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        proxy.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}"
        finally:
            proxy.shutdown()
