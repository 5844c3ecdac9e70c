"""What the user reads after setting up: what the next commands need."""

from aws.setup.wanted import Wanted


def next_commands(wanted: Wanted) -> list[str]:
    """Lines for a shell, and the options that the other jobs take them by."""
    return [
        f"export AWS_REGION={wanted.account.region}",
        f"export BUCKET={wanted.bucket}",
        f"export ROLE={wanted.role}",
        *([f"export KMS_KEY={wanted.kms_key}"] if wanted.kms_key else []),
        "",
        '# jobs/submit.py: --role "$ROLE" --code "s3://$BUCKET/code"',
        '#     -- --input "s3://$BUCKET/input/blogs.zip" --output "s3://$BUCKET/corpus"',
        '# jobs/train_embeddings.py --backend sagemaker: --role "$ROLE"',
        '#     --corpus "s3://$BUCKET/corpus" --output-path "s3://$BUCKET/models/blazingtext"',
    ]
