"""The sample in the other forms in which people have the corpus, by libraries of their own.

Run as `python -m benchmarks.doors FOLDER`: writes `blogtext.csv`, `blogs.parquet` and `blogs.jsonl`
of the sample there, rows in file order, texts decoded as the build does and not repaired.
"""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.real_posts import SAMPLE, choose_files
from etl.text.blogs import open_blog, read_blogger
from etl.text.markup import cut_file

HEADER = ("id", "gender", "age", "topic", "sign", "date", "text")


def rows(archive: Path) -> Iterator[tuple[str, ...]]:
    """One row per post, with the columns of `HEADER`."""
    for name, data in choose_files(archive, 2**40):
        blogger = read_blogger(name)
        file = open_blog(name, data)
        if blogger and not isinstance(file, str):
            for raw, text in zip(cut_file(data).posts, file.raw_texts(), strict=True):
                yield (*map(str, blogger), raw.date.decode("utf-8", "replace").strip(), text)


def write_csv(archive: Path, target: Path) -> None:
    """As pandas writes it: quotes where they are needed, LF."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows(archive))


def write_jsonl(archive: Path, target: Path) -> None:
    """One object a line."""
    with target.open("w", encoding="utf-8") as file:
        for row in rows(archive):
            file.write(json.dumps(dict(zip(HEADER, row, strict=True))) + "\n")


def write_parquet(archive: Path, target: Path) -> None:
    """Row groups of 5,000 rows."""
    columns = zip(*rows(archive), strict=True)
    table = pa.table({key: list(values) for key, values in zip(HEADER, columns, strict=True)})
    pq.write_table(table, target, row_group_size=5000)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(SAMPLE, folder / "blogtext.csv")
    write_jsonl(SAMPLE, folder / "blogs.jsonl")
    write_parquet(SAMPLE, folder / "blogs.parquet")
