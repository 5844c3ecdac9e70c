"""Any training file → its metrics and whether BlazingText should be paid to train on it.

It is counted segment by segment, on all cores, without Spark.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice, pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from etl.counting.line_block import LineBlock
from etl.counting.line_counts import FLAWS, LineCounts, count_lines
from etl.counting.line_hashes import Hashes
from etl.counting.profile import BLOCK_BYTES, Profile
from etl.counting.token_counts import in_order, merge
from etl.reading.file_kinds import HEAD_BYTES, Kind, advice, kind_of
from quality.checks.check import Check, Checks, Metrics
from quality.checks.corpus_checks import FORM
from quality.gate import Standard, judge
from quality.metrics import describe_corpus, describe_lines
from quality.repeated_lines import RepeatedLines
from quality.vocabulary import Pairs, counts_of
from storage.interrupts import ours_alone

SEGMENT_BYTES = 16 * 2**20
"""Of the file, that one process counts at a time; a longer line is one segment."""

ALONE_BYTES = 4 * SEGMENT_BYTES
"""Size up to which starting other processes takes longer than it saves."""

QUEUED = 2
"""Segments a process that are counted or wait for being added up."""


def describe_file(
    path: Path,
    pairs: Pairs,
    min_count: int,
    processes: int,
    sha256: str | None,
    *,
    is_whole: bool = True,
) -> dict[str, Any]:
    """The metrics of a file, and under `min_count` what a training with it would see.

    Args:
        path: the file.
        pairs: WS-353.
        min_count: hyperparameter of the training.
        processes: that count.
        sha256: the digest that a manifest has for the file; None without one.
        is_whole: all metrics, not only those that the preflight judges.

    Raises:
        OSError: it can't be read.
    """
    lines, repeated = LineCounts(), RepeatedLines()

    def tables() -> Iterator[tuple[int, pa.Table]]:
        for segment in count_file(path, processes):
            lines.update(segment.lines)
            if is_whole:
                repeated.add(segment.hashes)
            yield segment.lines.tokens, segment.tokens

    tokens = merge(in_order(tables()))
    counted = {"bytes": lines.bytes, "lines": lines.lines, "tokens": lines.tokens}
    metrics: dict[str, Any] = {"corpus": counted, "lines": describe_lines(lines)}
    if is_whole:
        metrics = describe_corpus(lines, tokens, repeated, pairs)
    with path.open("rb") as file:
        metrics["corpus"]["form"] = kind_of(file.read(HEAD_BYTES))
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    metrics["corpus"]["sha256"] = digest
    metrics["corpus"]["is_manifests"] = None if sha256 is None else sha256 == digest
    metrics["first_lines"] = find_first_lines(path, [name for name in FLAWS if lines.flaws[name]])
    metrics["min_count"] = describe_training(tokens, pairs, min_count)
    return metrics


def describe_training(tokens: pa.Table, pairs: Pairs, min_count: int) -> dict[str, Any]:
    """What a min_count leaves."""
    counts = tokens["count"].to_numpy()
    kept = counts[counts >= min_count]
    of_pairs = counts_of(tokens, {word for pair in pairs for word in pair})
    missing = sorted(word for word, count in of_pairs.items() if count < min_count)
    return {
        "min_count": min_count,
        "words": int(kept.size),
        "training_words": int(kept.sum()),
        "ws353_missing": missing,
    }


def judge_file(metrics: dict[str, Any], standard: Standard, *, strict: bool) -> dict[str, Any]:
    """The verdicts of the preflight, and where strict those that a build has to pass too."""
    checks = {"preflight": standard.checks["preflight"]}
    checks |= standard.checks_of(metrics) if strict else {}
    return judge(metrics, standard, place_checks(checks, metrics))


def place_checks(checks: Checks, metrics: Metrics) -> dict[str, list[Check]]:
    """Checks that say what they are about in this very file."""
    return {name: [_place(row, metrics) for row in rows] for name, rows in checks.items()}


def _place(row: Check, metrics: Metrics) -> Check:
    kind, look = Kind(metrics["corpus"]["form"]), row.look
    if look == FORM:
        look = f"{look}, {kind}: {advice(kind, 'a sentence a line')}"
    elif (name := look.split(";")[0].removeprefix("lines.")) in metrics["first_lines"]:
        look = f"{look}; first in line {metrics['first_lines'][name]:,}"
    return replace(row, look=look)


def find_first_lines(path: Path, flaws: Iterable[str]) -> dict[str, int]:
    """Where lines first have some of `etl.counting.line_counts.FLAWS`: flaw → line, from 1.

    Reads the file again, as far as the last of them.
    """
    missing, places, before = set(flaws), dict[str, int](), 0
    with path.open("rb") as file:
        while missing and (block := file.read(BLOCK_BYTES) + file.readline()):
            lines, counts = block.split(b"\n"), count_lines(LineBlock.of(block))
            for flaw in sorted(missing & counts.flaws.keys()):
                missing.remove(flaw)
                has_flaw = partial(_has_flaw, flaw, lines)
                places[flaw] = before + bisect_left(range(len(lines)), True, key=has_flaw)
            before += counts.lines
    return places


def _has_flaw(flaw: str, lines: Sequence[bytes], number: int) -> bool:
    """Whether the first lines have it, so many of them."""
    return flaw in count_lines(LineBlock.of(b"\n".join([*lines[:number], b""]))).flaws


class Segment(NamedTuple):
    """What one segment holds; see `etl.counting.profile`."""

    lines: LineCounts
    tokens: pa.Table
    hashes: Hashes


def cut_segments(path: Path, size: int = SEGMENT_BYTES) -> Iterator[tuple[int, int]]:
    """(start, end) of runs of whole lines, in order; nothing of an empty file."""
    with path.open("rb") as file:
        total = file.seek(0, 2)
        bounds = [0]
        while bounds[-1] < total:
            file.seek(min(bounds[-1] + size, total) - 1)
            file.readline()  # the rest of the line that the segment would break off in
            bounds.append(file.tell())
    return pairwise(bounds)


def count_segment(path: Path, start: int, end: int) -> Segment:
    """Counts the lines between two offsets, a block at a time."""
    profile = Profile()
    with path.open("rb") as file:
        file.seek(start)
        while (left := end - file.tell()) > 0:
            block = file.read(min(BLOCK_BYTES, left))
            profile.add_lines(block + (b"" if block.endswith(b"\n") else file.readline()))
    return Segment(profile.lines, profile.tokens(), profile.hashes())


def count_file(path: Path, processes: int) -> Iterator[Segment]:
    """The segments of a file, in its order."""
    segments = cut_segments(path)
    if processes < 2 or path.stat().st_size <= ALONE_BYTES:
        yield from (count_segment(path, *bounds) for bounds in segments)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        jobs = (pool.submit(count_segment, path, *bounds) for bounds in segments)
        with ours_alone():  # the first job starts the processes
            waiting: list[Future[Segment]] = list(islice(jobs, processes * QUEUED))
        try:
            while waiting:
                yield waiting.pop(0).result()
                waiting.extend(islice(jobs, 1))
        finally:
            pool.shutdown(cancel_futures=True)
