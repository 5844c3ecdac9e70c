"""Runs, vectors and corpora for the tests of maps, comparison and tuning."""

import random
from dataclasses import replace
from pathlib import Path

import made_up_company
import numpy as np
from gensim.models.keyedvectors import KeyedVectors

from embeddings.runs.run_record import RunRecord, write_run
from embeddings.scoring.word_pairs import ws353
from embeddings.training.hyperparameters import Hyperparameters

EVIL = ["</script><script>alert(1)</script>", '"><img/src=x>', "<!--", "a&amp;b", "\u2028"]
EVIL += [r"$\frac$"]  # matplotlib would take it for a formula


def make_vectors(
    words: int = 60, dimensions: int = 12, extra: tuple[str, ...] = ()
) -> KeyedVectors:
    """Words of three topics, `pets7` say: near the topic's direction, and not all equally long."""
    rng = np.random.default_rng(5)
    topics = list(made_up_company.TOPICS)
    directions = rng.normal(size=(len(topics), dimensions))
    names = [*extra, *(f"{topics[i % 3]}{i}" for i in range(words - len(extra)))]
    noise = rng.normal(scale=0.2, size=(words, dimensions))
    rows = [directions[i % 3] + noise[i] for i in range(words)]
    vectors = KeyedVectors(dimensions)
    vectors.add_vectors(names, np.array(rows, np.float32) * rng.uniform(0.5, 4, size=(words, 1)))
    return vectors


def make_record(name: str, rho: float | None, sha256: str = "aa" * 32, **values) -> RunRecord:
    """A run that is over; hyperparameters by their names, the rest as RunRecord calls it."""
    own = {key: value for key, value in values.items() if key in RunRecord.__dataclass_fields__}
    chosen = {key: value for key, value in values.items() if key not in own}
    record = RunRecord(
        name=name,
        backend="local",
        status="completed",
        started="2026-01-01T00:00:00+00:00",
        finished="2026-01-01T00:01:00+00:00",
        hyperparameters=Hyperparameters().to_dict() | chosen,
        corpus={"uri": f"{sha256[:2]}.txt", "sha256": sha256, "lines": 10, "words": 1234},
        seconds=61.4,
        words_per_second=654321.0,
        evaluation=None
        if rho is None
        else {"EN-WS-353-ALL.txt": {"not_found": 6}, "mean_rho": rho},
        scores=[] if rho is None else [score("mean_rho", rho)],
        seed=1,
    )
    return replace(record, **own)


def score(name: str, rho: float) -> dict[str, object]:
    """As `Score.to_dict()` gives it."""
    return {
        "name": name,
        "total_pairs": 353,
        "not_found": 6,
        "rho": rho,
        "low": rho - 0.1,
        "high": rho + 0.05,
    }


def put_run(folder: Path, record: RunRecord) -> Path:
    """A run.json in a new folder."""
    folder.mkdir(parents=True)
    write_run(record, folder)
    return folder


def make_scored_lines(count: int, seed: int = 0) -> list[str]:
    """Lines in which words of WS-353 stand together the more often, the more alike they are."""
    rng = random.Random(seed)
    pairs = ws353()[0].pairs
    drawn = rng.choices(pairs, [pair.score**2 for pair in pairs], k=count)
    return [" ".join([pair.first, pair.second] * 2) for pair in drawn]
