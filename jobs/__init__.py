"""The command lines: one short file a job."""
