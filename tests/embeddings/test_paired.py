from dataclasses import replace

import made_up_runs
import pytest
from scipy import stats

from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_run import TrainingConfig
from embeddings.training.training_progress import LineProgress, Progress
from embeddings.tuning import paired
from embeddings.tuning.paired import difference, paired_text, train_pairs
from storage.errors import CorpusError, OutputExistsError, UsageError


@pytest.fixture
def corpora(tmp_path):
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for seed, path in enumerate(paths):
        path.write_text("\n".join(made_up_runs.make_scored_lines(600, seed)) + "\n")
    return tuple(map(str, paths))


@pytest.fixture
def base(tmp_path):
    chosen = Hyperparameters(epochs=1, min_count=1, vector_dim=8)
    return TrainingConfig("", tmp_path / "out", chosen, seed=5)


def test_the_interval_is_that_of_a_paired_t_test():
    first, second = [0.60, 0.62, 0.61, 0.65], [0.63, 0.64, 0.62, 0.70]
    found = difference(first, second)
    wanted = stats.ttest_rel(second, first).confidence_interval(0.95)
    assert found.mean == pytest.approx(0.0275)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))


def test_one_seed_has_no_interval_and_uneven_seeds_are_refused():
    assert difference([0.5], [0.75]) == paired.Difference(0.25, None, None)
    for first, second in [([], []), ([0.1], [0.1, 0.2])]:
        with pytest.raises(ValueError):
            difference(first, second)


def test_both_corpora_are_trained_with_each_seed_and_runs_are_reused(corpora, base, capsys):
    pairs = train_pairs(corpora, base, 2, LineProgress())
    assert [path.name for path in sorted(base.output.iterdir())] == [
        *("A-seed-5", "A-seed-6", "B-seed-5", "B-seed-6")
    ]
    assert [(one.seed, one.corpus["uri"]) for pair in pairs for one in pair] == [
        *((5, corpora[0]), (5, corpora[1]), (6, corpora[0]), (6, corpora[1]))
    ]
    again = train_pairs(corpora, base, 3, LineProgress())
    assert again[:2] == pairs
    told = capsys.readouterr().err.splitlines()
    assert [line.endswith("was there") for line in told] == [False] * 4 + [True] * 4 + [False] * 2


def test_a_run_of_something_else_is_refused_and_says_what(corpora, base):
    train_pairs(corpora, base, 1, Progress())
    other = replace(base, hyperparameters=replace(base.hyperparameters, window_size=9))
    with pytest.raises(OutputExistsError, match=r"A-seed-5 holds a run with another window_size$"):
        train_pairs(corpora, other, 1, Progress())
    with pytest.raises(OutputExistsError, match=r"A-seed-5 holds a run with another corpus$"):
        train_pairs(corpora[::-1], base, 1, Progress())


def test_what_can_not_be_compared(corpora, base, tmp_path):
    with pytest.raises(CorpusError, match="hold the same bytes"):
        train_pairs((corpora[0], corpora[0]), base, 1, Progress())
    poor = tmp_path / "poor.txt"
    poor.write_text("some words of no table\n" * 9)
    with pytest.raises(CorpusError, match=r"poor.txt knows too few words of WS-353"):
        train_pairs((str(poor), corpora[0]), base, 1, Progress())
    with pytest.raises(UsageError):
        train_pairs(corpora, replace(base, backend="sagemaker"), 1, Progress())


def records(*rhos):
    return [
        tuple(made_up_runs.make_record("x", rho, seed=seed) for rho in pair)
        for seed, pair in enumerate(rhos, start=1)
    ]


def test_the_text_has_a_line_a_seed_and_says_whether_it_is_chance():
    lines = paired_text(records((0.60, 0.62), (0.61, 0.64), (0.62, 0.63))).splitlines()
    assert lines[1].split() == ["1", "0.6000", "0.6200", "+0.0200"]
    assert lines[-1].startswith(
        "difference of mean_rho, B - A: +0.0200, 95 % interval -0.005 to 0.045 (t, 3 seeds): "
        "no more than the seed's chance"
    )
    clear = paired_text(records((0.60, 0.52), (0.61, 0.54), (0.62, 0.53)))
    assert "more than the seed's chance" in clear and "no more" not in clear
    assert "one seed gives no interval" in paired_text(records((0.6, 0.7)))
