"""What can go wrong with training and evaluation, one line and an exit code each.

Where a number stands for the same thing as in `etl.errors`, it is the same number;
`docs/exit-codes-training.md` says more about each.
"""

DONE, USAGE, INTERRUPTED = 0, 2, 130
"""Success; argparse's own code for wrong arguments; what a shell gives for SIGINT."""


class EmbeddingsError(Exception):
    """A job that can't go on; `str()` is the one line that the user gets."""

    exit_code = 1


class HyperparameterError(EmbeddingsError):
    """Hyperparameters that BlazingText would refuse; all of them in one line."""

    exit_code = USAGE


class InputNotFoundError(EmbeddingsError):
    """A corpus, vectors, a run or a file of pairs is missing or can't be read."""

    exit_code = 3


class CorpusError(EmbeddingsError):
    """A corpus file that can't be trained on: empty, not UTF-8, CRLF, not what was built."""

    exit_code = 4


class BadArchiveError(EmbeddingsError):
    """A model.tar.gz that is broken, or that nobody should unpack."""

    exit_code = 5


class BadVectorsError(EmbeddingsError):
    """A file of vectors that is broken, or holds values that are no numbers."""

    exit_code = 6


class OutputExistsError(EmbeddingsError):
    """The output is there already and may not be replaced."""

    exit_code = 7


class OutputNotWritableError(EmbeddingsError):
    """The output can't be written: no permission, no space, not a folder."""

    exit_code = 8


class VocabularyError(EmbeddingsError):
    """No word of the corpus is as frequent as `min_count`."""

    exit_code = 9


class OutputBusyError(EmbeddingsError):
    """Another run is writing to the same output."""

    exit_code = 10


class BackendMissingError(EmbeddingsError):
    """A backend, or a package that it needs, that is not there."""

    exit_code = 12


class WordNotFoundError(EmbeddingsError):
    """A word has no vector."""

    exit_code = 13


class BadPairsError(EmbeddingsError):
    """A file of word pairs or analogies that is not one."""

    exit_code = 14


class BadRunError(EmbeddingsError):
    """A run.json that is not one."""

    exit_code = 14


EXIT_CODES = {
    DONE: "done",
    1: "anything else",
    USAGE: "wrong arguments or hyperparameters",
    3: "input not found or not readable",
    4: "corpus can't be trained on",
    5: "bad model.tar.gz",
    6: "bad vectors",
    7: "output exists",
    8: "output can't be written",
    9: "no word as frequent as min_count",
    10: "another run is writing to the output",
    12: "backend or package missing",
    13: "word without a vector",
    14: "bad file of pairs, or bad run.json",
    INTERRUPTED: "interrupted",
}
"""Every exit code of the training and evaluation jobs, in a few words."""


def describe_os_error(error: OSError) -> str:
    """What the system says, without the errno and the path: "Permission denied"."""
    return error.strerror or str(error) or type(error).__name__
