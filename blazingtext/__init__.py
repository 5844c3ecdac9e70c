"""Amazon SageMaker BlazingText: requests, jobs, their logs, what they cost, and endpoints."""
