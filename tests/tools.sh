#!/usr/bin/env bash
# Fetches, once, what the tests of S3 need beyond .venv, into .tools: a real S3 server, built from
# the Go module proxy where Go is installed, and Hadoop's S3A for Spark. Without them tests use
# moto's server, and leave out those in which Spark itself writes to S3; pytest's header says so.
# Usage: test_tools.sh [VENV]
set -euo pipefail

readonly VERSITYGW=github.com/versity/versitygw/cmd/versitygw@v1.8.0

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
venv=${1:-.venv}
mkdir -p .tools

say() { printf 'test tools: %s\n' "$*" >&2; }

# attempt LABEL COMMAND…: one line, whatever comes of it; tests go on without.
attempt() {
    local label=$1 start=$SECONDS
    shift
    if "$@" >.tools/test-tools.log 2>&1; then
        say "$label ($((SECONDS - start)) s)"
    else
        say "not $label: $(grep -v '^$' .tools/test-tools.log | tail -n 1)"
    fi
}

build_server() {
    GOBIN=$PWD/.tools/bin.part GOFLAGS=-trimpath go install "$VERSITYGW"
    mkdir -p .tools/bin
    mv .tools/bin.part/versitygw .tools/bin/versitygw
}

# Spark resolves the packages as it does for a user of --packages, into a folder of its own.
fetch_jars() {
    local packages exclude ivy=$PWD/.tools/ivy
    packages=$("$venv/bin/python" -c "from etl.publishing.hadoop_s3 import PACKAGES as p; print(p[${spark%%.*}])")
    exclude=$("$venv/bin/python" -c 'from etl.publishing.hadoop_s3 import EXCLUDE; print(EXCLUDE)')
    printf 'import pyspark.sql\npyspark.sql.SparkSession.builder.getOrCreate().stop()\n' \
        >.tools/nothing.py
    SPARK_HOME=$venv/spark JAVA_HOME=$venv/java SPARK_LOCAL_IP=127.0.0.1 \
        PYSPARK_PYTHON=$venv/bin/python "$venv/bin/spark-submit" --master 'local[1]' \
        --conf "spark.jars.ivy=$ivy" --conf spark.ui.enabled=false \
        --packages "$packages" --exclude-packages "$exclude" .tools/nothing.py
    rm -rf "$jars.part"
    mkdir -p "$jars.part"
    ln "$ivy"/jars/*.jar "$jars.part"
    rm -rf "$ivy/jars" "$jars"
    mv "$jars.part" "$jars"
}

if [ ! -x .tools/bin/versitygw ] && command -v go >/dev/null; then
    attempt "built versitygw, an S3 server" build_server
fi

case $venv in /*) ;; *) venv=$PWD/$venv ;; esac
spark=$("$venv/bin/python" -c 'import pyspark; print(pyspark.__version__[:3])')
jars=$PWD/.tools/jars-$spark
if [ ! -d "$jars" ]; then
    attempt "fetched Hadoop's S3A for Spark $spark" fetch_jars
fi
