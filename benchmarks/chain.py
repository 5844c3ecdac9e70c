"""CPU seconds of the whole chain, bytes of files → lines, beside other splitters in one run.

The competitors get the same parsing and a plain normalization. Each round runs all of them over the
same files, one after the other, and their ratios are taken within the round, so that a machine that
slows down slows both sides. Slow ones get fewer files, and so does the chain that they are compared
with. Run as `python -m benchmarks.chain`.
"""

import argparse
import gc
import re
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.competitors import BLINGFIRE, SENTENCEX, SPACY, Split
from benchmarks.real_posts import SAMPLE, File, choose_files, post_texts
from benchmarks.report import MEGABYTE, setting, spread, table, verdict
from etl.chain import Chain
from etl.options import ChainOptions
from etl.text.blogs import read_posts

NOT_WORD = re.compile(r"[\W_]+")
Run = Callable[[], object]
Seconds = dict[str, list[float]]
"""CPU seconds of each competitor, one per round."""

CHAIN = "blazing-corpus"
SPLIT_ONLY = "sentencex, splitting alone"


class Goal(NamedTuple):
    """A competitor that the chain is to be faster than.

    Attributes:
        rival: its name in the tables.
        times: how many times as fast the chain should be.
    """

    rival: str
    times: float


def fast_runs(files: list[File]) -> dict[str, Run]:
    """What runs over many files."""
    chain, sentencex, blingfire = Chain(ChainOptions()), SENTENCEX.load(), BLINGFIRE.load()
    texts = post_texts(files)
    return {
        CHAIN: lambda: fused(chain, files),
        "parsing alone": lambda: [None for _, data in files for _ in read_posts(data)],
        SPLIT_ONLY: lambda: [None for text in texts if sentencex(text)],
        "sentencex": lambda: plain(sentencex, files),
        "BlingFire": lambda: plain(blingfire, files),
        "the specification": lambda: plain(chain.split, files, chain.normalize),
    }


def slow_runs(files: list[File]) -> dict[str, Run]:
    """What runs over few files, with the chain over just these beside it."""
    chain, spacy = Chain(ChainOptions()), SPACY.load()
    return {
        CHAIN: lambda: fused(chain, files),
        "spaCy sentencizer": lambda: plain(spacy, files),
    }


FAST_GOALS = (Goal("BlingFire", 6), Goal("sentencex", 3.5), Goal(SPLIT_ONLY, 0.8))
SLOW_GOALS = (Goal("spaCy sentencizer", 25),)


def fused(chain: Chain, files: list[File]) -> bytes:
    """The chain as the Spark job calls it."""
    return b"".join(built.lines for built in chain.build(files))


def one_regex(sentence: str) -> str:
    """A plain normalization."""
    return NOT_WORD.sub(" ", sentence.lower()).strip()


def plain(split: Split, files: list[File], normalize: Callable[[str], str] = one_regex) -> bytes:
    """The same parsing, a splitter, and a normalization, sentence by sentence."""
    blocks = []
    for _, data in files:
        sentences = (sentence for post in read_posts(data) for sentence in split(post.text))
        lines = map(normalize, sentences)
        blocks.append("".join(f"{line}\n" for line in lines if line).encode())
    return b"".join(blocks)


def measure(runs: dict[str, Run], rounds: int) -> Seconds:
    """CPU seconds of each run, all of them once a round, after one round that warms up."""
    seconds: Seconds = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            gc.collect()
            start = time.process_time()
            run()
            if number:
                seconds[name].append(time.process_time() - start)
    return seconds


def speed_rows(seconds: Seconds, size: int) -> list[list[str]]:
    """Speed of each competitor, and the chain's against it, round by round."""
    megabytes = size / MEGABYTE
    return [
        [
            name,
            spread([megabytes / duration for duration in taken]),
            f"{statistics.median(taken) / megabytes * 1000:.1f}",
            spread(ratios(seconds, name), digits=2),
        ]
        for name, taken in seconds.items()
    ]


def ratios(seconds: Seconds, rival: str) -> list[float]:
    """How many times as fast as the rival the chain was, one per round."""
    return [theirs / ours for theirs, ours in zip(seconds[rival], seconds[CHAIN], strict=True)]


def goal_rows(seconds: Seconds, goals: Sequence[Goal]) -> list[list[str]]:
    """The goals that these runs can tell of."""
    rows = []
    for rival, times in goals:
        speedup = statistics.median(ratios(seconds, rival))
        rows.append([f"against {rival}", f"{times:g}", f"{speedup:.2f}", verdict(speedup, times)])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="speed of the chain and of other splitters")
    parser.add_argument("--input", type=Path, default=SAMPLE, help="zip of blogs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=20, help="of files, for the fast ones")
    parser.add_argument("--spacy-megabytes", type=int, default=5, help="of files, for spaCy")
    options = parser.parse_args()
    files = choose_files(options.input, options.megabytes * MEGABYTE)
    few = choose_files(options.input, options.spacy_megabytes * MEGABYTE)
    print(setting(["numpy", "spacy", "blingfire", "sentencex"]), end="\n\n")
    chain = Chain(ChainOptions())
    if fused(chain, files) != plain(chain.split, files, chain.normalize):
        raise SystemExit("the chain's lines are not the specification's")

    header = ["competitor", "MB a CPU second", "CPU ms a MB", "the chain is so many times as fast"]
    goals = []
    for runs, chosen, aims in (
        (fast_runs(files), files, FAST_GOALS),
        (slow_runs(few), few, SLOW_GOALS),
    ):
        size = sum(len(data) for _, data in chosen)
        seconds = measure(runs, options.rounds)
        print(f"{len(chosen)} files, {size:,} bytes, {options.rounds} rounds; median (range):\n")
        print(table(header, speed_rows(seconds, size)), end="\n\n")
        goals += goal_rows(seconds, aims)
    print(table(["the chain", "goal, times", "found", ""], goals))


if __name__ == "__main__":
    main()
