"""The Glue tables of deploy/cloudformation.yaml, from the schemas of what `--tables` writes.

    python -m deploy.tables

prints that part of the template. Partitions are projected: Athena works their folders out, so that
nobody has to add them (`MSCK REPAIR TABLE`) after a build. Source: Athena user guide, "Partition
projection".
"""

import sys
from collections.abc import Sequence

from pyspark.sql.types import StructType

from schemas.output import POSTS, SENTENCES
from schemas.posts import PARTITIONS
from schemas.posts import POSTS as POSTS_COLUMNS
from schemas.sentences import SENTENCES as SENTENCES_COLUMNS

TABLES = {POSTS: POSTS_COLUMNS, SENTENCES: SENTENCES_COLUMNS}
UNKNOWN = "__HIVE_DEFAULT_PARTITION__"
"""What Spark calls the folder of rows without a value."""

VALUES = {
    "gender": ("female", "male", UNKNOWN),
    "age_group": (*(f"{decade}0s" for decade in range(1, 10)), UNKNOWN),
}
FORMAT = "org.apache.hadoop.hive.ql.io.parquet"


def main() -> int:
    """Prints the tables."""
    print("\n".join(table(name, columns) for name, columns in TABLES.items()), end="")
    return 0


def table(name: str, columns: StructType) -> str:
    """A resource of the template.

    Args:
        name: of the table, and of its folder in the output.
        columns: with the partitions.
    """
    data = [field.name for field in columns if field.name not in PARTITIONS]
    location = f"s3://${{BucketName}}/${{CorpusPrefix}}/{name}"
    folders = "/".join(f"{key}=${{!{key}}}" for key in PARTITIONS)
    projections = [
        line
        for key in PARTITIONS
        for line in (
            f"          projection.{key}.type: enum",
            f'          projection.{key}.values: "{",".join(VALUES[key])}"',
        )
    ]
    lines = [
        f"  {name.title()}Table:",
        "    Type: AWS::Glue::Table",
        "    Condition: MakesTables",
        "    Properties:",
        "      CatalogId: !Ref AWS::AccountId",
        "      DatabaseName: !Ref Database",
        "      TableInput:",
        f"        Name: {name}",
        "        TableType: EXTERNAL_TABLE",
        "        Parameters:",
        "          classification: parquet",
        '          projection.enabled: "true"',
        *projections,
        f'          storage.location.template: !Sub "{location}/{folders}/"',
        "        PartitionKeys:",
        *_columns(columns, PARTITIONS, "          "),
        "        StorageDescriptor:",
        f'          Location: !Sub "{location}/"',
        f"          InputFormat: {FORMAT}.MapredParquetInputFormat",
        f"          OutputFormat: {FORMAT}.MapredParquetOutputFormat",
        "          SerdeInfo:",
        f"            SerializationLibrary: {FORMAT}.serde.ParquetHiveSerDe",
        "          Columns:",
        *_columns(columns, data, "            "),
    ]
    return "\n".join([*lines, ""])


def _columns(columns: StructType, names: Sequence[str], indent: str) -> list[str]:
    """Athena's names of types are Spark's (`simpleString`)."""
    types = {name: columns[name].dataType.simpleString() for name in names}
    return [f"{indent}- {{Name: {name}, Type: {kind}}}" for name, kind in types.items()]


if __name__ == "__main__":
    sys.exit(main())
