"""The build as a job of EMR Serverless or SageMaker Processing: requests, uploads, waiting."""
