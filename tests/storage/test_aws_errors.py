"""What S3 answers → one line and an exit code, over real HTTP."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from s3_server import ENVIRONMENT, S3Server, free_port

from storage import errors
from storage.locations import join_uri
from storage.objects import delete_objects, list_objects
from storage.ranges import read_object
from storage.s3_client import S3Options, make_client


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")


@contextmanager
def answering(status: int, code: str, message: str = "") -> Iterator[tuple[str, list[str]]]:
    """A server that gives everybody one answer: its URL, and the requests that came."""
    asked: list[str] = []
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append(self.command)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_address[1]}", asked
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def fail(url: str, operation: str = "get") -> errors.AwsError:
    """What an operation raises."""
    client = make_client(S3Options(endpoint_url=url, path_style=True))
    with pytest.raises(errors.AwsError) as caught:
        if operation == "get":
            read_object(client, "blogs", "a.xml")
        elif operation == "list":
            list(list_objects(client, "blogs", "in/"))
        elif operation == "delete":
            delete_objects(client, "blogs", ["a.xml"])
        else:
            from storage.aws_errors import aws_errors

            with aws_errors(join_uri("blogs", "a.xml")):
                client.put_object(Bucket="blogs", Key="a.xml", Body=b"")
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "kind", "exit_code"),
    [
        (404, "NoSuchKey", errors.ObjectNotFoundError, 3),
        (404, "NoSuchBucket", errors.BucketError, 22),
        (400, "ExpiredToken", errors.CredentialsError, 20),
        (403, "InvalidAccessKeyId", errors.CredentialsError, 20),
        (403, "SignatureDoesNotMatch", errors.CredentialsError, 20),
        (403, "AccessDenied", errors.AccessDeniedError, 21),
        (400, "AuthorizationHeaderMalformed", errors.BucketError, 22),
        (503, "SlowDown", errors.ThrottledError, 24),
        (507, "QuotaExceeded", errors.OutOfSpaceError, 8),
        (412, "PreconditionFailed", errors.ChangedError, 27),
        (400, "SomethingElse", errors.AwsError, 25),
    ],
)
def test_each_code_has_its_error_and_exit_code(
    status: int, code: str, kind: type[errors.AwsError], exit_code: int
) -> None:
    with answering(status, code, "said so") as (url, _):
        error = fail(url)
    assert type(error) is kind
    assert error.exit_code == exit_code
    text = str(error)
    assert text.startswith("s3://blogs/a.xml: ")
    assert text.endswith(f"(GetObject: {code})")
    assert "said so" in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("operation", "needs"),
    [
        ("list", "list, s3:ListBucket: no (ListObjectsV2: AccessDenied)"),
        ("get", "get, s3:GetObject: no (GetObject: AccessDenied)"),
        ("put", "put, s3:PutObject: no (PutObject: AccessDenied)"),
        ("delete", "delete, s3:DeleteObject: no (DeleteObjects: AccessDenied)"),
    ],
)
def test_access_denied_tells_list_get_put_and_delete_apart(operation: str, needs: str) -> None:
    with answering(403, "AccessDenied", "no") as (url, _):
        error = fail(url, operation)
    place = "s3://blogs/in/" if operation == "list" else "s3://blogs/a.xml"
    assert str(error) == f"{place}: access denied, needs permission to {needs}"


def test_throttling_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "3")
    with answering(503, "SlowDown", "reduce your request rate") as (url, asked):
        error = fail(url)
    assert asked == ["GET", "GET", "GET"]
    assert str(error) == (
        "s3://blogs/a.xml: throttled, after all retries: reduce your request rate "
        "(GetObject: SlowDown)"
    )


def test_nobody_at_the_endpoint() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    error = fail(url)
    assert type(error) is errors.EndpointError
    assert str(error).startswith("s3://blogs/a.xml: endpoint not reachable: Could not connect")


def test_an_endpoint_that_hangs_up() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def hang_up() -> None:
            for _ in range(2):
                listener.accept()[0].close()

        thread = Thread(target=hang_up, daemon=True)
        thread.start()
        error = fail(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread.join(timeout=10)
    assert type(error) is errors.EndpointError


def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    error = fail("http://127.0.0.1:1")
    assert type(error) is errors.CredentialsError
    expected = "s3://blogs/a.xml: no valid AWS credentials: Unable to locate credentials"
    assert str(error) == expected


def test_a_profile_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(errors.CredentialsError, match="profile \\(nobody\\) could not be found"):
        make_client()


def test_wrong_keys_and_no_bucket_on_a_real_server(
    server: S3Server, s3: S3Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(errors.BucketError) as missing:
        list(list_objects(make_client(s3), "no-such-bucket", ""))
    assert str(missing.value).startswith("s3://no-such-bucket/: no such bucket, or not in this")


def test_what_aws_says_is_cut_to_one_line_and_never_shows_the_keys() -> None:
    with answering(403, "AccessDenied", "first\nsecond") as (url, _):
        text = str(fail(url))
    assert "first" in text
    assert "second" not in text
    assert ENVIRONMENT["AWS_SECRET_ACCESS_KEY"] not in text
    assert ENVIRONMENT["AWS_ACCESS_KEY_ID"] not in text
