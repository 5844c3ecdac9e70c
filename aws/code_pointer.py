"""`latest.json`: where under a prefix the code is that was uploaded last. Pure.

Code lies under the digests of its bytes, so its names can't be guessed; a workflow reads them here.
"""

import json

from aws.job import Code
from storage.errors import RequestError
from storage.locations import is_s3

POINTER = "latest.json"


def pointer_uri(prefix: str) -> str:
    """Where the pointer of a prefix is."""
    return f"{prefix.rstrip('/')}/{POINTER}"


def to_json(code: Code, training_image: str | None) -> bytes:
    """The pointer's content."""
    uris = {"job": code.job, "py_files": code.py_files, "environment": code.environment}
    return (json.dumps(uris | {"training_image": training_image}, indent=2) + "\n").encode()


def from_json(data: bytes, where: str) -> tuple[Code, str | None]:
    """Code and BlazingText's image, if the pointer names one.

    Raises:
        RequestError: it is no pointer; `where` is what the error calls it.
    """
    try:
        found = json.loads(data)
        code = Code(found["job"], found["py_files"], found.get("environment"))
        uris = [code.job, code.py_files, *filter(None, [code.environment])]
        image = found.get("training_image")
        if all(map(is_s3, uris)):
            return code, image
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise RequestError(f"{where} does not say where the code is: run submit.py upload again")
