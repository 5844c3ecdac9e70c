"""A proxy in front of the S3 server that damages what it likes: requests, answers, or both."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from s3_server import S3Server


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


@contextmanager
def s3_proxy(server: S3Server, damage: Damage) -> Iterator[str]:
    """Its URL, for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self) -> None:
            """Passes a request on, and an answer back; the signed Host header stays as it is."""
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
            headers = {name: value for name, value in self.headers.items() if name != "Expect"}
            connection.request(self.command, self.path, body, headers)
            got = connection.getresponse()
            answer = Answer(got.status, dict(got.getheaders()), got.read())
            connection.close()
            damage(self.command, self.path, answer)
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
            self.wfile.write(answer.body)

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
