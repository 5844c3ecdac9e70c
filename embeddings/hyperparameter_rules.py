"""What BlazingText accepts: the rules of each hyperparameter, and those across several.

Source: Amazon SageMaker developer guide, "BlazingText Hyperparameters"; across several,
"BlazingText algorithm" (which modes take subwords).
"""

import math
from collections.abc import Mapping
from typing import Any

from embeddings.hyperparameter_text import ARTICLES

MODES = ("batch_skipgram", "skipgram", "cbow")
SUPERVISED_ONLY = ("early_stopping", "patience", "min_epochs", "word_ngrams")
"""Known to BlazingText in text classification only, so an error in any word2vec mode."""

MAX_INT = 2**31 - 1
"""BlazingText is C++ and takes `int`; a larger count could only be a slip."""


def breach(name: str, value: Any, wanted: type) -> str:
    """What is wrong with one value by itself, in a few words; empty if nothing is.

    Args:
        name: of the hyperparameter.
        value: of any type.
        wanted: the hyperparameter's; a whole number passes as a float.
    """
    is_wanted = type(value) is wanted or (wanted is float and type(value) is int)
    if not is_wanted:
        return f"{name} is {value!r}, not {ARTICLES[wanted]}"
    if name == "mode" and value not in MODES:
        return f"mode is {value!r}, and may be one of {', '.join(MODES)}"
    if name == "sampling_threshold" and not 0 < value < 1:
        return f"sampling_threshold is {value}, and must be between 0 and 1"
    if name == "learning_rate" and not (value > 0 and math.isfinite(value)):
        return f"learning_rate is {value}, and must be more than 0"
    lowest = 0 if name == "min_count" else 1
    if wanted is int and not lowest <= value <= MAX_INT:
        return f"{name} is {value}, and must be from {lowest} to {MAX_INT}"
    return ""


def conflicts(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with values beside one another, each of which is right by itself."""
    wrong = []
    if values["subwords"] and values["mode"] == "batch_skipgram":
        wrong.append("subwords can't be learned in mode batch_skipgram: use skipgram or cbow")
    if values["min_char"] > values["max_char"]:
        wrong.append(f"min_char is {values['min_char']}, more than max_char, {values['max_char']}")
    return wrong
