import dataclasses

import pytest

from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_trainer import describe_differences
from storage.errors import HyperparameterError

GUIDE = {
    "batch_size": 11,
    "buckets": 2_000_000,
    "epochs": 5,
    "evaluation": True,
    "learning_rate": 0.05,
    "min_char": 3,
    "min_count": 5,
    "max_char": 6,
    "negative_samples": 5,
    "sampling_threshold": 0.0001,
    "subwords": False,
    "vector_dim": 100,
    "window_size": 5,
}
"""Defaults of the developer guide; `mode` has none there."""


def test_defaults_are_the_developer_guides():
    assert Hyperparameters().to_dict() == {"mode": "batch_skipgram"} | GUIDE


def test_given_values_win_over_the_preset():
    given = Hyperparameters.of({"epochs": "3", "vector_dim": 50}, preset="reference")
    assert (given.epochs, given.vector_dim, given.min_count) == (3, 50, 40)


def test_blazingtext_gets_ngram_fields_only_with_subwords_and_batch_size_only_with_its_mode():
    sent = Hyperparameters(mode="skipgram", subwords=True, learning_rate=1e-5).to_blazingtext()
    assert sent["buckets"] == "2000000"
    assert (sent["min_char"], sent["max_char"]) == ("3", "6")
    assert sent["learning_rate"] == "0.00001"
    assert "batch_size" not in sent


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (
            {"mode": "supervised"},
            "mode is 'supervised', and may be one of batch_skipgram, skipgram, cbow",
        ),
        ({"epochs": "ten"}, "epochs is 'ten', not a whole number"),
        ({"epochs": 2.5}, "epochs is '2.5', not a whole number"),
        ({"epochs": 0}, "epochs is 0, and must be from 1 to 2147483647"),
        ({"min_count": -1}, "min_count is -1, and must be from 0 to 2147483647"),
        ({"learning_rate": "0"}, "learning_rate is 0.0, and must be more than 0"),
        ({"learning_rate": "inf"}, "learning_rate is inf, and must be more than 0"),
        ({"sampling_threshold": 1}, "sampling_threshold is 1.0, and must be between 0 and 1"),
        ({"sampling_threshold": "nan"}, "sampling_threshold is nan, and must be between 0 and 1"),
        ({"subwords": "maybe"}, "subwords is 'maybe', not True or False"),
        (
            {"subwords": "true"},
            "subwords can't be learned in mode batch_skipgram: use skipgram or cbow",
        ),
        ({"min_char": 7}, "min_char is 7, more than max_char, 6"),
        (
            {"early_stopping": "True"},
            "early_stopping belongs to BlazingText's supervised mode, not to word2vec",
        ),
        ({"dropout": 1}, "dropout is no hyperparameter of BlazingText's word2vec"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_broken_rule_is_named_with_what_was_found(values, text):
    with pytest.raises(HyperparameterError) as caught:
        Hyperparameters.of(values)
    assert str(caught.value) == text


def test_all_discrepancies_come_in_one_line():
    with pytest.raises(HyperparameterError) as caught:
        Hyperparameters.of({"epochs": "x", "patience": 2, "vector_dim": 0, "mode": "glove"})
    assert str(caught.value).split("; ") == [
        "epochs is 'x', not a whole number",
        "patience belongs to BlazingText's supervised mode, not to word2vec",
        "mode is 'glove', and may be one of batch_skipgram, skipgram, cbow",
        "vector_dim is 0, and must be from 1 to 2147483647",
    ]


def test_the_class_itself_refuses_values_of_a_wrong_type():
    with pytest.raises(HyperparameterError, match=r"^epochs is '5', not a whole number$"):
        Hyperparameters(epochs="5")  # type: ignore[arg-type]
    with pytest.raises(HyperparameterError, match=r"^epochs is True, not a whole number$"):
        Hyperparameters(epochs=True)


@pytest.mark.parametrize("values", [{"min_count": 0}, {"min_char": 6}, {"learning_rate": 2}])
def test_edges_are_allowed(values):
    assert dataclasses.replace(Hyperparameters(), **values)


def test_notes_say_what_is_different_here():
    assert describe_differences(Hyperparameters(batch_size=8), long_lines=2) == [
        "mode: batch_skipgram is trained as plain skip-gram (gensim sg=1)",
        "batch_size: 8 has no local meaning",
        "end of line: BlazingText counts one token </s> a line, gensim none",
        "long lines: 2 of more than 10,000 tokens, which gensim breaks there",
    ]
    assert describe_differences(Hyperparameters(mode="cbow", subwords=True)) == [
        "subwords: kept in subwords.bin, fastText's format, beside model.tar.gz",
        "end of line: BlazingText counts one token </s> a line, gensim none",
    ]
