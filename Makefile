# The list of what one can do here; `make help` prints it.

INPUT ?= data/sample
OUTPUT ?= build/corpus
SPARK_ARGS ?=
ARGS ?=

SHELL := /bin/bash
VENV := $(CURDIR)/.venv
ROOMS := etl jobs schemas quality embeddings benchmarks tests
CODE = $(strip $(foreach room,$(ROOMS),$(if $(wildcard $(room)/*.py),$(room))))

# One Python, one Spark, one Java, whatever the caller's shell has; and Spark on loopback only.
SPARK_ENV = PYSPARK_PYTHON="$(VENV)/bin/python" PYSPARK_DRIVER_PYTHON="$(VENV)/bin/python" \
	SPARK_HOME="$(VENV)/spark" JAVA_HOME="$(VENV)/java" SPARK_LOCAL_IP=127.0.0.1
LOGGING = --driver-java-options '-Dlog4j2.configurationFile=conf/log4j2.properties'

.DEFAULT_GOAL := help
.PHONY: help setup corpus test check bench format lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the locked packages in .venv, and Java where it is missing
	@scripts/setup.sh

corpus: setup ## build the corpus: INPUT=folder OUTPUT=folder ARGS="further options of the job"
	@$(SPARK_ENV) .venv/bin/spark-submit --master 'local[*]' $(LOGGING) $(SPARK_ARGS) \
		jobs/build_corpus.py --input "$(INPUT)" --output "$(OUTPUT)" $(ARGS)

test: setup ## run the tests: ARGS="-k word" for some of them
	@$(SPARK_ENV) .venv/bin/python -m pytest $(ARGS)

check: setup ## lint, formatting and types
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy $(CODE)

bench: setup ## measure quality, speed and memory on real posts, as docs/performance.md has them
	@for one in splitters chain spark_job "spark_job --fresh" memory; do \
		echo "## $$one"; $(SPARK_ENV) .venv/bin/python -m benchmarks.$$one 2>/dev/null || exit 1; echo; \
	done

format: setup ## sort imports, fix what is safe to fix, format
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

lock: ## resolve requirements.lock anew from pyproject.toml; ARGS=--upgrade for newer versions
	@uv=$$(scripts/setup.sh uv) && UV_CACHE_DIR="$${UV_CACHE_DIR:-$(CURDIR)/.tools/cache}" \
		"$$uv" pip compile pyproject.toml --quiet --all-extras --group dev --group bench \
		--universal --generate-hashes --no-emit-index-url --custom-compile-command 'make lock' \
		--output-file requirements.lock $(ARGS) >/dev/null
	@! grep -n '://' requirements.lock || { echo 'requirements.lock names a host'; exit 1; }

clean: ## remove what was built (the corpus in build/, caches), but not .venv
	rm -rf build dist spark-warehouse metastore_db derby.log *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
