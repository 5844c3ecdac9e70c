"""How Spark itself writes to S3: Hadoop's file system for it, and the commit protocol.

Which that is, Hadoop is asked (`FileSystem.getFileSystemClass`), not a release's name:

| class of `s3://` | where | commits |
| --- | --- | --- |
| none | Spark with the packages that `missing` names | S3A's magic committer, by `s3a://` |
| EMRFS | EMR up to 7.9 | EMR's own committer |
| S3A, with a commit protocol of its own | EMR from 7.10, and 8.x | that: MagicCommitProtocol |
| S3A | SageMaker's image | the magic committer if its classes are there, else renames by v1 |

The magic committer completes multipart uploads instead of renaming. FileOutputCommitter's algorithm
2, SageMaker's default, moves what a task wrote before the job is known to succeed: a task that dies
while it does leaves rows that its next attempt writes again. Algorithm 1 is slower and does not.
Sources: "Committing work to S3 with the S3A Committers" in Hadoop's documentation; EMR release
guide, "EMR Spark MagicCommitProtocol", "Migration Guide: EMRFS to S3A Filesystem".
"""

import logging

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.sql import SparkSession

from etl.publishing.output import Destination
from storage.errors import PackageMissingError
from storage.s3_client import S3Options

S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"
COMMIT_PROTOCOL = "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol"
PROTOCOL_KEY = "spark.sql.sources.commitProtocolClass"
KNOWN_PROTOCOLS = (
    COMMIT_PROTOCOL,
    "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol",
)
"""Ours, and what Spark has by itself; whoever sets another has a committer of their own."""

COMMIT_SETTINGS = {
    PROTOCOL_KEY: COMMIT_PROTOCOL,
    "spark.sql.parquet.output.committer.class": (
        "org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter"
    ),
}
COMMIT_OPTIONS = {
    "fs.s3a.committer.name": "magic",
    "fs.s3a.committer.magic.enabled": "true",
    # As Hadoop 3.4 does: 3.3 deletes markers of all parent folders with every file, in vain.
    "fs.s3a.directory.marker.retention": "keep",
    **dict.fromkeys(
        (f"mapreduce.outputcommitter.factory.scheme.{scheme}" for scheme in ("s3", "s3a")),
        "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory",
    ),
}
RENAME_OPTIONS = {"mapreduce.fileoutputcommitter.algorithm.version": "1"}
log = logging.getLogger(__name__)
PROVIDERS = {
    3: "com.amazonaws.auth.DefaultAWSCredentialsProviderChain",
    4: "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider",
}
"""The standard credential chain, by Hadoop's minor version: 3.4 moved to the SDK for Java 2."""

PROVIDER_KEY = "fs.s3a.aws.credentials.provider"
SSE_NAMES = {"AES256": "AES256", "aws:kms": "SSE-KMS"}
PACKAGES = {
    3: "org.apache.hadoop:hadoop-aws:3.3.4,org.apache.spark:spark-hadoop-cloud_2.12:3.5.8",
    4: "org.apache.hadoop:hadoop-aws:3.4.2,org.apache.spark:spark-hadoop-cloud_2.13:4.1.1",
}
"""What goes with Spark 3.5 and 4.1."""

EXCLUDE = (
    "org.apache.hadoop:hadoop-cloud-storage,org.apache.hadoop:hadoop-azure,"
    "org.apache.hadoop:hadoop-huaweicloud,com.google.cloud.bigdataoss:gcs-connector,"
    "org.apache.hadoop:hadoop-client-runtime,org.apache.hadoop:hadoop-client-api"
)
"""Other clouds, of which the first does not resolve, and what Spark has itself: 120 MB."""


def destination(
    spark: SparkSession, bucket: str, key: str, s3: S3Options, region: str
) -> Destination:
    """Where and how Spark writes below a prefix.

    Args:
        spark: which has to have a file system for S3.
        bucket: its name.
        key: what all keys begin with.
        s3: how to write.
        region: that an endpoint other than AWS's is to be addressed by.

    Raises:
        PackageMissingError: the session has no file system for S3, or S3A without its committer.
    """
    file_system, own = _file_system(spark), spark.conf.get(PROTOCOL_KEY) not in KNOWN_PROTOCOLS
    uri = f"s3://{bucket}/{key}"
    if file_system and file_system != S3A:
        return Destination(uri, emrfs_options(s3))
    if not file_system and not (_has_class(spark, S3A) and _has_class(spark, COMMIT_PROTOCOL)):
        raise PackageMissingError(missing(int(spark.version.split(".")[0])))
    options = s3a_options(s3, region)
    if own:
        return Destination(uri if file_system else f"s3a://{bucket}/{key}", options)
    if file_system and not _has_class(spark, COMMIT_PROTOCOL):
        log.warning("no committer for S3A: files are renamed, which is slow for large tables")
        return Destination(uri, options | RENAME_OPTIONS)
    options |= COMMIT_OPTIONS
    if file_system:
        return Destination(uri, options, COMMIT_SETTINGS)
    if PROVIDER_KEY not in spark.sparkContext.getConf().toDebugString():
        minor = int(spark._jvm.org.apache.hadoop.util.VersionInfo.getVersion().split(".")[1])  # type: ignore[union-attr]
        options[PROVIDER_KEY] = PROVIDERS[3 if minor < 4 else 4]
    return Destination(f"s3a://{bucket}/{key}", options, COMMIT_SETTINGS)


def missing(major: int) -> str:
    """What to tell who runs Spark `major` without S3A."""
    return (
        "this Spark can't write to S3: start spark-submit with "
        f"--packages {PACKAGES.get(major, PACKAGES[4])} --exclude-packages {EXCLUDE}"
    )


def s3a_options(s3: S3Options, region: str) -> dict[str, str]:
    """Hadoop's settings of S3A for the options."""
    options = {}
    if s3.endpoint_url:
        options["fs.s3a.endpoint"] = s3.endpoint_url
        options["fs.s3a.endpoint.region"] = region
        is_tls = s3.endpoint_url.startswith("https:")
        options["fs.s3a.connection.ssl.enabled"] = str(is_tls).lower()
    if s3.path_style:
        options["fs.s3a.path.style.access"] = "true"
    if s3.requester_pays:
        options["fs.s3a.requester.pays.enabled"] = "true"
    if s3.sse:
        options["fs.s3a.encryption.algorithm"] = SSE_NAMES[s3.sse]
    if s3.kms_key_id:
        options["fs.s3a.encryption.key"] = s3.kms_key_id
    return options


def emrfs_options(s3: S3Options) -> dict[str, str]:
    """The same for EMRFS (EMR management guide, "Specifying Amazon S3 encryption")."""
    options = {"fs.s3.enableServerSideEncryption": "true"} if s3.sse else {}
    if s3.kms_key_id:
        options["fs.s3.serverSideEncryption.kms.keyId"] = s3.kms_key_id
    if s3.requester_pays:
        options["fs.s3.useRequesterPaysHeader"] = "true"
    return options


def _file_system(spark: SparkSession) -> str:
    """Class of Hadoop's file system for `s3://`; empty if it has none."""
    java_spark = spark.sparkContext._jsc
    try:
        file_system = spark._jvm.org.apache.hadoop.fs.FileSystem  # type: ignore[union-attr]
        java_class = file_system.getFileSystemClass("s3", java_spark.hadoopConfiguration())
    except Py4JJavaError:  # UnsupportedFileSystemException
        return ""
    return str(java_class.getName())


def _has_class(spark: SparkSession, name: str) -> bool:
    lang = spark._jvm.java.lang  # type: ignore[union-attr]
    try:
        # The loader of the thread: it has what came by --packages.
        lang.Class.forName(name, False, lang.Thread.currentThread().getContextClassLoader())
    except Py4JJavaError:
        return False
    return True
