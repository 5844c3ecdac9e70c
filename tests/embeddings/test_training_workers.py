from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.corpus.corpus_file import find_corpus
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_trainer import train
from embeddings.training.training_progress import Progress
from embeddings.training.training_workers import share_read

SMALL = Hyperparameters(vector_dim=20, epochs=3, min_count=2, sampling_threshold=0.01)


@pytest.mark.skipif(not Path("/proc/self/fdinfo").exists(), reason="only Linux tells")
def test_share_read_is_told_by_open_files(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"x" * 1000)
    assert share_read(path, 2) == 0
    with path.open("rb", buffering=0) as first, path.open("rb", buffering=0) as second:
        first.read(250)
        second.seek(500)
        assert share_read(path, 2) == pytest.approx(0.25)
        second.read(250)
        assert share_read(path, 2) == pytest.approx(0.5)
        first.close()
        assert share_read(path, 2) == pytest.approx(0.75)
        assert share_read(path, 1) == pytest.approx(0.75)


def test_progress_moves_within_an_epoch_and_ends_at_all_words(tmp_path, monkeypatch, corpus):
    monkeypatch.setattr("embeddings.training.training_workers.POLL_SECONDS", 0.01)
    path = tmp_path / "big.txt"
    path.write_text(corpus.read_text() * 20)
    told = []

    class Spy(Progress):
        def trained(self, words: int) -> None:
            told.append(words)

    train(find_corpus(str(path)), replace(SMALL, epochs=1, vector_dim=100), progress=Spy())
    assert told == sorted(told)
    assert told[-1] == 400_000
    if Path("/proc/self/fdinfo").exists():
        assert any(0 < words < 400_000 for words in told)
