"""The tables of an output in memory, for pandas: what lies beside a row becomes its columns."""

from collections.abc import Mapping

import pandas as pd  # type: ignore[import-untyped]
import pyarrow as pa

from etl.chain import Chain
from quality.tables import Output, open_dataset

POST_KEY = ["blogger_id", "post_ordinal"]
STRING = pd.StringDtype("pyarrow", na_value=pd.NA)
TYPES = {
    pa.int64(): pd.Int64Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.string(): STRING,
    pa.date32(): pd.ArrowDtype(pa.date32()),
}
"""As `quality.expectations.suites.PANDAS_TYPES` calls them."""

NORMALIZED_ROWS = 20_000
"""Sentences that are normalized once more, evenly spread."""


def read_tables(output: Output, names: list[str]) -> dict[str, pd.DataFrame]:
    """Tables with the columns of their schemas, and those that are worked out."""
    tables = {
        name: open_dataset(output, name).to_table().to_pandas(types_mapper=TYPES.get)
        for name in names
    }
    relate(tables, output)
    tables["ledger"] = pd.DataFrame([*output.ledger.items()], columns=["key", "count"]).astype(
        {"key": STRING, "count": "Int64"}
    )
    return tables


def relate(tables: Mapping[str, pd.DataFrame], output: Output) -> None:
    """Adds the columns that are worked out, where the table beside it is there."""
    posts, sentences = tables.get("posts"), tables.get("sentences")
    if sentences is not None:
        sentences["line_words"] = (sentences["line"].str.count(" ") + 1).astype("Int32")
        lengths = sentences["line"].map(lambda line: len(line.encode()) + 1, na_action="ignore")
        sentences["line_bytes"] = lengths.astype("Int64")
        sentences["line_again"] = _normalized(sentences["sentence"], Chain(output.chain))
    if posts is not None:
        posts["year"] = posts["date"].dt.year.astype("Int32")
        decades = posts["age"] // 10 * 10
        posts["age_decade"] = decades.astype(STRING) + "s"
    if posts is not None and sentences is not None:
        keyed = posts.groupby(POST_KEY, sort=False).agg(
            post_rows=("text", "size"),
            post_sentences=("sentences", "first"),
            post_gender=("gender", "first"),
            post_age_group=("age_group", "first"),
        )
        of_posts = sentences[POST_KEY].join(keyed, on=POST_KEY)
        for column in keyed:
            sentences[column] = of_posts[column]
        sentences["post_rows"] = sentences["post_rows"].fillna(0).astype("Int32")
        posts["sentence_rows"] = _rows_with(posts, sentences, POST_KEY)
    if "rejects" in tables:
        rejects = tables["rejects"]
        _relate_rejects(rejects, posts, sentences)
        counts = {(stage, reason): number for stage, reason, number in output.reason_counts()}
        keys = list(zip(rejects["stage"], rejects["reason"], strict=True))
        rejects["reason_count"] = pd.array([counts.get(key, 0) for key in keys], "Int64")
        present = pd.Series(keys, dtype=object).value_counts()
        rejects["reason_rows"] = pd.array([present[key] for key in keys], "Int64")


def _relate_rejects(
    rejects: pd.DataFrame, posts: pd.DataFrame | None, sentences: pd.DataFrame | None
) -> None:
    """Rows of what was kept that have the key of what was dropped."""
    key = [*POST_KEY, "sentence_ordinal"]
    kept = pd.Series(0, index=rejects.index, dtype="Int32")
    if posts is not None:
        is_post = (rejects["stage"] == "post").fillna(False)
        kept = kept.mask(is_post, _rows_with(rejects, posts, POST_KEY))
    if sentences is not None:
        is_sentence = (rejects["stage"] == "sentence").fillna(False)
        kept = kept.mask(is_sentence, _rows_with(rejects, sentences, key))
    rejects["kept_rows"] = kept


def _rows_with(table: pd.DataFrame, other: pd.DataFrame, key: list[str]) -> pd.Series:
    """Rows of another table with the key of each row."""
    counts = other.groupby(key, sort=False).size().rename("rows")
    return table[key].join(counts, on=key)["rows"].fillna(0).astype("Int32")


def _normalized(sentences: pd.Series, chain: Chain) -> pd.Series:
    """Some sentences as lines; null for the others."""
    some = sentences.iloc[:: max(1, len(sentences) // NORMALIZED_ROWS)].dropna()
    return some.map(chain.normalize).astype(STRING).reindex(sentences.index)
