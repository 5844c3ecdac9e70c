#!/usr/bin/env bash
# Makes .venv: the locked packages, this project in editable mode, and links to Spark and Java.
# Called by `make setup`; `make test-spark35` has it make .venv-spark35 in the same way, and `make
# test-airflow` .venv-airflow, which has no Spark and so needs no Java. It writes to the project's
# folder only; the one exception is Java, which root on Debian or Ubuntu gets installed by apt-get
# where it is missing.
set -euo pipefail

readonly MIN_PYTHON_MINOR=11 MAX_PYTHON_MINOR=13 # Python 3.x, as in pyproject.toml
readonly MIN_UV_MINOR=9                          # uv 0.x, as in pyproject.toml
readonly MIN_JAVA=17

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
# all: the whole of it; corpus: what a build takes, unless the whole of it is there already;
# spark35: the whole with Spark 3.5; airflow: Airflow and nothing else;
# uv: only print the path of a usable uv;
# uv ARGUMENT…: run that uv, with the settings that pip has here
mode=${1:-all}
case $mode in
    spark35) VENV=.venv-spark35 LOCK=requirements/spark35.lock ;;
    airflow) VENV=.venv-airflow LOCK=requirements/airflow.lock ;;
    *) VENV=.venv LOCK=requirements/all.lock ;;
esac
with_spark=yes
if [ "$mode" = airflow ]; then with_spark=; fi
readonly STAMP=$VENV/.setup-stamp
if [ "$mode" = corpus ] && ! grep -qsx corpus "$STAMP" && grep -qsxF -- "$PWD" "$STAMP"; then
    mode=all
fi
readonly mode with_spark VENV LOCK

# Whatever is active in the caller's shell is not ours to read from or to change.
unset VIRTUAL_ENV CONDA_PREFIX PYTHONHOME PYTHONPATH PIP_TARGET PIP_USER PIP_PREFIX
unset PIP_REQUIRE_VIRTUALENV PIP_CONSTRAINT UV_CONSTRAINT UV_OVERRIDE UV_PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_NO_CACHE_DIR=1
export UV_CACHE_DIR=${UV_CACHE_DIR:-$PWD/.tools/cache} UV_PYTHON_DOWNLOADS=never

say() { printf 'setup: %s\n' "$*" >&2; }
die() {
    printf 'setup: error: %s\n' "$*" >&2
    exit 1
}

# run LABEL COMMAND…: one line with the seconds it took; the command's output only if it fails.
run() {
    local label=$1 start=$SECONDS log
    shift
    mkdir -p .tools
    log=.tools/setup.log
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        die "$label failed"
    fi
    say "$label ($((SECONDS - start)) s)"
}

# What the environment was made from, and where: a copied .venv holds the old place's paths.
stamp() {
    cat "$LOCK" pyproject.toml requirements/setup.sh | cksum
    pwd
    if [ "$mode" = corpus ]; then echo corpus; fi
}

is_current() {
    [ -x "$VENV/bin/python" ] && [ -f "$STAMP" ] && [ "$(stamp)" = "$(cat "$STAMP")" ] &&
        { [ -z "$with_spark" ] || { [ -x "$VENV/java/bin/java" ] && [ -d "$VENV/spark/" ]; }; }
}

# The interpreter itself: a pyenv shim may be on the PATH and still run nothing.
find_python() {
    local name path probe
    probe="import sys
if not (3, $MIN_PYTHON_MINOR) <= sys.version_info[:2] <= (3, $MAX_PYTHON_MINOR): sys.exit(1)
print(getattr(sys, '_base_executable', '') or sys.executable)"
    for name in python3.11 python3 python3.12 python3.13; do
        if path=$("$name" -c "$probe" 2>/dev/null) && [ -x "$path" ]; then
            printf '%s\n' "$path"
            return
        fi
    done
    die "no Python 3.$MIN_PYTHON_MINOR to 3.$MAX_PYTHON_MINOR on the PATH" \
        "(python3 is $(python3 --version 2>/dev/null || echo missing))"
}

is_recent_uv() {
    local version
    version=$("$1" --version 2>/dev/null) || return 1
    [[ $version =~ ^uv\ ([0-9]+)\.([0-9]+)\. ]] || return 1
    ((BASH_REMATCH[1] > 0 || BASH_REMATCH[2] >= MIN_UV_MINOR))
}

# install_uv PYTHON: the pinned uv in .tools, by venv, or by pip alone where ensurepip is missing.
install_uv() {
    local python=$1
    rm -rf .tools/uv
    if "$python" -m venv .tools/uv >/dev/null 2>&1; then
        .tools/uv/bin/python -m pip install --quiet --require-hashes -r requirements/uv-pin.txt
    elif "$python" -m pip --version >/dev/null 2>&1; then
        rm -rf .tools/uv
        "$python" -m pip install --quiet --require-hashes --target .tools/uv -r requirements/uv-pin.txt
    else
        echo "neither venv nor pip works for $python (on Debian: apt-get install python3-venv)"
        return 1
    fi
}

# find_uv PYTHON: sets uv.
find_uv() {
    local candidate
    for candidate in uv "$PWD/.tools/uv/bin/uv"; do
        if is_recent_uv "$candidate"; then
            uv=$candidate
            return
        fi
    done
    run "installed uv in .tools" install_uv "$1"
    uv=$PWD/.tools/uv/bin/uv
    is_recent_uv "$uv" || die "the uv in .tools does not run"
}

# follow_settings PYTHON: uv reads neither pip's settings, which may name a mirror or a CA file,
# nor, unless told to, the system's CA files, where a company's own CA is.
follow_settings() {
    local index cert
    if [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ] ||
        [ "$(uname)" = Darwin ]; then
        export UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-true} UV_NATIVE_TLS=${UV_NATIVE_TLS:-true}
    fi
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        index=${PIP_INDEX_URL:-$("$1" -m pip config get global.index-url 2>/dev/null || true)}
        if [ -n "$index" ]; then export UV_DEFAULT_INDEX=$index; fi
    fi
    if [ -z "${SSL_CERT_FILE:-}" ]; then
        cert=${PIP_CERT:-$("$1" -m pip config get global.cert 2>/dev/null || true)}
        if [ -f "$cert" ]; then export SSL_CERT_FILE=$cert; fi
    fi
}

install_packages() {
    if [ "$mode" = corpus ]; then
        lock_of_a_build >.tools/corpus.lock
        "$uv" pip sync --python "$VENV/bin/python" --require-hashes .tools/corpus.lock
        return
    fi
    "$uv" pip sync --python "$VENV/bin/python" --require-hashes "$LOCK" &&
        "$uv" pip install --python "$VENV/bin/python" --offline --no-deps --no-build-isolation -e .
}

# What a cluster's Python needs, the Spark that a cluster has, and --language.
lock_of_a_build() {
    cat requirements/cluster.lock
    awk '/^[^ #]/ { wanted = /^(pyspark|py4j|py3langid)==/ } wanted' "$LOCK"
}

# java_home JAVA: that Java's home; fails where it is missing or cannot run Spark. Spark needs the
# module named here, which came with Java 16 and which some cut-down Javas leave out.
java_home() {
    local settings
    settings=$("$1" --add-modules jdk.incubator.vector -XshowSettings:properties -version 2>&1) ||
        return 1
    awk -F ' = ' -v least="$MIN_JAVA" '
        $1 ~ /^ *java\.home$/ { home = $2 }
        $1 ~ /^ *java\.specification\.version$/ { version = $2 }
        END { if (version + 0 < least || home == "") exit 1; print home }' <<<"$settings"
}

find_java() {
    local java
    for java in "${JAVA_HOME:-/nowhere}/bin/java" java /usr/lib/jvm/*/bin/java \
        /opt/homebrew/opt/openjdk*/bin/java /usr/local/opt/openjdk*/bin/java; do
        if java_home "$java"; then return; fi
    done
    return 1
}

apt_install_java() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends "openjdk-$MIN_JAVA-jre-headless"
}

need_java() {
    java_dir=$(find_java) && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        run "installed Java $MIN_JAVA by apt-get" apt_install_java
        java_dir=$(find_java) && return
    fi
    die "Spark needs Java $MIN_JAVA or newer. Debian, Ubuntu: apt-get install" \
        "openjdk-$MIN_JAVA-jre-headless; Fedora: dnf install java-$MIN_JAVA-openjdk-headless;" \
        "macOS: brew install openjdk@$MIN_JAVA"
}

if [ "$mode" != uv ] && is_current; then exit 0; fi

python=$(find_python)
follow_settings "$python"
find_uv "$python"
if [ "$mode" = uv ]; then
    if [ $# -gt 1 ]; then exec "$uv" "${@:2}"; fi
    printf '%s\n' "$uv"
    exit 0
fi

if [ "$with_spark" ]; then need_java; fi
# An environment whose console scripts name another folder was copied or moved: it is of no use.
if ! "$VENV/bin/python" -c '' 2>/dev/null || ! grep -qsxF -- "$PWD" "$STAMP"; then
    run "made $VENV on $("$python" --version)" "$uv" venv --clear --python "$python" "$VENV"
    # From here on an interrupted run is taken up again, not started anew.
    printf 'unfinished\n%s\n' "$PWD" >"$STAMP"
    if [ "$mode" = corpus ]; then echo corpus >>"$STAMP"; fi
fi
run "installed the locked packages in $VENV" install_packages
if [ "$with_spark" ]; then
    ln -sfn -- "$java_dir" "$VENV/java"
    spark_dir=$("$VENV/bin/python" -c 'import pathlib, pyspark; print(pathlib.Path(pyspark.__file__).parent)')
    ln -sfn -- "$spark_dir" "$VENV/spark"
fi
stamp >"$STAMP"
say "ready: $("$VENV/bin/python" --version)${with_spark:+, Java in $java_dir}"
