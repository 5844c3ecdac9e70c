"""What training jobs write to CloudWatch."""
