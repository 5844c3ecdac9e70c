import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import made_up_company
import numpy as np
import pytest
from gensim.models import FastText, Word2Vec

from embeddings.corpus.corpus_file import find_corpus
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_trainer import train
from embeddings.training.training_progress import Progress
from storage.errors import CorpusError, InputNotFoundError, JobError, VocabularyError

SMALL = Hyperparameters(vector_dim=20, epochs=3, min_count=2, sampling_threshold=0.01)
BARE = {"vector_size": 20, "epochs": 3, "min_count": 2, "sample": 0.01, "alpha": 0.05}
BARE |= {"min_alpha": 0.05 * 1e-4, "window": 5, "negative": 5, "hs": 0, "workers": 1}

ROOT = Path(__file__).parents[2]
HASH_OF_VECTORS = """
import hashlib, sys
from embeddings.corpus.corpus_file import find_corpus
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_trainer import train
hyperparameters = Hyperparameters.of({"epochs": 2, "vector_dim": 10, **eval(sys.argv[2])})
vectors = train(find_corpus(sys.argv[1]), hyperparameters, seed=7).vectors
print(hashlib.sha256(vectors.vectors.tobytes() + repr(vectors.index_to_key).encode()).hexdigest())
"""


@pytest.mark.parametrize(
    ("changes", "model", "options"),
    [
        ({}, Word2Vec, {"sg": 1}),
        ({"mode": "skipgram"}, Word2Vec, {"sg": 1}),
        ({"mode": "cbow", "window_size": 3}, Word2Vec, {"sg": 0, "window": 3}),
        (
            {"mode": "skipgram", "subwords": True, "buckets": 500, "max_char": 4},
            FastText,
            {"sg": 1, "bucket": 500, "min_n": 3, "max_n": 4},
        ),
    ],
    ids=["batch_skipgram", "skipgram", "cbow", "subwords"],
)
def test_one_worker_gives_bare_gensims_vectors_to_the_bit(corpus, changes, model, options):
    ours = train(find_corpus(str(corpus)), replace(SMALL, **changes), seed=3, workers=1)
    bare = model(corpus_file=str(corpus), seed=3, **(BARE | options))
    assert ours.vectors.index_to_key == bare.wv.index_to_key
    np.testing.assert_array_equal(ours.vectors.vectors, bare.wv.vectors)


@pytest.mark.parametrize("changes", [{}, {"mode": "skipgram", "subwords": True, "buckets": 500}])
def test_two_processes_give_the_same_bytes_whatever_their_hash_seed(corpus, changes):
    command = [sys.executable, "-c", HASH_OF_VECTORS, str(corpus), repr(changes)]
    digests = {
        subprocess.run(
            command,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_seed_gives_other_vectors(corpus):
    file = find_corpus(str(corpus))
    first, second = (train(file, SMALL, seed=seed).vectors.vectors for seed in (1, 2))
    assert not np.array_equal(first, second)


def test_words_that_keep_company_are_near(corpus):
    hyperparameters = replace(SMALL, epochs=10, window_size=2)
    vectors = train(find_corpus(str(corpus)), hyperparameters, workers=2).vectors
    for words in made_up_company.TOPICS.values():
        nearest = {word for word, _ in vectors.most_similar(words[0], topn=4)}
        assert nearest == set(words[1:])


def test_vocabulary_is_cut_at_min_count_and_sorted_by_frequency(tmp_path):
    path = tmp_path / "c.txt"
    path.write_text("rare b a\n" + "a b\n" * 5 + "a\n")
    trained = train(find_corpus(str(path)), replace(SMALL, min_count=6))
    assert trained.vectors.index_to_key == ["a", "b"]
    assert [trained.vectors.get_vecattr(word, "count") for word in "ab"] == [7, 6]
    assert (trained.facts.lines, trained.facts.words) == (7, 14)


def test_min_count_0_keeps_every_word(tmp_path):
    path = tmp_path / "c.txt"
    path.write_text("one two two\n" * 3 + "three\n")
    assert len(train(find_corpus(str(path)), replace(SMALL, min_count=0)).vectors) == 3


def test_nothing_above_min_count(corpus):
    with pytest.raises(VocabularyError) as caught:
        train(find_corpus(str(corpus)), replace(SMALL, min_count=100_000))
    assert re.fullmatch(
        r"no word occurs min_count, 100,000, times: the most frequent one has \d,\d{3}",
        str(caught.value),
    )


def shrink(path):
    path.write_text("a b c\n")


def empty(path):
    path.write_text("")


def replace_by_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("error", [RuntimeError("gone\nfor good"), KeyError("x")])
def test_gensims_own_failures_are_errors_of_ours(corpus, monkeypatch, error):
    def fail(self, *args, **options):
        raise error

    monkeypatch.setattr(Word2Vec, "_train_epoch_corpusfile", fail)
    text = f"gensim failed during training: {type(error).__name__}: {str(error).splitlines()[0]}"
    with pytest.raises(JobError) as caught:
        train(find_corpus(str(corpus)), SMALL)
    assert (str(caught.value), caught.value.exit_code) == (text, 1)


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        (shrink, CorpusError, "changed during training"),
        (empty, CorpusError, "changed during training"),
        (Path.unlink, InputNotFoundError, "can't read .*: No such file or directory"),
        (replace_by_folder, InputNotFoundError, "can't read .*: Is a directory"),
    ],
)
@pytest.mark.parametrize("when", ["before", "within", "within the last", "between"])
def test_a_corpus_that_vanishes_or_changes_is_noticed(
    tmp_path, monkeypatch, when, change, error, text
):
    path = tmp_path / "c.txt"
    path.write_text("a b c\n" * 100)

    class Changer(Progress):
        def vocabulary(self, words: int, min_count: int) -> None:
            if when == "before":
                change(path)

    work, begin, calls = Word2Vec._do_train_epoch, Word2Vec._train_epoch_corpusfile, []

    def changing(self, *args, **options):
        calls.append(1)
        done = work(self, *args, **options)
        if (when, len(calls)) in (("within", 1), ("within the last", 3)):
            change(path)
        return done

    def changing_between(self, *args, **options):
        if when == "between" and calls:
            change(path)
        return begin(self, *args, **options)

    monkeypatch.setattr(Word2Vec, "_do_train_epoch", changing)
    monkeypatch.setattr(Word2Vec, "_train_epoch_corpusfile", changing_between)
    with pytest.raises(error, match=text):
        train(find_corpus(str(path)), SMALL, progress=Changer())


def test_figures_of_a_training(corpus):
    trained = train(find_corpus(str(corpus)), SMALL)
    assert trained.words_per_second == pytest.approx(20_000 * 3 / trained.training_seconds)
    assert trained.peak_memory_bytes > 2**20
