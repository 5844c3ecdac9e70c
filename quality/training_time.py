"""What a BlazingText training will take and cost, by one run that was measured. An estimate.

    words    = epochs × (tokens + lines)              a line counts one end of sentence
    work     = vector_dim × (window_size + 1) × (negative_samples + 1)
    speed    = 2.27 M words/s × vCPUs ÷ 4 × instances × work of the reference ÷ work
    seconds  = words ÷ speed
    price    = (seconds + 120) ÷ 3,600 × instances × price of an hour

A window is half of window_size + 1 words to each side on average (word2vec draws its size), and
each pair costs one dot product and update for itself and each negative sample, of vector_dim
numbers. cbow predicts once a window, so window and samples add up instead of being multiplied.

By this formula the reference run takes 655 s; it took 653.67 s. Its tuning of 12 jobs cost US$
2.84, so 60 minutes a job at the price of 2020; with the middle of its ranges (window 17, 15
negative samples, 75 dimensions, 10 epochs) the formula gives 65 minutes. vCPUs are taken to add up;
memory bandwidth says otherwise on large instances. Plain skipgram is taken to run as fast as
batch_skipgram, and is slower. GPUs have no anchor here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

ANCHOR_SPEED = 2.27e6
"""Words a second on ml.c5.xlarge: "Average throughput in Million words/sec: 2.27", 27 June 2020."""

ANCHOR_VCPUS = 4
ANCHOR_WORK = 100 * (5 + 1) * (5 + 1)
"""vector_dim 100, window_size 5, negative_samples 5, in batch_skipgram."""

OVERHEAD_SECONDS = 120
"""Billed beside the training: download of the corpus, evaluation, upload of the model."""

PRICES_OF = "US East (N. Virginia), on demand, as of 2025; --price-per-hour overrides"
INSTANCES: dict[str, tuple[int, float]] = {
    "ml.c5.xlarge": (4, 0.204),
    "ml.c5.2xlarge": (8, 0.408),
    "ml.c5.4xlarge": (16, 0.816),
    "ml.c5.9xlarge": (36, 1.836),
    "ml.c5.18xlarge": (72, 3.672),
    "ml.m5.xlarge": (4, 0.23),
    "ml.m5.2xlarge": (8, 0.461),
    "ml.m5.4xlarge": (16, 0.922),
    "ml.m5.12xlarge": (48, 2.765),
    "ml.m5.24xlarge": (96, 5.53),
}
"""Instance type → vCPUs, US$ an hour of training (0.238 for ml.c5.xlarge in 2020)."""


@dataclass(frozen=True)
class Work:
    """What decides how long a training takes; see `embeddings.hyperparameters`."""

    mode: str
    epochs: int
    vector_dim: int
    window_size: int
    negative_samples: int

    @classmethod
    def of(cls, hyperparameters: Mapping[str, Any]) -> Self:
        """Of hyperparameters by name; the others make no difference."""
        return cls(**{one.name: hyperparameters[one.name] for one in fields(cls)})

    @property
    def per_word(self) -> int:
        """Multiplications of a word, but for a factor."""
        if self.mode == "cbow":
            return self.vector_dim * (self.window_size + self.negative_samples + 2)
        return self.vector_dim * (self.window_size + 1) * (self.negative_samples + 1)


@dataclass(frozen=True)
class Estimate:
    """What a training comes to.

    Attributes:
        words: that are passed, all epochs together.
        words_per_second: of all instances together.
        seconds: of training.
        dollars: US$, `OVERHEAD_SECONDS` included.
        instance_type: what it runs on.
        instance_count: and how many of them.
        price_per_hour: US$ for one instance.
    """

    words: int
    words_per_second: float
    seconds: float
    dollars: float
    instance_type: str
    instance_count: int
    price_per_hour: float


def hourly(instance_type: str | None, price_per_hour: float | None = None) -> float | None:
    """US$ for an hour of one instance: what is given, else what is listed; None for neither."""
    if price_per_hour is not None or instance_type not in INSTANCES:
        return price_per_hour
    return INSTANCES[instance_type][1]


def estimate(
    tokens: int,
    lines: int,
    work: Work,
    instance_type: str,
    instance_count: int = 1,
    price_per_hour: float | None = None,
) -> Estimate:
    """Time and price by the formulas of this module; the instance type is one of `INSTANCES`."""
    vcpus, listed = INSTANCES[instance_type]
    price = listed if price_per_hour is None else price_per_hour
    words = work.epochs * (tokens + lines)
    speed = ANCHOR_SPEED * vcpus / ANCHOR_VCPUS * instance_count * ANCHOR_WORK / work.per_word
    seconds = words / speed
    dollars = (seconds + OVERHEAD_SECONDS) / 3600 * instance_count * price
    return Estimate(words, speed, seconds, dollars, instance_type, instance_count, price)
