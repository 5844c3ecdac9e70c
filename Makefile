# The list of what one can do here; `make help` prints it.

INPUT ?= data/sample
OUTPUT ?= build/corpus
SPARK_ARGS ?=
ARGS ?=

SHELL := /bin/bash
VENV := $(CURDIR)/.venv
ROOMS := etl commandline jobs schemas quality embeddings storage aws blazingtext orchestration dags deploy \
	benchmarks tests
CODE = $(strip $(foreach room,$(ROOMS),$(if $(wildcard $(room)/*.py),$(room))))

# One Python, one Spark, one Java, whatever the caller's shell has; and Spark on loopback only.
spark_env = PYSPARK_PYTHON="$(1)/bin/python" PYSPARK_DRIVER_PYTHON="$(1)/bin/python" \
	SPARK_HOME="$(1)/spark" JAVA_HOME="$(1)/java" SPARK_LOCAL_IP=127.0.0.1
SPARK_ENV = $(call spark_env,$(VENV))
VENV35 := $(CURDIR)/.venv-spark35
# Whole files, so that what a module builds once is built once; in their order, so that the cluster's,
# which mostly wait, come early. One per core, but not many: each may have a Spark session.
SIDE_BY_SIDE = -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# Their JVMs live for seconds: half the processor time went into compiling what runs once.
test test-airflow test-spark35: export SPARK_SUBMIT_OPTS = -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
# .ci/run sets CI; without it, tests that take half a minute each are left out.
UNLESS_CI = $(if $(CI),,-m 'not ci')
AIRFLOW_TESTS = -c tests/airflow_dag/pytest.ini --rootdir . tests/airflow_dag
LOGGING = --driver-java-options '-Dlog4j2.configurationFile=jobs/log4j2.properties'

.DEFAULT_GOAL := help
.PHONY: help setup corpus test test-airflow test-spark35 check bench package smoke-aws format lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install all locked packages in .venv (1.9 GB), and Java where it is missing
	@requirements/setup.sh

corpus: ## build the corpus: INPUT=folder OUTPUT=folder ARGS="further options of the job"
	@requirements/setup.sh corpus
	@files=$$(ulimit -n); [ "$$files" = unlimited ] || ((files >= 1024)) || ulimit -Sn 1024 2>/dev/null || { \
		echo "corpus: error: Spark takes 1024 open files, ulimit -n allows $$files" >&2; exit 11; }; \
	$(SPARK_ENV) .venv/bin/spark-submit --master 'local[*]' $(LOGGING) $(SPARK_ARGS) \
		jobs/build_corpus.py --input "$(INPUT)" --output "$(OUTPUT)" $(ARGS)

test: setup ## run the tests: ARGS="-k word" for some of them
	@tests/tools.sh
	@$(SPARK_ENV) .venv/bin/python -m pytest $(or $(strip $(ARGS)),$(SIDE_BY_SIDE) $(UNLESS_CI))
	@$(if $(strip $(ARGS)),,$(MAKE) --no-print-directory test-airflow)

test-airflow: setup ## run the Airflow DAG's tests, in an environment of its own
	@requirements/setup.sh airflow
	@.venv-airflow/bin/python -m pytest $(AIRFLOW_TESTS) $(or $(strip $(ARGS)),$(SIDE_BY_SIDE) $(UNLESS_CI))

test-spark35: ## run the tests that start Spark on Spark 3.5, in an environment of its own
	@requirements/setup.sh spark35
	@tests/tools.sh .venv-spark35
	@$(call spark_env,$(VENV35)) .venv-spark35/bin/python -m pytest -m 'spark and not real_sample and not ci' \
		tests/etl tests/jobs/test_build_corpus.py tests/jobs/test_build_on_s3.py tests/cluster \
		$(or $(strip $(ARGS)),$(SIDE_BY_SIDE))

check: setup ## lint, formatting and types
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy $(CODE)

bench: setup ## measure quality, speed and memory on real posts, as docs/performance.md has them
	@for one in splitters chain spark_job "spark_job --fresh" memory; do \
		echo "## $$one"; $(SPARK_ENV) .venv/bin/python -m benchmarks.$$one 2>/dev/null || exit 1; echo; \
	done

package: setup ## make dist/ for clusters: wheel, --py-files zip, environment for spark.archives
	@.venv/bin/python -m deploy.package $(ARGS)

smoke-aws: setup ## on AWS, from stack to vectors and back to nothing, for money: ARGS=--dry-run shows the price
	@$(if $(filter --dry-run --help,$(ARGS)),,$(MAKE) --no-print-directory package ARGS=)
	@.venv/bin/python -m deploy.smoke_aws $(ARGS)

format: setup ## sort imports, fix what is safe to fix, format
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

RESOLVE = uv=$$(requirements/setup.sh uv) && UV_CACHE_DIR="$${UV_CACHE_DIR:-$(CURDIR)/.tools/cache}" \
	"$$uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock'
COMPILE = $(RESOLVE) pyproject.toml

# Spark 3.5's lock starts as a copy, so that it keeps all versions that fit; --no-config is what
# makes uv leave out pyproject's constraints, Spark 4.1 among them.
lock: ## resolve the lock files anew from pyproject.toml; ARGS=--upgrade for newer versions
	@$(COMPILE) --all-extras --group dev --group bench --output-file requirements/all.lock $(ARGS) >/dev/null
	@cp requirements/all.lock requirements/spark35.lock
	@cp requirements/all.lock requirements/cluster.lock
	@$(COMPILE) --no-config --extra s3 --extra quality --group spark35 --output-file requirements/spark35.lock >/dev/null
	@$(COMPILE) --extra s3 --extra quality --no-emit-package pyspark --no-emit-package py4j \
		--output-file requirements/cluster.lock >/dev/null
	@$(RESOLVE) --no-config --python-version 3.11 --group pyproject.toml:airflow \
		--output-file requirements/airflow.lock $(ARGS) >/dev/null
	@! grep -n '://' requirements/*.lock || { echo 'a lock file names a host'; exit 1; }

clean: ## remove what was built (the corpus in build/, caches), but not .venv
	rm -rf build dist spark-warehouse metastore_db derby.log *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
