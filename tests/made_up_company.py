"""A made-up corpus whose words keep company by rule, so there is something to learn."""

import random

TOPICS = {
    "drinks": ["coffee", "tea", "water", "milk", "juice"],
    "pets": ["cat", "dog", "rabbit", "hamster", "parrot"],
    "days": ["monday", "tuesday", "friday", "saturday", "sunday"],
}
FILLERS = ["the", "a", "of", "and", "some"]


def make_lines(count: int, seed: int = 0) -> list[str]:
    """Lines of ten words of one topic, with fillers between."""
    rng = random.Random(seed)
    lines = []
    for _ in range(count):
        words = TOPICS[rng.choice(sorted(TOPICS))]
        lines.append(" ".join(rng.choice(words if i % 2 else FILLERS) for i in range(10)))
    return lines
