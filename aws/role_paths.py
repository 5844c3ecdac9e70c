"""Where in the bucket the stack's roles may read and write, to be told before a job is paid.

deploy/cloudformation.yaml decides; a test holds these names equal to it.
"""

from collections.abc import Iterator, Mapping

from storage.locations import split_uri

READ = ("input", "code")
WRITTEN = ("corpora", "corpus", "models", "runs")
"""What is written may be read too."""

LOGS = "code/logs"


def warnings(
    bucket: str, read: Mapping[str, str], written: Mapping[str, str], logs: str | None = None
) -> Iterator[str]:
    """A line for each path that the stack's roles can't reach, so that its job would fail.

    Another role, or the stack's one more prefix, may reach it all the same.

    Args:
        bucket: of the stack.
        read: option → `s3://` URI that the job reads.
        written: likewise, that it writes.
        logs: prefix that its logs go to; None for none of the caller's.
    """
    rules = [(read, (*READ, *WRITTEN), "reads"), (written, WRITTEN, "writes")]
    for uris, prefixes, verb in [*rules, ({"--logs": logs} if logs else {}, (LOGS,), "logs")]:
        for option, uri in uris.items():
            if not _is_below(uri, bucket, prefixes):
                places = ", ".join(f"s3://{bucket}/{prefix}/" for prefix in prefixes)
                yield f"{option} {uri}: the role of the stack {verb} below {places} only"


def _is_below(uri: str, bucket: str, prefixes: tuple[str, ...]) -> bool:
    place, key = split_uri(uri)
    return place == bucket and any(f"{key}/".startswith(f"{prefix}/") for prefix in prefixes)
