"""One module per dataset: its columns, and what each of them holds."""
