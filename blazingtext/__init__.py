"""Training on SageMaker BlazingText: requests, starting, following, fetching what came of it."""
