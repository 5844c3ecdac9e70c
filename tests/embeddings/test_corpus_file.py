import hashlib
import json

import pytest

from embeddings.corpus.corpus_file import find_corpus
from storage.errors import CorpusError, InputNotFoundError


def make_output(tmp_path, data):
    (tmp_path / "out/corpus").mkdir(parents=True)
    (tmp_path / "out/corpus/cleaned_sentences.csv").write_bytes(data)
    manifest = {"corpus": {"sha256": hashlib.sha256(data).hexdigest()}}
    (tmp_path / "out/manifest.json").write_text(json.dumps(manifest))
    return tmp_path / "out"


def test_missing_corpora_are_named(tmp_path):
    with pytest.raises(InputNotFoundError, match=f"no corpus at {tmp_path}/x: {tmp_path}/x does n"):
        find_corpus(f"{tmp_path}/x")
    with pytest.raises(InputNotFoundError, match=f"{tmp_path}/corpus/cleaned_sentences.csv does n"):
        find_corpus(str(tmp_path))


@pytest.mark.parametrize("given", ["", "corpus/cleaned_sentences.csv"], ids=["folder", "file"])
def test_a_builds_output_brings_its_manifest(tmp_path, given):
    output = make_output(tmp_path, b"one two\n")
    found = find_corpus(str(output / given))
    assert found.path == output / "corpus/cleaned_sentences.csv"
    data = (output / "manifest.json").read_bytes()
    assert found.manifest == json.loads(data)
    assert found.manifest_sha256 == hashlib.sha256(data).hexdigest()


def test_a_file_in_a_folder_of_a_longer_name_is_not_the_outputs(tmp_path):
    other = make_output(tmp_path, b"one two\n") / "old-corpus" / "cleaned_sentences.csv"
    other.parent.mkdir()
    other.write_bytes(b"three\n")
    assert find_corpus(str(other)).manifest == {}


def test_a_broken_manifest_is_named(tmp_path):
    output = make_output(tmp_path, b"one two\n")
    (output / "manifest.json").write_text("{")
    with pytest.raises(CorpusError, match="can't be read"):
        find_corpus(str(output))
