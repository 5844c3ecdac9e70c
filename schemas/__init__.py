"""One module a dataset: its columns, and what each of them holds."""
