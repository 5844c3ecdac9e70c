"""Schemas as contracts: what one stage hands on is what the next one expects.

Where it is not, one error says everything that differs.
"""

from pyspark.sql.types import StructField, StructType


class SchemaError(ValueError):
    """Data that breaks a contract; `str()` is one line with every discrepancy."""


def discrepancies(
    given: StructType, expected: StructType, *, nullability: bool = False
) -> list[str]:
    """Everything in which a schema differs from a contract; empty if nothing does.

    Args:
        given: what is handed on.
        expected: one of the schemas of this package.
        nullability: whether a column that may be null is wrong where null is not allowed. Off by
            default, since all that Spark reads from files may be null.

    >>> from schemas.ledger import LEDGER
    >>> discrepancies(StructType([StructField("key", LEDGER["count"].dataType)]), LEDGER)
    ['key is bigint, expected string', 'count is missing, expected bigint']
    """
    columns = {field.name: field for field in given}
    problems = [
        text
        for field in expected
        if (text := _difference(columns.get(field.name), field, nullability))
    ]
    known = set(expected.names)
    problems += [
        f"{field.name} is {field.dataType.simpleString()}, not expected at all"
        for field in given
        if field.name not in known
    ]
    problems += _doubled(given)
    if not problems and given.names != expected.names:
        problems = [f"columns are in the order {given.names}, expected {expected.names}"]
    return problems


def check_schema(
    name: str, given: StructType, expected: StructType, *, nullability: bool = False
) -> None:
    """Refuses data that breaks its contract.

    Args:
        name: of the dataset, for the message.
        given: see `discrepancies`.
        expected: see `discrepancies`.
        nullability: see `discrepancies`.

    Raises:
        SchemaError: names every discrepancy.
    """
    if problems := discrepancies(given, expected, nullability=nullability):
        raise SchemaError(f"{name} breaks its schema: {'; '.join(problems)}")


def _difference(given: StructField | None, expected: StructField, nullability: bool) -> str:
    wanted = expected.dataType.simpleString()
    if given is None:
        return f"{expected.name} is missing, expected {wanted}"
    if given.dataType != expected.dataType:
        return f"{expected.name} is {given.dataType.simpleString()}, expected {wanted}"
    if nullability and given.nullable and not expected.nullable:
        return f"{expected.name} may be null, expected never"
    return ""


def _doubled(given: StructType) -> list[str]:
    counts = {name: given.names.count(name) for name in given.names}
    return [f"{name} is there {count} times" for name, count in counts.items() if count > 1]
