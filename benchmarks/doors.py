"""The build from the zip beside builds from the forms in which other people have the same posts.

Each round builds once from each form, in one session that is warm. Rows are in file order, texts
decoded as the build does and not repaired; the corpora have to be the same. Run as `python -m
benchmarks.doors`.
"""

import argparse
import csv
import json
import shutil
import statistics
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.environment import MASTER, prepare_session
from benchmarks.processes import Cost, cost
from benchmarks.real_posts import SAMPLE, choose_files
from benchmarks.report import setting, spread, table, verdict
from etl.build import run
from etl.options import BuildOptions
from etl.spark.session import start_session
from etl.text.blogs import open_blog, read_blogger
from etl.text.markup import cut_file
from schemas.output import CORPUS_FILE

COLUMNS = ("id", "gender", "age", "topic", "sign", "date", "text")
EVERYTHING = 2**40
GOAL = 1.1
ZIP = "the zip"


def rows(archive: Path) -> Iterator[tuple[str, ...]]:
    """One row per post, with the columns of `COLUMNS`."""
    for name, data in choose_files(archive, EVERYTHING):
        blogger, file = read_blogger(name), open_blog(name, data)
        if blogger and not isinstance(file, str):
            for raw, text in zip(cut_file(data).posts, file.raw_texts(), strict=True):
                yield (*map(str, blogger), raw.date.decode("utf-8", "replace").strip(), text)


def write_csv(archive: Path, target: Path) -> None:
    """As pandas writes it: quotes where they are needed, LF."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows(archive))


def write_jsonl(archive: Path, target: Path) -> None:
    """One object per line."""
    with target.open("w", encoding="utf-8") as file:
        for row in rows(archive):
            file.write(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n")


def write_parquet(archive: Path, target: Path) -> None:
    """Row groups of 5,000 rows."""
    columns = zip(*rows(archive), strict=True)
    made = pa.table({key: list(values) for key, values in zip(COLUMNS, columns, strict=True)})
    pq.write_table(made, target, row_group_size=5000)


def write_tar(archive: Path, target: Path) -> None:
    """The files of the zip."""
    mode = "w:gz" if target.suffix == ".gz" else "w"
    with tempfile.TemporaryDirectory() as folder, tarfile.open(target, mode) as tar:  # type: ignore[call-overload]
        shutil.unpack_archive(archive, folder)
        tar.add(folder, arcname="blogs")


WRITERS: dict[str, Callable[[Path, Path], None]] = {
    "blogs.tar": write_tar,
    "blogs.tar.gz": write_tar,
    "blogtext.csv": write_csv,
    "blogs.jsonl": write_jsonl,
    "blogs.parquet": write_parquet,
}


def measure(
    archive: Path, scratch: Path, rounds: int, forms: Sequence[str]
) -> dict[str, list[Cost]]:
    """What a build from each form took, round by round, after one that warms up."""
    sources = {ZIP: archive} | {name: scratch / name for name in forms}
    for name in forms:
        WRITERS[name](archive, scratch / name)
    spark, output = start_session("benchmark"), scratch / "output"
    costs: dict[str, list[Cost]] = {name: [] for name in sources}
    corpora = set()
    for _ in range(rounds + 1):
        for name, source in sources.items():
            options = BuildOptions(str(source.resolve()), output)
            costs[name].append(cost(lambda options=options: run(options, lambda: spark)))  # type: ignore[misc]
            corpora.add((output / CORPUS_FILE).read_bytes())
            shutil.rmtree(output)
    spark.stop()
    assert len(corpora) == 1
    return {name: taken[1:] for name, taken in costs.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="the build from each form of the same posts")
    parser.add_argument("--input", type=Path, default=SAMPLE, help="zip of blogs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--forms", nargs="+", choices=WRITERS, default=[*WRITERS])
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()))
    options = parser.parse_args()
    prepare_session()
    print(setting(["pyspark", "pyarrow", "numpy"]), end="\n\n")
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        costs = measure(options.input, Path(scratch), options.rounds, options.forms)
    shown = []
    for name, taken in costs.items():
        ratio = [ours.wall / theirs.wall for ours, theirs in zip(taken, costs[ZIP], strict=True)]
        cpu = [ours.cpu / theirs.cpu for ours, theirs in zip(taken, costs[ZIP], strict=True)]
        met = verdict(statistics.median(ratio), GOAL, at_most=True)
        shown.append([name, spread(ratio, digits=2), spread(cpu, digits=2), f"at most {GOAL}", met])
    print(f"{MASTER}, one session, warm, {options.rounds} rounds; median (range):\n")
    print(table(["from", "wall, × the zip's", "CPU", "goal", ""], shown))


if __name__ == "__main__":
    main()
