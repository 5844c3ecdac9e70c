import hashlib
import json
from collections import Counter

import pytest

from embeddings import corpus_file
from embeddings.corpus_file import CorpusFacts, check_corpus, find_corpus
from embeddings.errors import CorpusError, InputNotFoundError


def check(tmp_path, data, counts=None):
    path = tmp_path / "c.txt"
    path.write_bytes(data)
    return check_corpus(find_corpus(str(path)), counts)


def make_output(tmp_path, data, sha256=None):
    (tmp_path / "out/corpus").mkdir(parents=True)
    (tmp_path / "out/corpus/cleaned_sentences.csv").write_bytes(data)
    manifest = {"corpus": {"sha256": sha256 or hashlib.sha256(data).hexdigest()}}
    (tmp_path / "out/manifest.json").write_text(json.dumps(manifest))
    return tmp_path / "out"


@pytest.mark.parametrize("chunk", [1, 2, 5, 2**18])
def test_facts_and_counts_do_not_depend_on_where_chunks_end(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(corpus_file, "CHUNK_BYTES", chunk)
    data = "the cat\nthe café\n\n  the  naïve dog".encode()
    counts: Counter[bytes] = Counter()
    facts = check(tmp_path, data, counts)
    assert facts == CorpusFacts(len(data), 4, 7, hashlib.sha256(data).hexdigest(), 0)
    assert list(counts.items()) == [
        (b"the", 3), (b"cat", 1), ("café".encode(), 1), ("naïve".encode(), 1), (b"dog", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("chunk", [1000, 2**18])
@pytest.mark.parametrize(
    ("lines", "long"),
    [
        ([10_000], 0),
        ([10_001], 1),
        ([3, 10_001, 4, 9_999, 25_000], 2),
        ([10_000, 10_000, 10_001], 1),
    ],
    ids=str,
)
def test_long_lines_are_counted(tmp_path, monkeypatch, chunk, lines, long):
    monkeypatch.setattr(corpus_file, "CHUNK_BYTES", chunk)
    data = b"".join(b"a " * (tokens - 1) + b"b\n" for tokens in lines)
    facts = check(tmp_path, data)
    assert (facts.long_lines, facts.words) == (long, sum(lines))


def test_progress_gets_bytes_and_words(tmp_path):
    path = tmp_path / "c.txt"
    path.write_bytes(b"one two\nthree\n")
    told: list[tuple[int, int]] = []
    check_corpus(find_corpus(str(path)), progress=lambda *figures: told.append(figures))
    assert told[-1] == (14, 3)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "is empty"),
        (b" \n\n", "holds no word"),
        (b"good\nb\xe9d line\n", "is not UTF-8: line 2, byte 6 of the file"),
        (b"one\ntwo\r\n", "has a carriage return in line 2: lines must end in LF"),
    ],
    ids=["empty", "blank", "latin-1", "CRLF"],
)
def test_unusable_corpora_are_refused(tmp_path, data, text):
    with pytest.raises(CorpusError) as caught:
        check(tmp_path, data)
    assert str(caught.value) == f"{tmp_path}/c.txt {text}"


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
    assert found.manifest_sha256 == hashlib.sha256(data).hexdigest()
    assert check_corpus(found).words == 2


def test_a_corpus_that_its_manifest_does_not_describe_is_refused(tmp_path):
    output = make_output(tmp_path, b"one two\n", sha256="0" * 64)
    with pytest.raises(CorpusError, match="not what its manifest describes: sha256 2dbb4a503f15…,"):
        check_corpus(find_corpus(str(output)))


def test_a_broken_manifest_is_named(tmp_path):
    output = make_output(tmp_path, b"one two\n")
    (output / "manifest.json").write_text("{")
    with pytest.raises(CorpusError, match="can't be read"):
        find_corpus(str(output))
