"""What a training leaves: model.tar.gz as BlazingText packs it, and the n-grams beside it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import FastText, fasttext

from embeddings.archive import pack
from embeddings.local_trainer import Trained
from embeddings.vectors_file import MODEL, SUBWORDS
from storage.errors import BadVectorsError

EVAL = "eval.json"


def write_artifacts(trained: Trained, evaluation: Mapping[str, Any] | None, folder: Path) -> None:
    """Writes model.tar.gz into a folder, and subwords.bin if there are subwords.

    Args:
        trained: vectors, most frequent word first in both files.
        evaluation: content of eval.json; None where no evaluation was asked for, as BlazingText
            leaves it out then.
        folder: best one that is published as a whole; holds some files meanwhile.

    Raises:
        BadVectorsError: training ended in values that are no numbers.
    """
    if not np.isfinite(trained.vectors.vectors).all():
        raise BadVectorsError("training diverged: some vectors are NaN; lower learning_rate")
    files = [folder / "vectors.txt", folder / "vectors.bin"]
    for path in files:
        trained.vectors.save_word2vec_format(str(path), binary=path.suffix == ".bin")
    if evaluation is not None:
        files.append(folder / EVAL)
        files[-1].write_text(to_json(evaluation), encoding="utf-8")
    pack(folder / MODEL, files)
    for path in files:
        path.unlink()
    if isinstance(trained.model, FastText):
        # The model alone has what its format wants; the vectors are in the archive as well.
        fasttext.save_facebook_model(trained.model, str(folder / SUBWORDS))


def to_json(content: Mapping[str, Any]) -> str:
    """Indented by four and sorted, as BlazingText prints eval.json."""
    return json.dumps(content, indent=4, sort_keys=True, allow_nan=False) + "\n"
