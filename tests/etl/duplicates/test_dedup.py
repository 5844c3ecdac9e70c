"""`--dedup`: whatever the cut into chunks and tasks, the duplicates are those of the plain rule."""

import doctest
import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import made_up
import pytest
from composition import (
    CLEANINGS,
    OPTIONS,
    POST_TEXTS,
    TWIN_FILES,
    composed,
    find_twins_plainly,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from etl.chain import Chain
from etl.cleaning.options import Cleaning
from etl.cleaning.twins import Twin, unpack_twins
from etl.duplicates import dedup, fingerprints, near_duplicates
from etl.duplicates.dedup import find_twins, list_by_chunk, rank, repeats
from etl.duplicates.fingerprints import hash_shingles, normalized_text, seen_posts
from etl.duplicates.near_duplicates import first_of_components
from etl.ledger import Ledger
from etl.options import BuildOptions, ChainOptions
from etl.reading.chunks import cut
from etl.reading.sources import Listing, list_local
from etl.spark.corpus import build_rows
from etl.spark.source import ChunkFiles, Source, list_remote
from etl.spark.tables import batch_rows

GIB = 2**30
FORMS = ("folder", "zip", "remote")


def options_of(options: ChainOptions, **cleaning: Any) -> ChainOptions:
    return ChainOptions(**vars(options) | {"cleaning": Cleaning(**cleaning)})


def listing_of(spark: SparkSession, folder: Path, files: dict[str, bytes], form: str) -> Listing:
    if form == "zip":
        return list_local(str(made_up.write_zip(folder / "blogs.zip", files)), GIB, GIB)
    made_up.write_files(folder / "blogs", files)
    if form == "remote":
        return list_remote(spark, f"file://{folder}/blogs", GIB)
    return list_local(f"{folder}/blogs", GIB, GIB)


def build(
    spark: SparkSession, listing: Listing, options: ChainOptions, tasks: int
) -> tuple[bytes, list[tuple[object, ...]], dict[str, int]]:
    """Lines, rejects and counts of a whole build, in the form of `composition.Whole`."""
    settings = BuildOptions("x", Path("x"), chain=options)
    source = Source(spark, listing, cut(listing, 2, tasks), settings)
    with find_twins(source) as twins:
        rows = build_rows(source, twins).collect()
    rows.sort(key=lambda row: row.chunk)
    values = {
        kind: [line for row in rows if row.kind == kind for line in row.value.split("\n")]
        for kind in ("lines", "rejects", "ledger")
    }
    ledger = Ledger.sum(Ledger(json.loads(line)) for line in values["ledger"])
    rejects = [tuple(json.loads(line).values()) for line in values["rejects"]]
    lines = "".join(f"{line}\n" for line in values["lines"]).encode()
    return lines, rejects, {key: n for key, n in sorted(ledger.items()) if n}


@pytest.mark.spark
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    TWIN_FILES,
    OPTIONS,
    st.one_of(st.just(Cleaning()), CLEANINGS),
    st.integers(1, 6),
    st.sampled_from(FORMS),
)
def test_exact_duplicates_are_those_of_the_plain_rule_however_it_is_cut(
    spark: SparkSession,
    files: list[tuple[str, bytes]],
    options: ChainOptions,
    cleaning: Cleaning,
    tasks: int,
    form: str,
) -> None:
    options = options_of(options, **vars(cleaning) | {"dedup": "exact"})
    with TemporaryDirectory() as folder:
        listing = listing_of(spark, Path(folder), dict(files), form)
        found = build(spark, listing, options, tasks)
    expected = composed(files, options, twins=find_twins_plainly(files, options))
    assert found == (expected.lines, expected.rejects, expected.counts)
    assert Ledger(found[2]).discrepancies() == []


TEXT = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"


def near_files() -> dict[str, bytes]:
    """A text, nearly the same twice, with other letter case, and half of it, among others."""
    date = "01,May,2004"
    nearly = f"{TEXT} sixteen".encode()
    return {
        "3.male.20.A.B.xml": made_up.blog((date, nearly), (date, b"Something else, quite.")),
        "1.male.20.A.B.xml": made_up.blog((date, b"Hello."), (date, TEXT.encode())),
        "2.male.20.A.B.xml": made_up.blog(
            (date, nearly.upper()), (date, TEXT.encode()[:40]), (date, f"{TEXT}!".encode())
        ),
    }


@pytest.mark.spark
@pytest.mark.parametrize("tasks", [1, 3])
@pytest.mark.parametrize("form", FORMS)
def test_near_duplicates_name_the_one_that_is_kept(
    spark: SparkSession, tmp_path: Path, form: str, tasks: int
) -> None:
    listing = listing_of(spark, tmp_path, near_files(), form)
    options = options_of(ChainOptions(), dedup="near", dedup_threshold=0.8)
    lines, rejects, counts = build(spark, listing, options, tasks)
    assert lines.decode().splitlines() == [
        *("hello", TEXT, TEXT[:40].strip(), "something else quite")
    ]
    assert [(row[1], row[2], row[5], *row[7:9]) for row in rejects] == [
        (2, 0, "near_duplicate", 1, 1),
        (2, 2, "duplicate", 1, 1),
        (3, 0, "near_duplicate", 1, 1),  # the same as 2/0, which is not kept
    ]
    assert counts["posts.kept"] == 4
    assert Ledger(counts).discrepancies() == []


@pytest.mark.spark
def test_above_their_similarity_near_duplicates_stay(spark: SparkSession, tmp_path: Path) -> None:
    listing = listing_of(spark, tmp_path, near_files(), "folder")
    options = options_of(ChainOptions(), dedup="near", dedup_threshold=0.95)  # theirs is 11 / 12
    assert build(spark, listing, options, 2)[2]["posts.rejected.duplicate"] == 2
    assert "posts.rejected.near_duplicate" not in build(spark, listing, options, 2)[2]


@pytest.mark.spark
@pytest.mark.parametrize("threshold", [0.3, 0.6, 0.9])
def test_links_are_those_of_all_pairs(spark: SparkSession, threshold: float) -> None:
    words = [f"w{n}" for n in range(40)]
    kept = (40, 39, 38, 35, 30, 25, 20, 15, 10, 0, 0, 0)
    texts = [
        " ".join([*words[:keep], *(f"x{salt}y{n}" for n in range(40 - keep))])
        for salt, keep in enumerate(kept)
    ]
    sets = [set(hash_shingles(text).tolist()) for text in texts]
    similar = [
        (j, i)
        for i, j in combinations(range(len(sets)), 2)
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold
    ]
    rows = [(n, sorted(one)) for n, one in enumerate(sets)]
    posts = spark.createDataFrame(rows, "position long, shingles array<long>")
    found = near_duplicates.link_similar(posts, threshold).collect()
    links = [(row[0], row[1]) for row in found]
    assert set(links) <= set(similar)  # none that is not similar
    assert len(links) == len(set(links))
    assert list(first_of_components(links)) == list(first_of_components(similar))


@pytest.mark.spark
def test_a_task_that_fails_once_finds_the_same(spark: SparkSession, tmp_path: Path) -> None:
    files = {name: made_up.blog(("01,May,2004", b"The same.")) for name in made_up.many(9)}
    listing = list_local(str(made_up.write_files(tmp_path / "a", files)), GIB, GIB)
    chunks, marks = cut(listing, 2, 4), tmp_path / "marks"
    marks.mkdir()
    options = BuildOptions("x", tmp_path)
    chain = Chain(options.chain)

    def fail_once(chunk: ChunkFiles) -> Iterator[Any]:
        yield from batch_rows(seen_posts(chunk, chain, False), dedup.SEEN_ARROW)
        if not (mark := marks / str(chunk.number)).exists():
            mark.touch()
            raise OSError("made to fail")

    seen = Source(spark, listing, chunks, options).map_chunks(fail_once, dedup.SEEN)
    lists = list_by_chunk(repeats(rank(seen))).collect()
    twins = [pair for row in lists for pair in unpack_twins(bytes(row.twins)).items()]
    assert len(list(marks.iterdir())) == len(chunks)
    assert sorted(twins) == [((2000000 + n, 0), Twin("duplicate", 2000000, 0)) for n in range(1, 9)]


@pytest.mark.spark
@pytest.mark.parametrize("mode", ["exact", "near"])
def test_nothing_goes_through_the_driver(spark: SparkSession, tmp_path: Path, mode: str) -> None:
    listing = listing_of(spark, tmp_path, near_files(), "folder")
    options = BuildOptions("x", tmp_path, chain=options_of(ChainOptions(), dedup=mode))
    source = Source(spark, listing, cut(listing, 2, 2), options)
    with find_twins(source) as twins:
        assert isinstance(twins, DataFrame)
        rows = build_rows(source, twins)
        plan = rows._jdf.queryExecution().executedPlan().toString()
        assert not spark.sparkContext.statusTracker().getActiveJobsIds()
    assert "hashpartitioning(chunk" in plan
    assert "BroadcastExchange" not in plan


@pytest.mark.spark
def test_without_dedup_there_is_no_pass_and_no_shuffle(spark: SparkSession, blogs: Path) -> None:
    listing = list_local(str(blogs), GIB, GIB)
    source = Source(spark, listing, cut(listing, 2, 2), BuildOptions("x", blogs))
    with find_twins(source) as twins:
        assert twins is None
        rows = build_rows(source, twins)
    assert "Exchange" not in rows._jdf.queryExecution().executedPlan().toString()


@pytest.mark.spark
def test_settings_and_storage_are_as_before(spark: SparkSession, tmp_path: Path) -> None:
    listing = listing_of(spark, tmp_path, near_files(), "folder")
    before = spark.conf.get("spark.sql.shuffle.partitions")
    build(spark, listing, options_of(ChainOptions(), dedup="near"), 3)
    assert spark.conf.get("spark.sql.shuffle.partitions") == before
    assert spark.sparkContext._jsc.getPersistentRDDs().isEmpty()


@given(POST_TEXTS, OPTIONS)
def test_normalized_text_of_the_pass_is_that_of_the_build(text: str, options: ChainOptions) -> None:
    chain = Chain(options)
    assert normalized_text(text.strip(), chain) == chain.normalize(text.strip())


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30))))
def test_components_are_those_of_repeated_minima(links: list[tuple[int, int]]) -> None:
    first = {node: node for link in links for node in link}
    for _ in first:
        for one, other in links:
            first[one] = first[other] = min(first[one], first[other])
    expected = sorted((node, least) for node, least in first.items() if node != least)
    assert list(first_of_components(links)) == expected
    assert list(first_of_components(reversed(links))) == expected


def test_shingles_tell_order_and_forget_repeats() -> None:
    assert hash_shingles("a b c d e f").size == 2
    assert set(hash_shingles("a b c d e")) != set(hash_shingles("e d c b a"))
    assert set(hash_shingles("a b c d e")) < set(hash_shingles("a b c d e f"))


def test_a_shingle_is_the_same_number_in_any_process() -> None:
    assert hash_shingles("one two three four five").tolist() == [-5469280716453721921]


@pytest.mark.parametrize("module", [near_duplicates, fingerprints])
def test_doctests(module: Any) -> None:
    assert doctest.testmod(module).failed == 0
