"""The command lines: one short file per job."""
