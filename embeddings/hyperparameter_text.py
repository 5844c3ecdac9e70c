"""Hyperparameters as text: the strings that BlazingText takes, and what a user types."""

import math
from decimal import Decimal
from typing import Any

TRUE, FALSE = ("true", "1", "yes"), ("false", "0", "no")
ARTICLES = {
    str: "a word",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
}
"""Each type as errors call it."""


def from_text(name: str, text: str, wanted: type) -> Any:
    """A value in its type.

    Args:
        name: of the hyperparameter, for the error.
        text: the value.
        wanted: one of `ARTICLES`.

    Raises:
        ValueError: the text is no such value; one line for the user.
    """
    text = text.strip()
    try:
        return _to_bool(text) if wanted is bool else wanted(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}, not {ARTICLES[wanted]}") from None


def to_text(value: object) -> str:
    """As BlazingText reads it: 1e-4 as 0.0001, booleans capitalised."""
    if isinstance(value, float) and math.isfinite(value):
        return format(Decimal(repr(value)), "f")
    return str(value)


def _to_bool(text: str) -> bool:
    if text.lower() not in TRUE + FALSE:
        raise ValueError(text)
    return text.lower() in TRUE
