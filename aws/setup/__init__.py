"""What the jobs need in an AWS account: a bucket, a role, perhaps a key; made, checked, removed."""
