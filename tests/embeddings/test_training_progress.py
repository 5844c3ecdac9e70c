from io import StringIO
from types import SimpleNamespace

from embeddings.training.training_progress import LineProgress


class Clock:
    """Time that goes on by a second each time it is asked for."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1
        return self.now


def test_lines_of_progress(monkeypatch):
    clock = SimpleNamespace(monotonic=Clock())
    monkeypatch.setattr("embeddings.training.training_progress.time", clock)
    stream = StringIO()
    progress = LineProgress(stream, every=2)
    with progress.reading(100):
        progress.read(100, 2500)
    progress.vocabulary(1200, 5)
    with progress.training(5000):
        for words in (0, 1000, 2000, 5000):
            progress.trained(words)
    assert stream.getvalue().splitlines() == [
        "read 2,500 words",
        "vocabulary: 1,200 words that occur at least 5 times",
        "training: 20% of 5,000 words, 500 words/s, 8 s left",
        "training: 100% of 5,000 words, 1,250 words/s, 0 s left",
        "trained on 5,000 words in 5.0 s, 1,000 words/s",
    ]
