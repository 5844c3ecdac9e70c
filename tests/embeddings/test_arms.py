"""Experiments of several arms: run by run, resumed, refused; and what comes of their scores."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import made_up_runs
import numpy as np
import pytest

from embeddings.pictures.forest import forest_page, forest_svg
from embeddings.runs.arm_comparison import (
    BEGIN,
    END,
    compare_arms,
    comparison_csv,
    comparison_json,
    comparison_markdown,
    comparison_text,
    fill_document,
)
from embeddings.runs.run_scores import RunScore, read_scores, write_scores
from embeddings.scoring.evaluation import spearman
from embeddings.scoring.pair_cosines import to_text
from embeddings.scoring.word_pairs import Pair, PairSet, simlex999, ws353
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_run import TrainingConfig, run
from embeddings.training.training_progress import LineProgress, Progress
from embeddings.tuning.arms import Arm, Experiment, run_experiment
from storage.errors import (
    BadPairsError,
    BadRunError,
    CorpusError,
    JobError,
    OutputExistsError,
    OutputNotWritableError,
    UsageError,
)

CHOSEN = Hyperparameters(epochs=1, min_count=1, vector_dim=8)
ALL = ws353()[0]
DOCS = Path(__file__).parents[2] / "docs"


class HereAndNow:
    """Trains in this process, at once.

    Attributes:
        started: names of runs, in the order of their start.
        fails_at: number of runs after which one fails.
    """

    backend = "local"

    def __init__(self, fails_at=100):
        self.started, self.fails_at, self.running, self.most = [], fails_at, [], 0
        self.stopped = 0

    def prepare(self, runs):
        self.planned = [each.name for each in runs]

    def start(self, planned):
        self.started.append(planned.name)
        self.running.append(planned)
        self.most = max(self.most, len(self.running))

    def wait(self):
        each = self.running.pop(0)
        if len(self.started) > self.fails_at:
            return {each: JobError("no memory left")}
        config = TrainingConfig(
            each.arm.corpus, each.output, each.arm.hyperparameters, seed=each.seed, overwrite=True
        )
        return {each: run(config)}

    def stop(self):
        self.stopped += 1


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpora")
    for seed, name in enumerate("ab"):
        lines = made_up_runs.make_scored_lines(600, seed)
        (folder / name).write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def experiment(corpora, tmp_path):
    arms = [Arm(name, str(corpora / name), CHOSEN) for name in "ab"]
    output = tmp_path / "out"
    return Experiment(arms, (5, 6), [ALL], output, output / "runs.csv", parallel=2)


def test_runs_go_by_seed_and_go_on_where_they_were_stopped(experiment, capsys):
    broken = HereAndNow(fails_at=3)
    with pytest.raises(JobError, match="no memory left"):
        run_experiment(experiment, broken, Progress())
    assert broken.started == ["a-seed-5", "b-seed-5", "a-seed-6", "b-seed-6"]
    assert (broken.most, broken.stopped) == (2, 1)
    done = read_scores(experiment.scores)
    trainer = HereAndNow()
    scores = run_experiment(replace(experiment, parallel=1), trainer, LineProgress())
    assert trainer.planned == trainer.started == broken.started[len(done) :]
    assert scores[: len(done)] == done and len(done) in (1, 2)
    assert [(score.arm, score.seed) for score in scores] == [
        *(("a", 5), ("b", 5), ("a", 6), ("b", 6))
    ]
    told = capsys.readouterr().err.splitlines()
    assert told[0] == f"{len(done)} of 4 runs are there already"
    assert told[-1].endswith("s left") and f"{4 - len(done)} of {4 - len(done)} runs" in told[-1]
    assert [path.name for path in sorted(experiment.output.glob("*/[!.]*"))] == ["run.json"] * 4
    assert run_experiment(experiment, HereAndNow(fails_at=0), Progress()) == scores


def test_a_run_that_ended_unscored_is_scored_and_not_trained_again(experiment):
    one_seed = replace(experiment, seeds=(5,), keep_all=True)
    scores = run_experiment(one_seed, HereAndNow(), Progress())
    experiment.scores.unlink()
    trainer = HereAndNow(fails_at=0)
    assert run_experiment(one_seed, trainer, Progress()) == scores and not trainer.started
    other = replace(CHOSEN, window_size=9)
    arms = [replace(experiment.arms[0], hyperparameters=other), experiment.arms[1]]
    experiment.scores.unlink()
    with pytest.raises(OutputExistsError, match="a-seed-5 holds a run with another hyperparam"):
        run_experiment(replace(one_seed, arms=arms), trainer, Progress())


def test_what_is_no_run_of_this_experiment_is_refused(experiment, monkeypatch):
    scores = run_experiment(replace(experiment, seeds=(5,)), HereAndNow(), Progress())
    first, second = experiment.arms
    cases = [
        ([replace(first, corpus=second.corpus)], "another corpus"),
        ([replace(first, hyperparameters=replace(CHOSEN, epochs=2)), second], "another hyperp"),
    ]
    for arms, reason in cases:
        with pytest.raises(OutputExistsError, match=f"holds runs of a with {reason}"):
            run_experiment(replace(experiment, arms=arms), HereAndNow(0), Progress())
    tables = [PairSet(ALL.name, ALL.pairs[1:])]
    with pytest.raises(OutputExistsError, match="scores on other pairs called EN-WS-353-ALL"):
        run_experiment(replace(experiment, tables=tables), HereAndNow(0), Progress())
    same = [first, replace(first, name="again")]
    with pytest.raises(CorpusError, match="a and again hold the same bytes"):
        run_experiment(replace(experiment, arms=same), HereAndNow(0), Progress())
    monkeypatch.setattr(
        "storage.output_folder.os.fsync",
        lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")),
    )
    with pytest.raises(OutputNotWritableError, match="No space left on device"):
        write_scores(experiment.scores, scores)
    monkeypatch.undo()
    assert read_scores(experiment.scores) == scores


def made_score(arm, seed, cosines, table, **values):
    cosines = np.asarray(cosines, float)
    score = RunScore(
        *(arm, "ab" * 32, 10, 100, "window_size=5", "local", seed, 1.5, "gensim 4"),
        *(table.name, table.sha256[:12], len(table.pairs), int(np.isnan(cosines).sum())),
        *(0.5, to_text(cosines)),
    )
    return replace(score, **values)


TABLE = PairSet("mine", tuple(Pair(f"a{n}", f"b{n}", float(n)) for n in range(30)))
PEOPLE = np.array([pair.score for pair in TABLE.pairs])


def made_scores(seeds=3, lost=0):
    """Arm `good` agrees with people, `same` does nearly so, `bad` does not."""
    random = np.random.default_rng(2)
    scores = []
    for seed in range(seeds):
        for arm, noise in (("good", 3), ("same", 3.1), ("bad", 60)):
            cosines = (PEOPLE + random.normal(scale=noise, size=30)) / 200
            if arm == "same":
                cosines[:lost] = np.nan
            scores.append(made_score(arm, seed, cosines, TABLE))
    return scores


def test_arms_are_compared_on_the_pairs_and_seeds_that_all_have():
    scores = made_scores(lost=4)
    comparison = compare_arms([*scores, made_score("bad", 9, PEOPLE / 200, TABLE)], [TABLE])
    [mine] = comparison.sets
    assert (mine.pairs, mine.common, mine.missing) == (30, 26, [0, 4, 0])
    assert (comparison.seeds, comparison.left_out) == ([0, 1, 2], 1)
    of_good = [spearman(PEOPLE[4:], score.known()[4:]) for score in scores[::3]]
    assert mine.effects[0].rho == pytest.approx(np.mean(np.array(of_good, float)))
    text = comparison_text(comparison).splitlines()
    assert text[0].startswith("mine (26 of 30 pairs)")
    assert [line.split()[0] for line in text[1:4]] == ["good", "same", "bad"]
    assert text[1].endswith("the others differ from this") and text[3].endswith("  worse")
    assert text[2].endswith("no difference that this can see")
    assert text[-1] == "1 runs are left out: not all arms have their seeds"


def test_the_comparison_as_files():
    comparison = compare_arms(made_scores(), [TABLE])
    content = json.loads(comparison_json(comparison))
    assert [arm["arm"] for arm in content["arms"]] == ["good", "same", "bad"]
    bad = content["sets"][0]["arms"][2]
    assert bad["verdict"] == "worse" and bad["low"] < bad["difference"] < bad["high"] < 0
    rows = list(csv.DictReader(io.StringIO(comparison_csv(comparison))))
    assert [(row["set"], row["arm"]) for row in rows] == [
        *(("mine", "good"), ("mine", "same"), ("mine", "bad"))
    ]
    assert float(rows[2]["difference"]) == bad["difference"]
    table = comparison_markdown(comparison)
    assert [line.count(" ± ") for line in table.splitlines()] == [0, 0, 0, 0, 0, 1, 1, 0, 0]
    assert table.splitlines()[6].startswith("| bad | 10 | 100 | **-0.")
    assert fill_document(f"a\n{BEGIN}\nold\n{END}\nb\n", "x.md", table) == (
        f"a\n{BEGIN}\n{table}{END}\nb\n"
    )
    with pytest.raises(UsageError, match=r"x\.md has no"):
        fill_document(f"a\n{BEGIN}\nold\n", "x.md", table)
    renamed = [replace(score, arm=score.arm.replace("bad", "<b>")) for score in made_scores()]
    assert "<b>" not in forest_svg(compare_arms(renamed, [TABLE]))
    page, picture = forest_page(comparison), forest_svg(comparison)
    assert picture.startswith("<svg xmlns=") and picture.count("<circle") == 2
    assert page.count("<circle") == 2 and "no difference that this can see" in page


def test_too_little_in_common_is_refused():
    with pytest.raises(BadPairsError, match="mine: only 9 of its 30 pairs are known to all arms"):
        compare_arms(made_scores(lost=21), [TABLE])
    apart = [made_score("a", 1, PEOPLE / 200, TABLE), made_score("b", 2, PEOPLE / 200, TABLE)]
    with pytest.raises(BadRunError, match="no seed has a run of each of a, b"):
        compare_arms(apart, [TABLE])
    [effect] = compare_arms(made_scores(seeds=1), [TABLE]).sets
    assert effect.effects[1].low is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace("seed,", "sed,", 1), "its first line is not the header"),
        (lambda text: text.replace(",100,", ",many,", 1), "line 2 is no score"),
        (lambda text: text[: len(text) // 2], "line 4 is no score of a run"),
        (lambda text: text + text.splitlines()[1] + "\n", "line 8 is there twice: good, 0"),
    ],
)
def test_a_file_of_scores_that_is_none(tmp_path, change, reason):
    path = tmp_path / "runs.csv"
    scores = made_scores(seeds=2)
    write_scores(path, scores)
    assert read_scores(path) == scores and read_scores(tmp_path / "none") == []
    path.write_text(change(path.read_text()))
    with pytest.raises(BadRunError, match=reason):
        read_scores(path)


def test_the_committed_runs_go_on_with_the_tables_of_today():
    scores = read_scores(DOCS / "cleaning-runs.csv")
    digests = {(score.pair_set, score.pairs_sha256) for score in scores}
    assert {(table.name, table.sha256[:12]) for table in (ALL, simlex999())} <= digests
    assert BEGIN in (DOCS / "cleaning.md").read_text(encoding="utf-8")
