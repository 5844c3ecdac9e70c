"""The arithmetic of joining objects: limits, order, nothing lost, nothing twice."""

import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import copy_plan
from storage.copy_plan import (
    LEAST_PART,
    MOST_PART,
    MOST_PARTS,
    Part,
    Source,
    fit_copy_bytes,
    plan_groups,
    plan_parts,
)

MIB, GIB = 2**20, 2**30
SIZES = st.one_of(
    st.integers(0, 3),
    st.integers(LEAST_PART - 3, LEAST_PART + 3),
    st.integers(2 * LEAST_PART - 3, 2 * LEAST_PART + 3),
    st.integers(0, 40 * MIB),
    st.integers(MOST_PART - 3, 3 * MOST_PART),
)


def as_sources(sizes: list[int]) -> list[Source]:
    return [Source(f"part-{number}", size) for number, size in enumerate(sizes)]


def assert_covers(parts: list[Part], sources: list[Source]) -> None:
    """The parts are what S3 takes, and are the sources' bytes in order."""
    assert all(LEAST_PART <= part.length <= MOST_PART for part in parts[:-1])
    assert all(0 < part.length <= MOST_PART for part in parts[-1:])
    place = {source.key: 0 for source in sources}
    order = [source.key for source in sources]
    last = 0
    for one in (one for part in parts for one in part.ranges):
        assert order.index(one.key) >= last
        last = order.index(one.key)
        assert one.start == place[one.key]
        place[one.key] = one.end
    assert place == {source.key: source.size for source in sources}


@given(st.lists(SIZES, max_size=30))
def test_parts_are_the_sources_in_order_within_the_limits(sizes: list[int]) -> None:
    assert_covers(plan_parts(as_sources(sizes)), as_sources(sizes))


@given(st.lists(SIZES, max_size=30))
def test_only_what_is_too_small_is_uploaded(sizes: list[int]) -> None:
    parts = plan_parts(as_sources(sizes))
    uploaded = sum(part.length for part in parts if not part.is_copied)
    small = sum(size < 2 * LEAST_PART for size in sizes)
    assert uploaded <= (small + 1) * 2 * LEAST_PART
    assert all(len(part.ranges) == 1 for part in parts if part.is_copied)
    if all(size >= 2 * LEAST_PART for size in sizes):
        assert uploaded == 0


@given(st.lists(SIZES, min_size=1, max_size=60), st.integers(3, 12))
def test_groups_are_runs_that_one_upload_takes(sizes: list[int], most: int) -> None:
    sources = [source for source in as_sources(sizes) if source.size <= most * MOST_PART // 4]
    groups = plan_groups(sources, most)
    assert [source for group in groups for source in group] == sources
    assert all(len(plan_parts(group, MOST_PART)) <= most for group in groups)


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        ([], []),
        ([3], [(3, False)]),
        ([LEAST_PART], [(LEAST_PART, True)]),
        ([LEAST_PART - 1, 1], [(LEAST_PART, False)]),
        ([LEAST_PART - 1, 2], [(LEAST_PART, False), (1, False)]),
        ([1, 2 * LEAST_PART], [(LEAST_PART, False), (LEAST_PART + 1, True)]),
        ([2 * LEAST_PART, 1], [(2 * LEAST_PART, True), (1, False)]),
        ([GIB], [(512 * MIB, True), (512 * MIB, True)]),
    ],
)
def test_small_plans(sizes: list[int], parts: list[tuple[int, bool]]) -> None:
    planned = plan_parts(as_sources(sizes))
    assert [(part.length, part.is_copied) for part in planned] == parts


@pytest.mark.parametrize("size", [5 * GIB, 5 * GIB + 1, 11 * GIB, 4000 * GIB])
def test_an_object_above_5_gib_is_copied_in_parts_of_at_most_that(size: int) -> None:
    sources = as_sources([size])
    parts = plan_parts(sources, fit_copy_bytes(sources))
    assert_covers(parts, sources)
    assert all(part.is_copied for part in parts)
    assert len(parts) <= MOST_PARTS


@pytest.mark.parametrize("count", [10_000, 10_001, 25_000])
def test_at_10_000_parts_and_beyond(count: int) -> None:
    sources = as_sources([13 * MIB] * count)
    groups = plan_groups(sources)
    assert len(groups) == math.ceil(count / MOST_PARTS)
    assert all(len(plan_parts(group, MOST_PART)) <= MOST_PARTS for group in groups)
    joined = as_sources([sum(source.size for source in group) for group in groups])
    assert_covers(plan_parts(joined, fit_copy_bytes(joined)), joined)


def test_a_million_tiny_objects_need_few_parts_and_little_memory_each() -> None:
    parts = plan_parts(as_sources([100] * 1_000_000))
    assert max(part.length for part in parts) < 2 * LEAST_PART
    assert len(parts) == math.ceil(100_000_000 / (math.ceil(LEAST_PART / 100) * 100))


def test_copied_parts_grow_until_one_upload_takes_them() -> None:
    sources = as_sources([8 * 1024 * GIB])
    assert fit_copy_bytes(sources) == 1 * GIB
    assert fit_copy_bytes(as_sources([GIB])) == 512 * MIB


def test_doctests() -> None:
    assert doctest.testmod(copy_plan).failed == 0
