"""The search: its ranges, its memory, and jobs as real processes on a small corpus."""

import os
import signal
import time
from dataclasses import replace

import made_up_runs
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from embeddings.runs.run_record import read_run
from embeddings.scoring.word_pairs import UNSEEN, unseen_pairs, ws353
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_run import TrainingConfig
from embeddings.training.training_progress import LineProgress, Progress
from embeddings.tuning import local_search, training_process
from embeddings.tuning.local_search import TuningConfig, tune
from embeddings.tuning.search_ranges import REFERENCE_RANGES, Range, make_ranges
from embeddings.tuning.search_table import tuning_text
from embeddings.tuning.study import (
    JOURNAL,
    STOPPED,
    distributions,
    fail,
    held,
    of_state,
    open_study,
    settle,
)
from storage.errors import (
    BadRunError,
    BadVectorsError,
    CorpusError,
    HyperparameterError,
    JobError,
    OutputBusyError,
    OutputExistsError,
)

SMALL = ["epochs=1", "min_count=1:3", "vector_dim=8:12", "window_size=2:4", "negative_samples=2:5"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("c") / "corpus.txt"
    path.write_text("\n".join(made_up_runs.make_scored_lines(1500)) + "\n")
    return path


@pytest.fixture
def config(corpus, tmp_path):
    ranges, common = make_ranges(SMALL, Hyperparameters.of({}, "reference"))
    return TuningConfig(str(corpus), tmp_path / "search", ranges, common, max_jobs=3)


def make_study(output, max_jobs=12, seed=1, **settings):
    output.mkdir(exist_ok=True)
    return open_study(output, REFERENCE_RANGES, settings, seed, max_jobs)


class FakeJobs:
    """In place of processes: a job ends at once, as `outcome(number, config)` says."""

    def __init__(self, monkeypatch, outcome):
        self.started: list = []
        self.stopped: list = []
        self.most = self.now = 0
        monkeypatch.setattr(local_search, "start", self.start)
        monkeypatch.setattr(local_search, "wait_for_some", lambda jobs: [next(iter(jobs))])
        monkeypatch.setattr(local_search, "stop", lambda jobs: self.stopped.extend(jobs))
        self.outcome = outcome

    def start(self, number, config):
        self.started.append(config)
        self.now += 1
        self.most = max(self.most, self.now)
        return FakeJob(number, self, config)


class FakeJob:
    def __init__(self, number, jobs, config):
        self.number, self.jobs, self.config = number, jobs, config

    def result(self):
        self.jobs.now -= 1
        found = self.jobs.outcome(self.number, self.config)
        if not isinstance(found, float | None):
            return found
        values = {"hyperparameters": self.config.hyperparameters.to_dict()}
        record = replace(made_up_runs.make_record(self.config.output.name, found), **values)
        (made_up_runs.put_run(self.config.output, record) / "model.tar.gz").write_text("vectors")
        return record


def test_the_space_is_the_references():
    ranges, common = make_ranges([], Hyperparameters.of({}, "reference"))
    assert distributions(ranges) == {
        "mode": CategoricalDistribution(("batch_skipgram", "cbow")),
        "learning_rate": FloatDistribution(0.005, 0.05, log=True),
        "window_size": IntDistribution(5, 30),
        "vector_dim": IntDistribution(50, 100),
        "min_count": IntDistribution(20, 50),
        "negative_samples": IntDistribution(5, 25),
    }
    assert (common.epochs, common.sampling_threshold) == (10, 0.0001)


def test_ranges_choices_and_values_of_ones_own():
    changes = ["min_count=5:9", "mode=cbow", "window_size=2,4", "sampling_threshold=0.0001:0.001"]
    ranges, common = make_ranges(changes, Hyperparameters())
    space = distributions(ranges)
    assert space["min_count"] == IntDistribution(5, 9)
    assert space["window_size"] == CategoricalDistribution((2, 4))
    assert space["sampling_threshold"] == FloatDistribution(0.0001, 0.001, log=True)
    assert "mode" not in space and common.mode == "cbow"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("windowsize=3:4", "'windowsize=3:4' is not NAME=LOW:HIGH"),
        ("min_count", "'min_count' is not NAME=LOW:HIGH"),
        ("mode=cbow:skipgram", "mode has no range"),
        ("min_count=9:5", "the low end must be below the high end"),
        ("min_count=x:5", "min_count is 'x'"),
        ("vector_dim=0:5", "vector_dim is 0, and must be from 1"),
        ("mode=glove,cbow", "mode is 'glove'"),
        ("subwords=True", "subwords can't be learned in mode batch_skipgram"),
        ("evaluation=False", "evaluation must be True"),
    ],
)
def test_a_space_that_can_not_be_searched(change, text):
    with pytest.raises(HyperparameterError, match=text):
        make_ranges([change], Hyperparameters())


def test_a_choice_that_what_is_fixed_forbids_is_found_before_any_job():
    with pytest.raises(HyperparameterError, match="can't be learned in mode batch_skipgram"):
        make_ranges(["subwords=True"], Hyperparameters(mode="cbow"))
    assert make_ranges(["subwords=True", "mode=cbow"], Hyperparameters())[1].subwords


def test_unseen_pairs_are_in_no_set_of_ws353():
    seen = {frozenset((pair.first, pair.second)) for table in ws353() for pair in table.pairs}
    table = unseen_pairs()
    assert not seen & {frozenset((pair.first, pair.second)) for pair in table.pairs}
    assert 950 < len(table.pairs) < 999


def test_so_many_jobs_end_well_so_many_at_a_time_and_failed_ones_come_on_top(config, monkeypatch):
    outcomes = {1: BadVectorsError("training diverged"), 4: JobError("killed")}
    jobs = FakeJobs(monkeypatch, lambda number, _: outcomes.get(number, number / 10))
    study = tune(replace(config, max_jobs=5, parallel=2), Progress())
    assert [trial.number for trial in of_state(study, TrialState.COMPLETE)] == [0, 2, 3, 5, 6]
    assert [trial.number for trial in of_state(study, TrialState.FAIL)] == [1, 4]
    assert (len(jobs.started), jobs.most) == (7, 2)
    for started in jobs.started:
        chosen = started.hyperparameters
        assert chosen.epochs == 1 and 1 <= chosen.min_count <= 3 and 8 <= chosen.vector_dim <= 12


@pytest.mark.parametrize("keep_all", [False, True])
def test_only_the_best_vectors_stay_unless_all_shall(config, monkeypatch, keep_all):
    FakeJobs(monkeypatch, lambda number, _: [0.1, 0.5, 0.3][number])
    tune(replace(config, keep_all=keep_all), Progress())
    kept = {path.parent.name for path in config.output.glob("*/model.tar.gz")}
    assert kept == ({"job-000", "job-001", "job-002"} if keep_all else {"job-001"})
    assert len(list(config.output.glob("*/run.json"))) == 3


def test_three_failures_in_a_row_end_the_search(config, monkeypatch):
    jobs = FakeJobs(monkeypatch, lambda number, _: JobError("its process ended"))
    with pytest.raises(JobError, match=r"^3 jobs in a row failed, the last: its process"):
        tune(config, Progress())
    assert len(jobs.started) == 4 and len(jobs.stopped) == 1


def test_what_would_befall_every_job_ends_the_search_at_once(config, monkeypatch):
    jobs = FakeJobs(monkeypatch, lambda number, _: CorpusError("has a CR"))
    with pytest.raises(CorpusError, match="has a CR"):
        tune(config, Progress())
    assert len(jobs.started) == 2 and len(jobs.stopped) == 1
    FakeJobs(monkeypatch, lambda number, _: None)
    with pytest.raises(CorpusError, match=r"knows too few words of WS-353 for a mean_rho$"):
        tune(config, Progress())


def test_a_search_goes_on_where_it_stopped_and_with_more_jobs(config, monkeypatch, capsys):
    first = FakeJobs(monkeypatch, lambda number, _: number / 10)
    tune(replace(config, max_jobs=2), Progress())
    second = FakeJobs(monkeypatch, lambda number, _: number / 10)
    tune(replace(config, max_jobs=5, parallel=1), LineProgress())
    assert (len(first.started), len(second.started)) == (2, 3)
    told = capsys.readouterr().err.splitlines()
    assert told[0] == f"{config.output}: 2 of 5 jobs are there already"
    drawn = [one.hyperparameters for one in first.started + second.started]
    assert len(set(drawn)) == 5
    third = FakeJobs(monkeypatch, lambda number, _: 0.5)
    tune(replace(config, max_jobs=5), Progress())
    assert third.started == []


def test_the_same_seed_draws_the_same_values(config, monkeypatch, tmp_path):
    jobs = FakeJobs(monkeypatch, lambda number, _: number / 10)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        tune(replace(config, output=tmp_path / name, seed=seed, parallel=1), Progress())
    drawn = [one.hyperparameters for one in jobs.started]
    assert drawn[:3] == drawn[3:6] != drawn[6:]


def test_a_search_with_other_settings_is_refused_and_says_which(config, monkeypatch, tmp_path):
    FakeJobs(monkeypatch, lambda number, _: 0.1)
    tune(config, Progress())
    other = tmp_path / "other.txt"
    other.write_text("a b c\n")
    ranges = {**config.ranges, "min_count": Range(1, 9)}
    for changed, name in [
        (replace(config, corpus=str(other)), "corpus"),
        (replace(config, seed=9), "seed"),
        (replace(config, common=replace(config.common, epochs=7)), "epochs"),
        (replace(config, ranges=ranges), "min_count"),
    ]:
        with pytest.raises(OutputExistsError, match=rf"other settings \({name}\)"):
            tune(changed, Progress())


def test_jobs_of_a_killed_search_are_settled(tmp_path):
    study = make_study(tmp_path / "s")
    trials = [study.ask(distributions(REFERENCE_RANGES)) for _ in range(3)]
    made_up_runs.put_run(tmp_path / "s" / "job-000", made_up_runs.make_record("job-000", 0.3))
    (tmp_path / "s" / "job-001" / ".staging-1").mkdir(parents=True)
    again = make_study(tmp_path / "s")
    assert settle(again, tmp_path / "s") == ["job-001", "job-002"]
    assert again.trials[0].value == 0.3
    assert [trial.state for trial in again.trials[1:]] == [TrialState.FAIL] * 2
    assert again.trials[0].params == trials[0].params
    assert not (tmp_path / "s" / "job-001").exists()


def test_half_a_line_and_a_lock_in_the_journal_are_mended_and_worse_is_named(tmp_path):
    study = make_study(tmp_path / "s")
    study.tell(study.ask(distributions(REFERENCE_RANGES)), 0.4)
    journal = tmp_path / "s" / JOURNAL
    journal.write_bytes(journal.read_bytes() + b'{"op_code": 4, "wor')
    (tmp_path / "s" / f"{JOURNAL}.lock").symlink_to(journal)
    started = time.monotonic()
    again = make_study(tmp_path / "s")
    again.tell(again.ask(distributions(REFERENCE_RANGES)), 0.5)
    assert [trial.value for trial in make_study(tmp_path / "s").trials] == [0.4, 0.5]
    assert time.monotonic() - started < 15  # optuna gives a stale lock up after 30 s
    journal.write_bytes(b"{broken}\n" + journal.read_bytes())
    with pytest.raises(BadRunError, match=r"search.journal is broken"):
        make_study(tmp_path / "s")


def test_most_of_twelve_jobs_are_chosen_by_tpe(tmp_path):
    assert make_study(tmp_path / "a", 12).sampler._n_startup_trials == 4
    assert make_study(tmp_path / "b", 100).sampler._n_startup_trials == 10


def test_a_folder_in_use_or_with_something_else_in_it_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    refused = pytest.raises(OutputExistsError, match=r"something else than a search: mine.txt$")
    with refused, held(tmp_path):
        pass
    with held(tmp_path / "s"), pytest.raises(OutputBusyError), held(tmp_path / "s"):
        pass


def test_the_table_is_by_mean_rho_and_the_best_is_placed_on_unseen_pairs(config, monkeypatch):
    rhos, unseen = [0.1, 0.5, 0.3], [0.30, 0.20, 0.25]

    def outcome(number, job):
        if number == 3:
            return BadVectorsError("diverged")
        index = min(number, 2)
        record = made_up_runs.make_record(job.output.name, rhos[index])
        scores = [*record.scores, made_up_runs.score(UNSEEN, unseen[index])]
        record = replace(record, scores=scores)
        made_up_runs.put_run(job.output, record)
        return record

    FakeJobs(monkeypatch, outcome)
    study = tune(replace(config, max_jobs=4, parallel=1), Progress())
    lines = tuning_text(study, config.output).splitlines()
    assert [line.split()[0] for line in lines[1:6]] == [
        *("job-001", "job-002", "job-004", "job-000", "job-003")
    ]
    assert lines[0].split()[:5] == ["job", "status", "mean_rho", "unseen", "rho"]
    assert lines[1].split()[1:4] == ["done", "0.5000", "0.2000"]
    assert lines[5].split()[1:4] == ["failed", "-", "-"]
    assert lines[7] == (
        f"best: {config.output}/job-001, mean_rho 0.5000 (95 % interval 0.400 to 0.550)"
    )
    assert lines[8].endswith(
        "347 pairs): rho 0.2000 (95 % interval 0.100 to 0.250), number 4 of 4 jobs there"
    )


def test_the_table_tells_failed_jobs_from_those_that_were_killed_or_stopped(config, monkeypatch):
    outcomes = {0: BadVectorsError("diverged"), 1: 0.5}
    FakeJobs(monkeypatch, lambda number, _: outcomes[number])
    study = tune(replace(config, max_jobs=1), Progress())
    study.tell(study.ask(distributions(config.ranges)), state=TrialState.FAIL)  # as `settle` does
    fail(study, study.ask(distributions(config.ranges)), STOPPED)
    rows = [line.split()[:2] for line in tuning_text(study, config.output).splitlines()[1:5]]
    assert rows == [
        ["job-001", "done"],
        ["job-000", "failed"],
        ["job-002", "killed"],
        ["job-003", "stopped"],
    ]


def test_real_jobs_train_score_and_keep_the_best(config):
    study = tune(replace(config, max_jobs=2), Progress())
    folders = sorted(path for path in config.output.iterdir() if path.is_dir())
    records = [read_run(folder) for folder in folders]
    assert [record.mean_rho for record in records] == [trial.value for trial in study.trials]
    for record, trial in zip(records, study.trials, strict=True):
        chosen = {name: record.hyperparameters[name] for name in config.ranges}
        assert chosen == trial.params and record.hyperparameters["epochs"] == 1
        assert [score["name"] for score in record.scores][3:] == ["mean_rho", UNSEEN]
    best = max(records, key=lambda record: record.mean_rho or 0)
    assert [bool(record.artifacts) for record in records] == [one is best for one in records]
    assert "number " in tuning_text(study, config.output)


def test_a_job_that_is_killed_or_refused_says_so(config, corpus, tmp_path):
    base = TrainingConfig(
        corpus=str(corpus), output=tmp_path / "a", hyperparameters=Hyperparameters(epochs=500)
    )
    job = training_process.start(1, base)
    os.kill(int(job.process.pid or 0), signal.SIGKILL)
    assert training_process.wait_for_some([job]) == [job]
    assert str(job.result()) == "its process ended with signal 9 (Killed)"
    missing = training_process.start(2, replace(base, corpus=str(tmp_path / "no")))
    training_process.wait_for_some([missing])
    found = missing.result()
    assert type(found).__name__ == "InputNotFoundError" and "no corpus at" in str(found)
