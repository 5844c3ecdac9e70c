import hashlib
from collections import Counter

import pytest

from embeddings.corpus import corpus_check
from embeddings.corpus.corpus_check import CorpusFacts, check_corpus
from embeddings.corpus.corpus_file import CorpusFile, find_corpus
from embeddings.training.training_progress import Progress
from storage.errors import CorpusError


def check(tmp_path, data, counts=None):
    path = tmp_path / "c.txt"
    path.write_bytes(data)
    return check_corpus(find_corpus(str(path)), counts)


@pytest.mark.parametrize("chunk", [1, 2, 5, 2**18])
def test_facts_and_counts_do_not_depend_on_where_chunks_end(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(corpus_check, "CHUNK_BYTES", chunk)
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
    monkeypatch.setattr(corpus_check, "CHUNK_BYTES", chunk)
    data = b"".join(b"a " * (tokens - 1) + b"b\n" for tokens in lines)
    facts = check(tmp_path, data)
    assert (facts.long_lines, facts.words) == (long, sum(lines))


def test_progress_gets_bytes_and_words(tmp_path, monkeypatch):
    path = tmp_path / "c.txt"
    path.write_bytes(b"one two\nthree\n")
    told: list[tuple[int, int]] = []
    progress = Progress()
    monkeypatch.setattr(progress, "read", lambda *figures: told.append(figures))
    check_corpus(find_corpus(str(path)), progress=progress)
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


def test_a_corpus_that_its_manifest_does_not_describe_is_refused(tmp_path):
    (tmp_path / "c.txt").write_bytes(data := b"one two\n")
    wrong, right = "0" * 64, hashlib.sha256(data).hexdigest()
    corpus = CorpusFile("c", tmp_path / "c.txt", {"corpus": {"sha256": wrong}})
    with pytest.raises(CorpusError, match=r"^c is not what its manifest describes: sha256 2dbb4a5"):
        check_corpus(corpus)
    corpus.manifest["corpus"]["sha256"] = right
    assert check_corpus(corpus).words == 2
