"""What the DAG says of itself in Airflow's web pages."""

from orchestration.parameters import table

DOCUMENTATION = f"""
# Blog posts to word vectors

Builds the corpus, lets its checks decide, trains BlazingText on it, searches for hyperparameters if
asked to, scores the vectors on WordSim-353 and puts the run beside all others.

- **A failed quality gate (exit code 12) ends the run before anything is paid**; the log of the
  build's task says which check failed.
- **A task that is retried or cleared finds its job again**: it waits for one that goes on, takes
  the result of one that has succeeded, and starts another only after one that failed. Names come
  from the run's logical date and its parameters.
- With `where` = `local` every step is a command on the worker, and no account is needed: give
  `input`, `folder`, and `python`, an interpreter with the project's packages.
- Assets: `blazing-corpus-corpus` and `blazing-corpus-vectors`; their events say in `extra` where
  the file is.

{table()}
"""
