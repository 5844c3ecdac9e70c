"""Analogies and neighbours."""

import numpy as np
import pytest
from gensim.models import FastText
from gensim.models.keyedvectors import KeyedVectors

from embeddings.scoring.analogies import (
    AnalogyScore,
    default_questions,
    read_questions,
    score_analogies,
)
from embeddings.scoring.evaluation import cosine_similarities
from embeddings.scoring.nearest_words import neighbours
from embeddings.scoring.text_tables import analogy_table, neighbour_table, score_table
from storage.errors import BadPairsError, InputNotFoundError, WordNotFoundError

QUESTIONS = ": royal\nMan King Woman Queen\nking man queen woman\n: lost\nman king woman nobody\n"


@pytest.fixture
def royal():
    made = KeyedVectors(3)
    words = {"man": [1, 0, 0], "woman": [0, 1, 0], "king": [1, 0, 1], "queen": [0, 1, 1]}
    made.add_vectors([*words, "cup"], np.array([*words.values(), [-1, -1, 0]], np.float32))
    return made


def test_analogies_by_section_and_in_all(tmp_path, royal):
    path = tmp_path / "q.txt"
    path.write_text(QUESTIONS + "woman queen man cup\n")
    scores = score_analogies(royal, path)
    assert scores == [
        AnalogyScore("royal", 2, 2, 0),
        AnalogyScore("lost", 0, 1, 1),
        AnalogyScore("total", 2, 3, 1),
    ]
    assert [score.accuracy for score in scores] == [1.0, 0.0, pytest.approx(2 / 3)]
    assert analogy_table(scores[:1]) == (
        "analogies  asked  missing  correct  share\nroyal          2        0        2  1.000"
    )


def test_analogies_agree_with_gensims_own_count(tmp_path, monkeypatch):
    monkeypatch.setattr("embeddings.scoring.analogies.BATCH", 7)
    sections = read_questions(default_questions())
    family = sections["family"]
    assert (len(sections), sum(map(len, sections.values())), len(family)) == (14, 19544, 506)
    words = sorted({word for question in family for word in question})
    vectors = KeyedVectors(6)
    vectors.add_vectors(words, np.random.default_rng(0).normal(size=(len(words), 6)))
    _, theirs = vectors.evaluate_word_analogies(str(default_questions()))
    right = {one["section"]: len(one["correct"]) for one in theirs}
    ours = {one.section: one.correct for one in score_analogies(vectors)}
    assert ours["family"] == right["family"] > 0
    assert ours["total"] == right["Total accuracy"]


def test_what_is_no_file_of_analogies_is_refused(tmp_path):
    path = tmp_path / "q.txt"
    path.write_text(": s\na b c\n")
    with pytest.raises(BadPairsError, match="line 2 is no analogy of four words"):
        read_questions(path)
    with pytest.raises(InputNotFoundError):
        read_questions(tmp_path / "none")


def test_neighbours_are_the_nearest_by_cosine_and_not_the_word_itself(royal):
    found = neighbours(royal, "Queen", 2)
    assert (found.word, found.is_known) == ("queen", True)
    assert [word for word, _ in found.nearest] == ["woman", "king"]
    assert [cosine for _, cosine in found.nearest] == pytest.approx([0.5**0.5, 0.5])
    assert neighbour_table(found) == "queen  cosine\nwoman  0.7071\nking   0.5000"


def test_more_neighbours_than_words(royal):
    assert len(neighbours(royal, "cup", 99).nearest) == 4


def test_a_vector_of_zeros_has_cosine_0_with_all_and_no_square_leaves_its_range():
    made = KeyedVectors(2)
    rows = {"a": [1, 0], "zero": [0, 0], "b": [-1, 0], "huge": [3e38, 3e38], "tiny": [1e-30, 0]}
    made.add_vectors([*rows], np.array([*rows.values()], np.float32))
    found = neighbours(made, "a").nearest
    assert [word for word, _ in found] == ["tiny", "huge", "zero", "b"]
    assert [cosine for _, cosine in found] == pytest.approx([1, 0.5**0.5, 0, -1])
    assert dict(neighbours(made, "zero").nearest) == dict.fromkeys(["a", "b", "huge", "tiny"], 0.0)
    pairs = [("a", "zero"), ("zero", "zero"), ("huge", "a")]
    assert list(cosine_similarities(made, pairs)) == pytest.approx([0, 0, 0.5**0.5])


def test_a_word_without_a_vector(royal):
    with pytest.raises(WordNotFoundError) as caught:
        neighbours(royal, "Prince")
    assert str(caught.value) == (
        "'prince' is not among the 5 words with a vector; only models with subwords can make one"
    )


def test_subwords_make_vectors_for_words_that_were_never_seen():
    lines = [["disappointedly", "sad"], ["monday", "week"]] * 50
    model = FastText(lines, vector_size=50, min_count=1, bucket=2000, epochs=1, alpha=1e-4, seed=1)
    found = neighbours(model.wv, "dissapointedly", 1)
    assert (found.is_known, found.nearest[0][0]) == (False, "disappointedly")
    assert neighbour_table(found).startswith("dissapointedly (made from its n-grams)  cosine")


def test_scores_as_a_table():
    rows = [
        {"name": "a", "total_pairs": 1000, "not_found": 3, "rho": 0.5, "low": 0.41, "high": 0.6},
        {"name": "b", "total_pairs": 9, "not_found": 9, "rho": None, "low": None, "high": None},
    ]
    assert score_table(rows).splitlines() == [
        "set  pairs  missing     rho   95 % interval",
        "a    1,000        3  0.5000  0.410 to 0.600",
        "b        9        9       -               -",
    ]
