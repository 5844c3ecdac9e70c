"""Prints all checks as the table of docs/quality.md: `python -m quality.checks`."""

from collections.abc import Iterator

from quality.gate import CHECKS

HEADER = ("check", "what a good corpus has", "bounds", "severity", "from tokens", "note")


def check_table() -> Iterator[str]:
    """Lines of Markdown, a row for each check."""
    yield f"| {' | '.join(HEADER)} |"
    yield f"|{' --- |' * len(HEADER)}"
    for dataset, rows in CHECKS.items():
        for row in rows:
            name, tokens = f"`{dataset}.{row.name}`", f"{row.from_tokens:,}"
            cells = (name, row.says, row.expected, row.severity, tokens, row.note)
            yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(*check_table(), sep="\n")
