import made_up_runs
import numpy as np
import pytest
from gensim.models.keyedvectors import KeyedVectors

from embeddings.vectors.projection import project, usable_perplexity
from storage.errors import BadVectorsError

VECTORS = made_up_runs.make_vectors()


def test_words_of_a_topic_are_near_each_other():
    points = project(VECTORS)
    places = np.array([[point.x, point.y] for point in points])
    topics = np.array([point.word[:3] for point in points])
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (topics[distances.argmin(axis=1)] == topics).mean() > 0.95


def test_points_say_word_rank_and_neighbours():
    points = project(VECTORS, words=30)
    assert [point.word for point in points] == VECTORS.index_to_key[:30]
    assert [point.rank for point in points] == list(range(1, 31))
    for point in points:
        assert [word for word, _ in point.nearest] == [
            word for word, _ in VECTORS.most_similar(point.word, topn=8)
        ]


def test_each_axis_goes_from_minus_one_to_one():
    points = project(VECTORS)
    for values in ([point.x for point in points], [point.y for point in points]):
        assert (min(values), max(values)) == pytest.approx((-1, 1))


def test_a_seed_gives_the_same_map_again_and_length_does_not_count():
    first = project(VECTORS, seed=3)
    assert project(VECTORS, seed=3) == first
    longer = KeyedVectors(VECTORS.vector_size)
    longer.add_vectors(VECTORS.index_to_key, VECTORS.vectors * np.float32(8))
    again = project(longer, seed=3)
    assert [(point.x, point.y) for point in again] == [(point.x, point.y) for point in first]


def test_words_are_printable_and_vectors_of_zeros_have_a_place_and_neighbours():
    holed = KeyedVectors(VECTORS.vector_size)
    rows = VECTORS.vectors.copy()
    rows[::2] = 0
    holed.add_vectors(["\x1b[2J", *VECTORS.index_to_key[1:]], rows)
    points = project(holed, words=30)
    assert points[0].word == "\\x1b[2J"
    assert {cosine for _, cosine in points[0].nearest} == {0.0}
    assert np.isfinite([(point.x, point.y) for point in points]).all()


def test_many_words_take_the_faster_method(monkeypatch):
    monkeypatch.setattr("embeddings.vectors.projection.MOST_EXACT_WORDS", 20)
    first = project(VECTORS)
    assert project(VECTORS) == first


@pytest.mark.parametrize(("words", "perplexity"), [(400, 40.0), (121, 40.0), (61, 20.0), (4, 1.0)])
def test_perplexity_is_at_most_a_third_of_the_other_words(words, perplexity):
    assert usable_perplexity(40, words) == perplexity


def test_too_few_words_and_words_all_alike_are_refused():
    with pytest.raises(BadVectorsError, match=r"^a map needs 4 words, and there are 3$"):
        project(made_up_runs.make_vectors(3))
    alike = KeyedVectors(3)
    alike.add_vectors(list("abcde"), np.outer(np.arange(1, 6), [1, 2, 2]).astype(np.float32))
    with pytest.raises(BadVectorsError, match=r"^the first 5 vectors all point the same way"):
        project(alike)
