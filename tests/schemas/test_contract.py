"""Contracts: every discrepancy in one error, and the datasets that are handed on keep theirs."""

import doctest

import pytest
from pyspark.sql.types import (
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
)

from schemas import contract
from schemas.contract import SchemaError, check_schema, discrepancies
from schemas.corpus_lines import CORPUS_LINES
from schemas.ledger import LEDGER
from schemas.posts import POSTS
from schemas.rejects import REJECTS
from schemas.sentences import SENTENCES

EXPECTED = StructType(
    [
        StructField("id", LongType(), nullable=False),
        StructField("name", StringType(), nullable=False),
        StructField("age", IntegerType()),
    ]
)


def test_a_schema_keeps_itself() -> None:
    for schema in (POSTS, SENTENCES, REJECTS, LEDGER, CORPUS_LINES, EXPECTED):
        assert discrepancies(schema, schema, nullability=True) == []


def test_every_discrepancy_is_in_one_error() -> None:
    found = StructType(
        [
            StructField("id", IntegerType()),
            StructField("nickname", StringType()),
            StructField("age", IntegerType()),
            StructField("age", IntegerType()),
        ]
    )
    with pytest.raises(SchemaError) as caught:
        check_schema("people", found, EXPECTED)
    assert str(caught.value) == (
        "people breaks its schema: id is int, expected bigint; name is missing, expected string; "
        "nickname is string, not expected at all; age is there 2 times"
    )


def test_the_order_of_columns_is_part_of_the_contract() -> None:
    found = StructType([EXPECTED["name"], EXPECTED["id"], EXPECTED["age"]])
    assert discrepancies(found, EXPECTED) == [
        "columns are in the order ['name', 'id', 'age'], expected ['id', 'name', 'age']"
    ]


def test_nulls_count_only_where_asked() -> None:
    found = StructType([StructField(one.name, one.dataType) for one in EXPECTED])
    assert discrepancies(found, EXPECTED) == []
    assert discrepancies(found, EXPECTED, nullability=True) == [
        "id may be null, expected never",
        "name may be null, expected never",
    ]


def test_a_good_schema_raises_nothing() -> None:
    check_schema("people", EXPECTED, EXPECTED, nullability=True)


def test_doctests() -> None:
    assert doctest.testmod(contract).failed == 0
