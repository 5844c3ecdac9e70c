"""Outputs of builds as `jobs/build_corpus.py --tables` leaves them, without Spark."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyspark.sql.pandas.types import to_arrow_schema

from etl.chain import Chain
from etl.cleaning.twins import Twin
from etl.counting.profile import Profile
from etl.ledger import Ledger
from etl.options import ChainOptions
from etl.spark.tables import TABLES
from quality.metrics import describe_corpus
from quality.repeated_lines import RepeatedLines
from schemas.rejects import REJECTS
from storage.files import read_bytes

SAMPLE = Path(__file__).parents[1] / "data" / "sample"

Files = list[tuple[str, bytes]]


def sample_files(number: int | None = None) -> Files:
    """The first files of the shipped sample."""
    return [(path.name, read_bytes(str(path))) for path in sorted(SAMPLE.glob("*.xml"))[:number]]


def write_output(
    folder: Path,
    files: Files,
    options: ChainOptions | None = None,
    twins: dict[tuple[int, int], Twin] | None = None,
    *,
    tables: Iterable[str] = ("posts", "sentences"),
    keep_text: bool = False,
    rows_a_file: int = 100_000,
) -> Path:
    """Builds an output from files, by the code that Spark's tasks run."""
    options, twins = options or ChainOptions(), twins or {}
    chain = Chain(options)
    parts = list(chain.build(files, keep_text, twins))
    ledger = Ledger.sum(part.ledger for part in parts)
    lines = b"".join(part.lines for part in parts)
    profile = Profile()
    for part in parts:
        profile.add_built(part)
    write(folder / "corpus" / "cleaned_sentences.csv", lines)
    for name in tables:
        table = TABLES[name]
        rows = list(table.rows(files, chain, twins))
        schema = to_arrow_schema(table.schema)
        columns = zip(*rows, strict=True) if rows else [[] for _ in schema.names]
        arrays = [pa.array(list(c), f.type) for c, f in zip(columns, schema, strict=True)]
        partitions = pa.schema([schema.field(column) for column in table.partitions])
        ds.write_dataset(
            pa.Table.from_arrays(arrays, schema=schema), folder / name, format="parquet",
            partitioning=ds.partitioning(partitions, flavor="hive"),
            max_rows_per_file=rows_a_file, max_rows_per_group=min(rows_a_file, 10_000),
        )  # fmt: skip
    write_rejects(folder, [reject._asdict() for part in parts for reject in part.rejects])
    repeated = RepeatedLines()
    repeated.add(profile.hashes())
    metrics = describe_corpus(
        profile.lines, profile.tokens(), repeated, [("tiger", "cat")],
        posts=profile.posts, ledger=ledger,
    )  # fmt: skip
    corpus = {**metrics["corpus"], "sha256": hashlib.sha256(lines).hexdigest()}
    manifest = {
        "entries": [*tables, "rejects", "report", "manifest.json", "corpus"],
        "options": {
            "keep_apostrophes": options.keep_apostrophes,
            "fold_diacritics": options.fold_diacritics,
            "min_tokens": options.min_tokens,
        },
        "corpus": corpus,
        "ledger": ledger.nested(),
    }
    write(folder / "manifest.json", json.dumps(manifest).encode())
    write(folder / "report" / "metrics.json", json.dumps(metrics).encode())
    return folder


def write_rejects(folder: Path, rows: list[dict[str, Any]]) -> None:
    """The one file of what was dropped."""
    table = pa.Table.from_pylist(rows, schema=to_arrow_schema(REJECTS))
    (folder / "rejects").mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / "rejects" / "rejects.parquet")


def write(path: Path, data: bytes) -> None:
    """A file in a folder that may be new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
