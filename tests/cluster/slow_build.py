"""The build, with tasks that wait for a test. Run by spark-submit:

slow_build.py MARKS CHUNK ARGUMENTS OF THE BUILD

A task that has written its first row leaves a file `<chunk>.<attempt>.<process id>` in the folder
MARKS, and if CHUNK is `all` or the number of its chunk, it waits there until MARKS has a file `go`.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from etl.spark import corpus
from etl.spark.source import ChunkFiles
from jobs.build_corpus import main

MARKS, CHUNK = Path(sys.argv[1]), sys.argv[2]
SECONDS = 120


def chunk_rows(chunk: ChunkFiles, *arguments: Any) -> Iterator[Any]:
    """Stands for `etl.spark.corpus.chunk_rows`, and travels to the workers by value."""
    import os

    from pyspark import TaskContext

    from etl.spark.corpus import chunk_rows as real

    rows = iter(real(chunk, *arguments))
    yield next(rows)
    task = TaskContext.get()
    assert task is not None
    (MARKS / f"{chunk.number}.{task.attemptNumber()}.{os.getpid()}").touch()
    deadline = time.monotonic() + SECONDS
    while CHUNK in ("all", str(chunk.number)) and not (MARKS / "go").exists():
        assert time.monotonic() < deadline, "the test has not let it go on"
        time.sleep(0.05)
    yield from rows


setattr(corpus, "chunk_rows", chunk_rows)  # noqa: B010, mypy minds its signature
sys.exit(main(sys.argv[3:]))
