"""The lines of the reference run's log, and what the user sees of them."""

import io
import re

import pytest

from blazingtext.log.lines import LogProgress, LogReader, Step, read_line
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.training_progress import BarProgress, LineProgress

REFERENCE = Hyperparameters.of({}, "reference")
EVALUATION = """\
{
    "EN-WS-353-ALL.txt": {
        "not_found": 6,
        "spearmans_rho": 0.7235,
        "total_pairs": 353
    },
    "mean_rho": 0.7164745137513052
}"""
LOG = f"""\
Processing /opt/ml/input/data/train/cleaned_sentences.csv . File size: 676 MB
Read 10M words
Read 148M words
Number of words:  50298
##### Alpha: 0.0490  Progress: 2.00%  Million Words/sec: 2.12 #####
\x1b[34m##### Alpha: 0.0247  Progress: 50.61%  Million Words/sec: 2.27 #####\x1b[0m
Training finished!
Average throughput in Million words/sec: 2.27
Total training time in seconds: 653.67

Evaluating word embeddings....
{EVALUATION}
[06/27/2020 16:35:09 INFO 140271083321152] #mean_rho: 0.7164745137513052"""


@pytest.mark.parametrize(
    ("line", "figures"),
    [
        ("Processing /opt/ml/input/data/train/c.csv . File size: 676 MB", {"bytes": 708837376}),
        ("Read 148M words", {"words": 148_000_000}),
        ("Read 12K words", {"words": 12_000}),
        ("Read 1B words", {"words": 1_000_000_000}),
        ("Read 312 words", {"words": 312}),
        ("Number of words:  50298", {"vocabulary": 50298}),
        (
            "##### Alpha: 0.0490  Progress: 2.00%  Million Words/sec: 2.12 #####",
            {"step": Step(0.049, 0.02, 2.12e6)},
        ),
        ("#033[31mNumber of words:  7#033[0m", {"vocabulary": 7}),
        ("\x1b[1;32mTraining finished!\x1b[0m", {"is_finished": True}),
        ("Average throughput in Million words/sec: 2.27", {"words_per_second": 2.27e6}),
        ("Total training time in seconds: 653.67", {"training_seconds": 653.67}),
        ("[06/27/2020 16:35:09 INFO 1402] #mean_rho: -2.5e-05", {"mean_rho": -2.5e-05}),
        ("Arguments: train", {}),
        ("Total training time in seconds: 6.5.3", {}),
        ("Evaluating word embeddings....", {}),
        ("mean_rho: 0.7", {}),
        ("", {}),
    ],
)
def test_a_line(line, figures):
    assert read_line(line) == figures


def test_the_whole_log():
    reader = LogReader()
    for line in LOG.splitlines():
        reader.read(line)
    figures = dict(reader.figures)
    evaluation = figures.pop("evaluation")
    assert evaluation["mean_rho"] == 0.7164745137513052
    assert evaluation["EN-WS-353-ALL.txt"]["not_found"] == 6
    assert figures == {
        "bytes": 676 * 2**20,
        "words": 148_000_000,
        "vocabulary": 50298,
        "step": Step(0.0247, 50.61 / 100, 2.27e6),
        "is_finished": True,
        "words_per_second": 2.27e6,
        "training_seconds": 653.67,
        "mean_rho": 0.7164745137513052,
    }


@pytest.mark.parametrize("text", ['{\n"a": 1\n}', "{\nnot json\n}", '{\n"mean_rho": 1'])
def test_other_braces_are_no_evaluation(text):
    reader = LogReader()
    for line in text.splitlines():
        reader.read(line)
    assert reader.figures == {}


def test_an_evaluation_without_a_number():
    reader = LogReader()
    for line in ("{", '"mean_rho": NaN', "}"):
        reader.read(line)
    assert reader.figures == {"evaluation": {"mean_rho": None}}


def shown(lines: list[tuple[str, float]], words: int | None = None) -> list[str]:
    """What the log's lines, each with the second it was written in, look like at second 700."""
    stream = io.StringIO()
    log = LogProgress(LineProgress(stream, every=0), REFERENCE, words)
    for line, at in lines:
        log.read(line, at, 700.0)
    log.close()
    return stream.getvalue().splitlines()


def test_a_job_that_has_ended_looks_as_a_training_here():
    told = shown([(line, 10.0) for line in LOG.splitlines()])
    assert told[:2] == [
        "read 148,000,000 words",
        "vocabulary: 50,298 words that occur at least 40 times",
    ]
    assert told[2].startswith("training: 2% of 1,480,000,000 words, ")
    assert told[-1] == "trained on 1,480,000,000 words in 653.7 s, 2,264,139 words/s"


def test_the_clock_starts_when_the_job_began_and_not_when_we_came():
    """Attached at second 700 to a training that began at second 300, and is half done."""
    step = "##### Alpha: 0.0250  Progress: 50.00%  Million Words/sec: 2.27 #####"
    lines = [("Read 40M words", 290.0), ("Number of words:  9", 300.0), (step, 690.0)]
    [speed] = [line for line in shown(lines) if line.startswith("training")]
    assert speed == "training: 50% of 400,000,000 words, 500,000 words/s, 400 s left"


def test_words_that_are_known_better_than_in_millions():
    size = "Processing /opt/ml/input/data/train/c.csv . File size: 0 MB"
    lines = [(size, 1.0), ("Read 0M words", 2.0), ("Number of words:  9", 3.0)]
    assert shown(lines, 1234)[0] == "read 1,234 words"


def test_a_bar_shows_the_last_of_many_steps_at_once():
    stream = io.StringIO()
    log = LogProgress(BarProgress(stream), REFERENCE)
    for line in LOG.splitlines()[:6]:
        log.read(line, 300.0, 700.0)
    last = stream.getvalue().rpartition("\r")[2]
    assert last.startswith("training:  51%|")
    assert re.search(r"749M/1\.48G \[06:4\d<06:\d\d, 1\.8\dM words/s\]", last)
    log.close()


def test_bars_take_a_log_that_begins_in_the_middle():
    stream = io.StringIO()
    log = LogProgress(BarProgress(stream), REFERENCE)
    for line in LOG.splitlines()[3:7]:
        log.read(line, 1.0, 2.0)
    log.close()
    assert "vocabulary: 50,298 words" in stream.getvalue()
    assert re.search(r"trained on 0 words in 1\.", stream.getvalue())
