"""Several trainings that belong together: searches for hyperparameters, pairs of corpora."""
