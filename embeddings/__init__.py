"""Word vectors: training on this machine as BlazingText would, evaluation, the table of runs."""
