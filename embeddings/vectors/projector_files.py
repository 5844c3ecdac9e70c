"""Vectors as the TensorFlow Embedding Projector reads them: two tables with tabs, without headers.

https://projector.tensorflow.org (Load): a row of numbers per vector, and a word per row.
"""

from gensim.models.keyedvectors import KeyedVectors

from storage.printable import printable

VECTORS, METADATA = "projector-vectors.tsv", "projector-words.tsv"


def projector_files(vectors: KeyedVectors, words: int) -> dict[str, bytes]:
    """The two files by their names, of the first words.

    Args:
        vectors: most frequent word first.
        words: at most so many; the projector in a browser takes some ten thousand.
    """
    rows = ("\t".join(f"{value:.6g}" for value in row) for row in vectors.vectors[:words])
    named = (printable(word) for word in vectors.index_to_key[:words])
    return {
        name: "".join(f"{line}\n" for line in lines).encode()
        for name, lines in ((VECTORS, rows), (METADATA, named))
    }
