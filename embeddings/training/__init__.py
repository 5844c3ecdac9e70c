"""Word vectors trained on this machine with BlazingText's hyperparameters."""
