"""The ledger: it adds up, and agrees with what the file was found to hold."""

from etl.ledger import Ledger
from quality.figures import Check, Figures, Metrics

CHECKS = {
    "equations_broken": Check(
        "What came in went out or was rejected", "manifest: ledger; etl.ledger.EQUATIONS"
    ),
    "lines_unaccounted": Check(
        "The file has the lines that the ledger counted", "ledger.sentences.written, corpus.lines"
    ),
    "tokens_unaccounted": Check(
        "The file has the tokens that the ledger counted", "ledger.tokens.written, corpus.tokens"
    ),
    "bytes_unaccounted": Check(
        "The file has the bytes that the ledger counted", "ledger.bytes.written, corpus.bytes"
    ),
    "files_read": Check("Files were read", "ledger.files"),
}


def figures(metrics: Metrics) -> Figures:
    """Differences that have to be nothing."""
    ledger, corpus = metrics["ledger"], metrics["corpus"]
    return {
        "equations_broken": len(Ledger(_flat(ledger)).discrepancies()),
        "lines_unaccounted": abs(ledger["sentences"]["written"] - corpus["lines"]),
        "tokens_unaccounted": abs(ledger["tokens"]["written"] - corpus["tokens"]),
        "bytes_unaccounted": abs(ledger["bytes"]["written"] - corpus["bytes"]),
        "files_read": ledger["files"]["read"],
    }


def _flat(tree: Metrics, path: str = "") -> dict[str, int]:
    """The inverse of `Ledger.nested`."""
    leaves: dict[str, int] = {}
    for name, value in tree.items():
        leaves |= (
            _flat(value, f"{path}{name}.") if isinstance(value, dict) else {path + name: value}
        )
    return leaves
