"""BlazingText's word2vec hyperparameters: names and defaults, checked before anything runs.

Source: Amazon SageMaker developer guide, "BlazingText Hyperparameters".
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from embeddings.hyperparameter_rules import SUPERVISED_ONLY, breach, conflicts
from embeddings.hyperparameter_text import from_text, to_text
from storage.errors import HyperparameterError


@dataclass(frozen=True)
class Hyperparameters:
    """What a word2vec run of BlazingText is told.

    Attributes:
        mode: architecture. BlazingText has no default; this project's is the reference run's.
        batch_size: windows that share their negative samples; in batch_skipgram only.
        buckets: hash buckets for character n-grams; with subwords only.
        epochs: passes over the corpus.
        evaluation: whether vectors are scored on WS-353.
        learning_rate: at the start; it falls linearly to almost nothing.
        max_char: longest character n-gram; with subwords only.
        min_char: shortest character n-gram; with subwords only.
        min_count: words that are rarer are dropped.
        negative_samples: noise words drawn for each true one.
        sampling_threshold: share of the corpus above which a word is thinned out.
        subwords: whether vectors of character n-grams are learned too.
        vector_dim: length of a vector.
        window_size: most words to either side that count as context.

    Raises:
        HyperparameterError: names every value that breaks a rule, in one line.
    """

    mode: str = "batch_skipgram"
    batch_size: int = 11
    buckets: int = 2_000_000
    epochs: int = 5
    evaluation: bool = True
    learning_rate: float = 0.05
    max_char: int = 6
    min_char: int = 3
    min_count: int = 5
    negative_samples: int = 5
    sampling_threshold: float = 0.0001
    subwords: bool = False
    vector_dim: int = 100
    window_size: int = 5

    def __post_init__(self) -> None:
        if wrong := self.discrepancies():
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
        if wrong:
            good = {name: value for name, value in typed.items() if name in TYPES}
            raise HyperparameterError("; ".join([*wrong, *_breaches(cls, good)]))
        return cls(**typed)

    def discrepancies(self) -> list[str]:
        """Every rule of BlazingText that is broken: what was found, what is allowed."""
        wrong = [
            text
            for name, wanted in TYPES.items()
            if (text := breach(name, getattr(self, name), wanted))
        ]
        return wrong or conflicts(asdict(self))

    def to_dict(self) -> dict[str, Any]:
        """Typed values by name, as run.json has them."""
        return asdict(self)

    def to_blazingtext(self) -> dict[str, str]:
        """What CreateTrainingJob takes as HyperParameters: strings only.

        What the mode gives no meaning is left out: `batch_size` outside batch_skipgram, the three
        of the n-grams without subwords.
        """
        unused = {"batch_size"} if self.mode != "batch_skipgram" else set()
        if not self.subwords:
            unused |= {"buckets", "min_char", "max_char"}
        return {name: to_text(value) for name, value in asdict(self).items() if name not in unused}


TYPES: dict[str, type] = {
    field.name: {"str": str, "int": int, "float": float, "bool": bool}[
        getattr(field.type, "__name__", str(field.type))
    ]
    for field in fields(Hyperparameters)
}
"""Type of each hyperparameter, in the order of the class."""

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
    return from_text(name, to_text(value), TYPES[name])


def _breaches(cls: type[Hyperparameters], values: Mapping[str, Any]) -> list[str]:
    try:
        cls(**values)
    except HyperparameterError as error:
        return [str(error)]
    return []
