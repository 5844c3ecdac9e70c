"""The tables of an output, and what its ledger says of them: what `jobs/check_corpus.py` opens."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
from pyspark.sql.types import StructType

from etl.ledger import Ledger
from etl.options import ChainOptions
from schemas.contract import discrepancies
from schemas.output import MANIFEST, METRICS
from schemas.posts import PARTITIONS, POSTS
from schemas.rejects import REJECTS
from schemas.sentences import SENTENCES
from storage.errors import describe_os_error

SCHEMAS = {"posts": POSTS, "sentences": SENTENCES, "rejects": REJECTS}
"""Folder of an output → columns of its table."""

SHOWN_PROBLEMS = 3


@dataclass(frozen=True)
class Output:
    """An output of a build on this machine.

    Attributes:
        folder: of the output.
        manifest: of the build.
    """

    folder: Path
    manifest: Mapping[str, Any]

    @classmethod
    def find(cls, folder: Path, manifest: Mapping[str, Any]) -> "Output | None":
        """The output in a folder; None where its manifest has no ledger to hold tables to."""
        is_output = (folder / MANIFEST).is_file() and "ledger" in manifest
        return cls(folder, manifest) if is_output else None

    @property
    def tables(self) -> list[str]:
        """Tables that its build has published."""
        return [name for name in SCHEMAS if name in self.manifest.get("entries", ())]

    @cached_property
    def ledger(self) -> Ledger:
        """Of the build."""
        return Ledger.of_nested(self.manifest["ledger"])

    @property
    def counts(self) -> dict[str, int]:
        """Rows of the tables of what was kept, by the ledger."""
        keys = {"posts": "posts.kept", "sentences": "sentences.written"}
        return {name: self.ledger[key] for name, key in keys.items() if name in self.tables}

    @property
    def rows(self) -> int:
        """Of all of them."""
        return sum(self.counts.values())

    @property
    def chain(self) -> ChainOptions:
        """What its lines were normalized with."""
        options = self.manifest.get("options", {})
        known = ("fold_diacritics", "keep_apostrophes", "min_tokens")
        return ChainOptions(**{name: options[name] for name in known if name in options})

    @property
    def metrics(self) -> Mapping[str, Any]:
        """That its build has measured; empty where it has not."""
        path = self.folder / METRICS
        return json.loads(path.read_bytes()) if path.is_file() else {}

    def reason_counts(self) -> Iterator[tuple[str, str, int]]:
        """(stage, reason, number) of all that was dropped."""
        for stage in ("file", "post", "sentence", "stray"):
            for reason, number in self.ledger.branch(f"{stage}s.rejected").items():
                yield stage, reason, number

    def parameters(self) -> dict[str, float]:
        """What suites ask of the ledger, by the names of `quality.checks.row_check.ledger`."""
        counts: dict[str, float] = {key.replace(".", "_"): n for key, n in self.ledger.items()}
        asked = ("posts_kept", "sentences_found", "sentences_written")
        counts = dict.fromkeys((*asked, "tokens_written", "bytes_written"), 0.0) | counts
        stages = ("files", "posts", "sentences", "strays")
        rejected = {stage: self.ledger.count(f"{stage}.rejected") for stage in stages}
        counts |= {f"{stage}_rejected": number for stage, number in rejected.items()}
        dated = self.ledger["dates.read"] - rejected["posts"]
        share = dated / self.ledger["posts.kept"] if self.ledger["posts.kept"] else 0
        return counts | {"rejected": sum(rejected.values()), "dates_share": max(0.0, share)}


def open_dataset(output: Output, name: str) -> ds.Dataset:
    """A table as Arrow reads it, partitions included."""
    schema, folder = SCHEMAS[name], output.folder / name
    partitions = [field for field in to_arrow_schema(schema) if field.name in PARTITIONS]
    hive = ds.partitioning(pa.schema(partitions), flavor="hive") if partitions else None
    return ds.dataset(folder, format="parquet", partitioning=hive, exclude_invalid_files=False)


def schema_problems(output: Output, name: str) -> str:
    """In what a file of a table breaks its schema, or why it can't be read; empty if nothing."""
    try:
        dataset, partitions = open_dataset(output, name), {*PARTITIONS} & {*SCHEMAS[name].names}
        expected = StructType([field for field in SCHEMAS[name] if field.name not in partitions])
        for fragment in dataset.get_fragments():
            if problems := discrepancies(from_arrow_schema(fragment.physical_schema), expected):
                shown = "; ".join(problems[:SHOWN_PROBLEMS])
                return f"{Path(fragment.path).relative_to(output.folder.absolute())}: {shown}"
    except OSError as error:
        return f"{name}/ {describe_os_error(error)}"
    except (pa.ArrowException, ValueError) as error:
        return str(error).splitlines()[0]
    return ""
