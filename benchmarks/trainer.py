"""The local trainer against a bare gensim script, each in a process of its own.

python -m benchmarks.trainer CORPUS [--epochs N] [--workers N] [--rounds N]

Both read the same file with the same parameters (the reference preset's). Words/s are tokens times
epochs by the seconds of the whole training, counting words included; evaluation, packing and
imports are left out of both. Rounds alternate, so that a busy machine slows both.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.report import setting, spread, table, verdict

MIB = 2**20
FEWEST_SPEED, MOST_MEMORY = 1.0, 1.1
"""Goals, against the bare script: words/s at least the same, peak memory within 10 %."""

BARE = """
import json, resource, sys, time
from gensim.models import Word2Vec
path, epochs, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
start = time.perf_counter()
model = Word2Vec(corpus_file=path, sg=1, hs=0, vector_size=100, window=5, min_count=40, sample=1e-4,
                 negative=5, alpha=0.05, min_alpha=5e-6, seed=1, workers=workers, epochs=epochs)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([model.corpus_total_words * epochs / seconds, peak]))
"""
OURS = """
import json, sys
from embeddings.corpus.corpus_file import find_corpus
from embeddings.training.hyperparameters import Hyperparameters
from embeddings.training.local_trainer import train
path, epochs, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
trained = train(find_corpus(path), Hyperparameters.of({"epochs": epochs}, "reference"),
                workers=workers)
seconds = trained.scan_seconds + trained.training_seconds
print(json.dumps([trained.facts.words * epochs / seconds, trained.peak_memory_bytes]))
"""
SCRIPTS = {"bare gensim": BARE, "local trainer": OURS}


def main() -> None:
    given = parse()
    results: dict[str, list[list[float]]] = {name: [] for name in SCRIPTS}
    for number in range(given.rounds):
        # Whoever runs second finds the file in the cache and perhaps another load.
        names = list(SCRIPTS) if number % 2 == 0 else list(reversed(SCRIPTS))
        for name in names:
            results[name].append(measure(SCRIPTS[name], given))
    print(setting(["gensim", "numpy"]))
    print(f"{given.epochs} epochs, {given.workers} workers, {given.rounds} rounds.\n")
    speeds = {name: [speed / 1000 for speed, _ in rounds] for name, rounds in results.items()}
    peaks = {name: [peak / MIB for _, peak in rounds] for name, rounds in results.items()}
    rows = [[name, spread(speeds[name], 0), spread(peaks[name], 0)] for name in SCRIPTS]
    print(table(["", "thousand words/s", "peak memory, MiB"], rows))
    faster = max(speeds["local trainer"]) / max(speeds["bare gensim"])
    bigger = max(peaks["local trainer"]) / max(peaks["bare gensim"])
    print(f"\nbest speed {faster:.2f} of the bare script's: {verdict(faster, FEWEST_SPEED)}")
    print(f"peak memory {bigger:.2f} of it: {verdict(bigger, MOST_MEMORY, at_most=True)}")


def measure(script: str, given: argparse.Namespace) -> list[float]:
    """Words a second, and the peak of resident memory in bytes, of one run."""
    arguments = [str(given.corpus), str(given.epochs), str(given.workers)]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    figures: list[float] = json.loads(done.stdout)
    return figures


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The local trainer against bare gensim.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
