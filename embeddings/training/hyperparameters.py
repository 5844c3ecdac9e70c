"""BlazingText's word2vec hyperparameters: one table, checked before anything runs.

Source: Amazon SageMaker developer guide, "BlazingText Hyperparameters"; which modes take subwords,
"BlazingText algorithm".
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import Any, NamedTuple, Self

from storage.errors import HyperparameterError

MODES = ("batch_skipgram", "skipgram", "cbow")
SUPERVISED_ONLY = ("early_stopping", "patience", "min_epochs", "word_ngrams")
"""Known to BlazingText in text classification only, so an error in any word2vec mode."""

MAX_INT = 2**31 - 1
"""BlazingText is C++ and takes `int`; a larger count could only be a slip."""

TRUE, FALSE = ("true", "1", "yes"), ("false", "0", "no")
TYPE_TEXTS = {str: "a word", int: "a whole number", float: "a number", bool: "True or False"}
"""Each type as errors call it."""


class Rule(NamedTuple):
    """What is known of a hyperparameter beside its type and default.

    Attributes:
        local: its meaning to the local trainer; `docs/training.md` has these as a table.
        lowest: of a whole number, which may be up to `MAX_INT`.
        below: of a number, which must be more than 0 and less than this.
        needs: another hyperparameter and the value without which this one has no meaning.
    """

    local: str
    lowest: int = 1
    below: float = math.inf
    needs: tuple[str, Any] | None = None


def _parameter(default: Any, local: str, **rule: Any) -> Any:
    """A field with its `Rule`."""
    return field(default=default, metadata={"rule": Rule(local, **rule)})


@dataclass(frozen=True)
class Hyperparameters:
    """What a word2vec run of BlazingText is told.

    Attributes:
        mode: architecture. BlazingText has no default; this project's is the reference run's.
        batch_size: windows that share their negative samples.
        buckets: hash buckets for character n-grams.
        epochs: passes over the corpus.
        evaluation: whether vectors are scored on WS-353.
        learning_rate: at the start; it falls linearly to almost nothing.
        max_char: longest character n-gram.
        min_char: shortest character n-gram.
        min_count: words that are rarer are dropped.
        negative_samples: noise words drawn for each true one.
        sampling_threshold: share of the corpus above which a word is thinned out.
        subwords: whether vectors of character n-grams are learned too.
        vector_dim: length of a vector.
        window_size: most words to either side that count as context.

    Raises:
        HyperparameterError: names every value that breaks a rule, in one line.
    """

    mode: str = _parameter(
        "batch_skipgram",
        "skipgram and batch_skipgram are both gensim's sg=1; cbow is sg=0 with mean contexts",
    )
    batch_size: int = _parameter(
        11,
        "none: gensim draws negative samples for each pair of words, not for a batch",
        needs=("mode", "batch_skipgram"),
    )
    buckets: int = _parameter(2_000_000, "gensim FastText's bucket", needs=("subwords", True))
    epochs: int = _parameter(5, "the same")
    evaluation: bool = _parameter(True, "the same: WS-353 after training, in eval.json")
    learning_rate: float = _parameter(
        0.05, "gensim's alpha; it falls linearly to a ten-thousandth of it, as in word2vec"
    )
    max_char: int = _parameter(6, "gensim FastText's max_n", needs=("subwords", True))
    min_char: int = _parameter(3, "gensim FastText's min_n", needs=("subwords", True))
    min_count: int = _parameter(5, "the same", lowest=0)
    negative_samples: int = _parameter(5, "gensim's negative")
    sampling_threshold: float = _parameter(0.0001, "gensim's sample", below=1)
    subwords: bool = _parameter(False, "gensim's FastText in place of its Word2Vec")
    vector_dim: int = _parameter(100, "gensim's vector_size")
    window_size: int = _parameter(
        5, "gensim's window; as in word2vec, shrunk at random for each word"
    )

    def __post_init__(self) -> None:
        values = asdict(self)
        wrong = [text for name, value in values.items() if (text := _breach(name, value))]
        if wrong := wrong or _conflicts(values):
            raise HyperparameterError("; ".join(wrong))

    @classmethod
    def of(cls, values: Mapping[str, Any], preset: str = "default") -> Self:
        """Values by name, as text or typed, over those of a preset.

        Raises:
            HyperparameterError: unknown or supervised-only names, values of a wrong type, and
                whatever the rules say, all in one line.
        """
        if preset not in PRESETS:
            raise HyperparameterError(
                f"preset is {preset!r}, and may be one of {', '.join(PRESETS)}"
            )
        wrong, typed = [], dict(PRESETS[preset])
        for name, value in values.items():
            try:
                typed[name] = parse(name, value)
            except ValueError as error:
                wrong.append(str(error))
        try:
            hyperparameters = cls(**typed)
        except HyperparameterError as error:
            wrong.append(str(error))
        if wrong:
            raise HyperparameterError("; ".join(wrong))
        return hyperparameters

    def to_dict(self) -> dict[str, Any]:
        """Typed values by name, as run.json has them."""
        return asdict(self)

    def to_blazingtext(self) -> dict[str, str]:
        """What CreateTrainingJob takes as HyperParameters: strings only.

        What has no meaning beside the other values is left out.
        """
        values = asdict(self)
        return {
            name: to_text(value)
            for name, value in values.items()
            if (needs := RULES[name].needs) is None or values[needs[0]] == needs[1]
        }


RULES: dict[str, Rule] = {item.name: item.metadata["rule"] for item in fields(Hyperparameters)}
"""Rule of each hyperparameter, in the order of the class."""

TYPES: dict[str, type] = {item.name: type(item.default) for item in fields(Hyperparameters)}
"""Type of each hyperparameter, likewise."""

REFERENCE: dict[str, Any] = {
    "mode": "batch_skipgram",
    "epochs": 10,
    "min_count": 40,
    "sampling_threshold": 0.0001,
    "learning_rate": 0.05,
    "window_size": 5,
    "vector_dim": 100,
    "negative_samples": 5,
    "batch_size": 11,
    "evaluation": True,
    "subwords": False,
}
"""The reference run's, of 27 June 2020 on ml.c5.xlarge: mean_rho 0.7165 on the whole corpus."""

PRESETS: dict[str, dict[str, Any]] = {"default": {}, "reference": REFERENCE}


def parse(name: str, value: object) -> Any:
    """One value, from a command line or a job description, in its type.

    Raises:
        ValueError: the name is unknown or supervised-only, or the value has another type; the text
            is one line for the user.

    >>> parse("epochs", "10"), parse("subwords", "False"), parse("learning_rate", 1)
    (10, False, 1.0)
    """
    if name in SUPERVISED_ONLY:
        raise ValueError(f"{name} belongs to BlazingText's supervised mode, not to word2vec")
    if name not in TYPES:
        raise ValueError(f"{name} is no hyperparameter of BlazingText's word2vec")
    text, kind = to_text(value).strip(), TYPES[name]
    try:
        return _to_bool(text) if kind is bool else kind(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}, not {TYPE_TEXTS[kind]}") from None


def to_text(value: object) -> str:
    """As BlazingText reads it: 1e-4 as 0.0001, booleans capitalised."""
    if isinstance(value, float) and math.isfinite(value):
        return format(Decimal(repr(value)), "f")
    return str(value)


def _to_bool(text: str) -> bool:
    if text.lower() not in TRUE + FALSE:
        raise ValueError(text)
    return text.lower() in TRUE


def _breach(name: str, value: Any) -> str:
    """What is wrong with one value by itself; empty if nothing is. An int passes as a float."""
    kind, rule = TYPES[name], RULES[name]
    if type(value) not in ((float, int) if kind is float else (kind,)):
        return f"{name} is {value!r}, not {TYPE_TEXTS[kind]}"
    if name == "mode" and value not in MODES:
        return f"mode is {value!r}, and may be one of {', '.join(MODES)}"
    if kind is int and not rule.lowest <= value <= MAX_INT:
        return f"{name} is {value}, and must be from {rule.lowest} to {MAX_INT}"
    if kind is float and not 0 < value < rule.below:
        bounds = "more than 0" if rule.below == math.inf else f"between 0 and {rule.below:g}"
        return f"{name} is {value}, and must be {bounds}"
    return ""


def _conflicts(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with values beside one another, each of which is right by itself."""
    wrong = []
    if values["subwords"] and values["mode"] == "batch_skipgram":
        wrong.append("subwords can't be learned in mode batch_skipgram: use skipgram or cbow")
    if values["min_char"] > values["max_char"]:
        wrong.append(f"min_char is {values['min_char']}, more than max_char, {values['max_char']}")
    return wrong
