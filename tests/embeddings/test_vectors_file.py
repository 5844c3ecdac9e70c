import bz2
import codecs
import gzip
import lzma
import os
import pickle
import re
import shutil
import tarfile
from pathlib import Path

import made_up
import numpy as np
import pytest
from gensim.models import FastText, Word2Vec
from gensim.models.fasttext import save_facebook_model
from gensim.models.keyedvectors import KeyedVectors

from embeddings.vectors.vectors_file import load_vectors
from storage.errors import BadArchiveError, BadVectorsError, InputNotFoundError

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
WORDS = ["the", "café", "x"]
VALUES = np.array([[0.1, -2.5], [1e-7, 3.0], [1 / 3, 0.0]], np.float32)


@pytest.fixture
def vectors():
    made = KeyedVectors(2)
    made.add_vectors(WORDS, VALUES)
    return made


def save(vectors, path):
    vectors.save_word2vec_format(str(path), binary=path.suffix == ".bin")
    return path


def tarred(path, *files):
    with tarfile.open(path, "w:gz") as tar:
        for file in files:
            tar.add(file, file.name)
    return path


def assert_same(loaded):
    assert loaded.index_to_key == WORDS
    assert loaded.vectors.dtype == np.float32
    np.testing.assert_array_equal(loaded.vectors, VALUES)


def floats(*values):
    return np.array(values, np.float32).tobytes()


TEXT = b"2 2\ncat 1 2\ndog 3 1e-7\n"
BINARY = b"2 2\ncat " + floats(1, 2) + b"dog " + floats(3, 1e-7)
CAT_DOG: dict[str, list[float]] = {"cat": [1, 2], "dog": [3, 1e-7]}
READ: dict[str, tuple[bytes, dict[str, list[float]]]] = {
    "text": (TEXT, CAT_DOG),
    "binary": (BINARY, CAT_DOG),
    "binary of word2vec itself": (BINARY.replace(b"dog", b"\ndog") + b"\n", CAT_DOG),
    "gzip": (gzip.compress(TEXT), CAT_DOG),
    "bzip2": (bz2.compress(BINARY), CAT_DOG),
    "xz": (lzma.compress(TEXT), CAT_DOG),
    "zstd": (made_up.compress_zstd(TEXT), CAT_DOG),
    "CRLF": (TEXT.replace(b"\n", b"\r\n"), CAT_DOG),
    "blanks behind": (b"2\t2 \t" + TEXT[3:].replace(b" 2\n", b" 2 \n"), CAT_DOG),
    "blank lines": (TEXT.replace(b"\n", b"\n\n"), CAT_DOG),
    "BOM": (codecs.BOM_UTF8 + TEXT, CAT_DOG),
    "BOM, binary": (codecs.BOM_UTF8 + BINARY, CAT_DOG),
    "no header": (TEXT.removeprefix(b"2 2\n"), CAT_DOG),
    "tabs": (b"2 2\ncat\t1\t2\ndog\t3\t1e-7", CAT_DOG),
    "two blanks": (b"2 2\n cat  1 2\ndog 3  1e-7", CAT_DOG),
    "words with blanks": (
        b". . . 1 2\nat name@x.org 3 4",
        {". . .": [1, 2], "at name@x.org": [3, 4]},
    ),
    "words that are numbers": (b"2 2\n2004 1 2\n1 3 4\n", {"2004": [1, 2], "1": [3, 4]}),
    "words that end no line": (
        "2 2\n\x85 1 2\n\x0c 3 4".encode(),
        {"\x85": [1, 2], "\x0c": [3, 4]},
    ),
    "a word of nothing": (b"2 2\n 1 2\n</s> 3 4 \n", {"": [1, 2], "</s>": [3, 4]}),
    "begins like a pickle": (b"V 1 2\n. 3 4", {"V": [1, 2], ".": [3, 4]}),
    "one dimension": (b"1 1\ncat 5", {"cat": [5]}),
    "a word twice": (b"3 2" + TEXT[3:] + b"cat 5 5", CAT_DOG),
    "a word twice, binary": (b"3 2" + BINARY[3:] + b"cat " + floats(5, 5), CAT_DOG),
    "no UTF-8": (b"3 1\nca\xff 1\nca\xfe 2\ndog 3", {"ca\ufffd": [1], "dog": [3]}),
    "no UTF-8, binary": (b"1 1\nca\xff " + floats(1), {"ca\ufffd": [1]}),
}
NOTES: dict[str, list[str]] = {
    "a word twice": ["come again, of which the first vector counts: 1"],
    "a word twice, binary": ["come again, of which the first vector counts: 1"],
    "no UTF-8": [
        "come again, of which the first",
        "are no UTF-8, shown with \ufffd for what is not: 2",
    ],
    "no UTF-8, binary": ["are no UTF-8, shown with \ufffd for what is not: 1"],
}
BY_GENSIM = [
    "text", "binary", "binary of word2vec itself", "CRLF", "words that are numbers",
    "words that end no line", "a word of nothing", "one dimension", "a word twice",
    "a word twice, binary",
]  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_files_of_others_are_read(tmp_path, case, capsys):
    data, wanted = READ[case]
    path = tmp_path / "words\x1b.bin"  # told by content, not by name
    path.write_bytes(data)
    loaded = load_vectors(path)
    assert loaded.vectors.dtype == np.float32
    assert loaded.index_to_key == list(wanted)
    np.testing.assert_array_equal(loaded.vectors, np.array([*wanted.values()], np.float32))
    said = capsys.readouterr().err.splitlines()
    for line, note in zip(said, NOTES.get(case, []), strict=True):
        assert line.startswith(f"note: {tmp_path}/words\\x1b.bin: words that ") and note in line


@pytest.mark.parametrize("case", BY_GENSIM)
def test_what_gensim_reads_gives_the_same_vectors(tmp_path, case):
    path = tmp_path / "words"
    path.write_bytes(READ[case][0])
    ours = load_vectors(path)
    theirs = KeyedVectors.load_word2vec_format(str(path), binary="binary" in case)
    assert ours.key_to_index == theirs.key_to_index
    for word in ours.index_to_key:
        np.testing.assert_array_equal(ours[word], theirs[word])


def test_saves_of_gensim_that_the_user_trusts(tmp_path, vectors, capsys):
    vectors.save(str(tmp_path / "v.kv"))
    assert_same(load_vectors(tmp_path / "v.kv", trust_pickle=True))
    for protocol in PROTOCOLS:
        vectors.save(str(tmp_path / "old.kv"), pickle_protocol=protocol)
        assert_same(load_vectors(tmp_path / "old.kv", trust_pickle=True))
    line = f"warning: {tmp_path}/v.kv is a pickle: loading it runs the code in it\n"
    assert line in capsys.readouterr().err
    model = Word2Vec([["cup", "tea"]] * 20, vector_size=3, min_count=1, epochs=1)
    model.save(str(tmp_path / "m.model"))
    loaded = load_vectors(tmp_path / "m.model", trust_pickle=True)
    np.testing.assert_array_equal(loaded["tea"], model.wv["tea"])


def test_folders_and_archives_also_beside_other_files(tmp_path, vectors):
    save(vectors, tmp_path / "vectors.txt")
    assert_same(load_vectors(tmp_path))
    (tmp_path / "eval.json").write_text("{}")
    path = tarred(tmp_path / "model.tar.gz", tmp_path / "eval.json", tmp_path / "vectors.txt")
    (tmp_path / "vectors.txt").unlink()
    assert_same(load_vectors(path))
    assert_same(load_vectors(tmp_path))


def test_fasttexts_format_gives_vectors_to_unknown_words(tmp_path):
    model = FastText([["coffee", "tea"]] * 20, vector_size=4, min_count=1, bucket=50, epochs=1)
    save_facebook_model(model, str(tmp_path / "vectors.bin"))
    loaded = load_vectors(tmp_path / "vectors.bin")
    np.testing.assert_allclose(loaded["coffee"], model.wv["coffee"], rtol=1e-6)
    np.testing.assert_allclose(loaded["coffees"], model.wv["coffees"], rtol=1e-6)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"1 2" + TEXT[3:], "it says 1 words of 2 dimensions, and the file holds 2 words"),
        (b"3 2" + TEXT[3:], "it says 3 words of 2 dimensions, and the file holds 2 words"),
        (b"9" * 12 + b" 2" + TEXT[3:], "999 words of 2 dimensions, and the file holds 2 w"),
        (b"2 1" + TEXT[3:], "and line 2 has 2 values behind the word"),
        (b"2 3" + TEXT[3:], "and line 2 has 2 values behind the word"),
        (TEXT.replace(b"\ndog 3", b"\n\n\ndog"), "and line 5 has 1 value behind the word"),
        (TEXT.replace(b"\ndog", b"\ndog 4"), "and line 3 has 3 values behind the word"),
        (TEXT.replace(b"3", b"3,5"), "and line 3 has '3,5', which is no number"),
        (TEXT.replace(b"3", b"\xff\x1b"), r"and line 3 has '\\xff\x1b', which is no number"),
        (b"cat 1 2\ndog 3\n", "no header, and is broken: line 1 has 2 values, and line 2 has 1"),
        (b"1 2" + BINARY[3:], "it says 1 words of 2 dimensions, and the file goes on"),
        (b"3 2" + BINARY[3:], "it says 3 words of 2 dimensions, and word 3 is not there"),
        (b"2 1" + BINARY[3:], "it says 2 words of 1 dimensions, and "),
        (b"2 3" + BINARY[3:], "it says 2 words of 3 dimensions, and word 2 is not there"),
        (b"9" * 12 + b" 2" + BINARY[3:], "999 words of 2 dimensions, and word 3 is not th"),
        (BINARY[:-1], "it says 2 words of 2 dimensions, and word 2 is not there, or cut off"),
        (b"2 2\n\0" + b"x" * 2**24, "and word 1 has no end"),
        (b"0 2" + TEXT[3:], "has a wrong header: not a number of words"),
        (b"2 0" + TEXT[3:], "has a wrong header: not a number of words"),
        (TEXT.replace(b" ", b","), "wrong header: not a number of words and dimensions in line 1"),
        (b"", "has a wrong header: not a n"),
        (b"i am 5\n", "has a wrong header: not a n"),
        (b"junk", "has a wrong header: not a n"),
        (TEXT.decode().encode("utf-16"), "is UTF-16: save it as UTF-8"),
        (b"PK\x03\x04", "is a zip: unpack it"),
        (b"\x93NUMPY", "is an array of numpy, without words: give the .kv"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_file_of_vectors_is_refused(tmp_path, data, fault):
    for name, packed in (("v.txt", data), ("v.gz", gzip.compress(data))):
        if packed != gzip.compress(b""):
            (tmp_path / name).write_bytes(packed)
            with pytest.raises(BadVectorsError) as caught:
                load_vectors(tmp_path / name)
            said = str(caught.value)
            assert said.startswith(f"{tmp_path / name} ") and fault in said and "\n" not in said


@pytest.mark.parametrize("name", ["vectors.bin", "vectors.txt"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(tmp_path, vectors, name, value):
    vectors.vectors[1, 0] = value
    path = save(vectors, tmp_path / name)
    with pytest.raises(BadVectorsError) as caught:
        load_vectors(path)
    assert str(caught.value) == (
        f"{path} holds values that are no numbers (NaN or infinite), "
        f"in 1 of 3 vectors, first in 'café'"
    )


def test_a_save_of_gensim_without_its_other_file_names_that(tmp_path, vectors):
    vectors.save(str(tmp_path / "w.kv"), sep_limit=1)
    assert_same(load_vectors(tmp_path / "w.kv", trust_pickle=True))
    (tmp_path / "w.kv.vectors.npy").unlink()
    with pytest.raises(InputNotFoundError) as caught:
        load_vectors(tmp_path / "w.kv", trust_pickle=True)
    assert str(caught.value) == (
        f"can't read {tmp_path}/w.kv.vectors.npy, which belongs to {tmp_path}/w.kv: "
        f"No such file or directory"
    )


def test_pickles_of_something_else_are_refused(tmp_path):
    path = tmp_path / "v.kv"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(BadVectorsError, match="is broken"):
        load_vectors(path, trust_pickle=True)
    path.write_bytes(pickle.dumps([1] * 100)[:-5])
    with pytest.raises(BadVectorsError, match="is broken"):
        load_vectors(path, trust_pickle=True)


class Evil:
    """Makes a folder `ran` beside itself when it is unpickled."""

    def __init__(self, folder):
        self.target = str(folder / "ran")

    def __reduce__(self):
        return os.mkdir, (self.target,)


def evil(folder, protocol):
    return pickle.dumps(Evil(folder), protocol)


def assert_refused(tmp_path, location, **options):
    with pytest.raises(BadVectorsError, match=r"is a pickle, .* --trust-pickle "):
        load_vectors(location, **options)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_made_up_pickles_do_run_code(tmp_path, protocol):
    (tmp_path / "words.kv").write_bytes(evil(tmp_path, protocol))
    assert_refused(tmp_path, tmp_path / "words.kv")
    with pytest.raises(BadVectorsError, match=r"a pickle of something else|is broken"):
        load_vectors(tmp_path / "words.kv", trust_pickle=True)
    assert (tmp_path / "ran").is_dir()


@pytest.mark.parametrize("trust", [False, True])
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "name",
    ["vectors.bin", "vectors.txt", "vectors.kv", "VECTORS.BIN", "model.tar.gz", "subwords.bin"],
)
def test_no_file_under_a_runs_or_an_archives_name_is_unpickled(tmp_path, name, protocol, trust):
    path = tmp_path / name
    path.write_bytes(evil(tmp_path, protocol))
    assert_refused(tmp_path, path, trust_pickle=trust)
    link = tmp_path / "link.kv"
    link.symlink_to(path)
    assert_refused(tmp_path, link, trust_pickle=trust)
    own = path.rename(tmp_path / "own.kv")
    path.symlink_to(own)
    assert_refused(tmp_path, path, trust_pickle=trust)


@pytest.mark.parametrize("trust", [False, True])
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", ["vectors.bin", "vectors.txt"])
def test_nothing_in_an_archive_or_a_folder_is_unpickled(tmp_path, name, protocol, trust):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / name).write_bytes(evil(tmp_path, protocol))
    assert_refused(tmp_path, folder, trust_pickle=trust)
    for packed in ("model.tar.gz", "words.kv"):
        archive = tarred(tmp_path / packed, folder / name)
        assert_refused(tmp_path, archive, trust_pickle=trust)
    (folder / name).unlink()
    shutil.move(tmp_path / "model.tar.gz", folder)
    assert_refused(tmp_path, folder, trust_pickle=trust)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_subwords_and_archives_of_a_run_that_are_pickles(tmp_path, protocol):
    for name in ("subwords.bin", "model.tar.gz"):
        (tmp_path / name).write_bytes(evil(tmp_path, protocol))
        assert_refused(tmp_path, tmp_path, subwords=True, trust_pickle=True)
        (tmp_path / name).unlink()


def test_an_archive_in_an_archive_is_not_unpacked(tmp_path, vectors):
    inner = tarred(tmp_path / "vectors.bin", save(vectors, tmp_path / "vectors.txt"))
    (tmp_path / "vectors.txt").unlink()
    with pytest.raises(BadVectorsError, match="has a wrong header"):
        load_vectors(tarred(tmp_path / "model.tar.gz", inner), trust_pickle=True)


def test_copies_from_s3_and_links_to_them_are_not_unpickled(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    inside = tmp_path / "cache" / "blazing-corpus" / "x"
    elsewhere = tmp_path / "other-cache" / ("0123456789abcdef" * 2)
    for folder in (inside, elsewhere):
        folder.mkdir(parents=True)
        (folder / "words.kv").write_bytes(evil(tmp_path, 4))
        assert_refused(tmp_path, folder / "words.kv", trust_pickle=True)
        link = tmp_path / f"{folder.name}.kv"
        link.symlink_to(folder / "words.kv")
        assert_refused(tmp_path, link, trust_pickle=True)


@pytest.mark.parametrize("data", [b"cos\nmkdir\n(V", b"\x80", b".", b"(lp0\n", b"I1\n"])
def test_whatever_begins_like_a_pickle_is_bad_vectors(tmp_path, data):
    (tmp_path / "v.kv").write_bytes(data)
    with pytest.raises(BadVectorsError):
        load_vectors(tmp_path / "v.kv")


def test_there_is_one_unpickler_and_it_is_reached_from_one_place():
    root = Path(__file__).parents[2]
    rooms = ["aws", "blazingtext", "dags", "deploy", "embeddings", "etl", "jobs"]
    rooms += ["orchestration", "quality", "schemas", "scripts", "storage"]
    call = re.compile(
        r"(import|from) (pickle(?! import PicklingError$)|joblib|torch|dill|shelve|marshal)\b"
        r"|unpickle\(|allow_pickle"
        r"|(KeyedVectors|Word2Vec|FastText|np|numpy|joblib|torch|pickle)\.loads?\("
    )
    lines = [
        (path.relative_to(root).as_posix(), line.strip())
        for room in rooms
        for path in sorted((root / room).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if call.search(line)
    ]
    assert lines == [
        (
            "embeddings/vectors/vectors_file.py",
            "saved = by_gensim(shown, lambda: KeyedVectors.load(str(path.absolute())))",
        )
    ]


def test_a_broken_fasttext_file_is_refused(tmp_path):
    path = tmp_path / "v.bin"
    path.write_bytes(b"\xba\x16\x4f\x2f\x0c\x00")
    with pytest.raises(BadVectorsError, match="is broken"):
        load_vectors(path)


def test_archives_without_vectors_or_cut_off_are_refused(tmp_path, vectors):
    (tmp_path / "eval.json").write_text("{}")
    path = tarred(tmp_path / "m.tar.gz", tmp_path / "eval.json")
    with pytest.raises(BadVectorsError, match=r"holds no vectors.bin and no vectors.txt"):
        load_vectors(path)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(BadArchiveError, match="is cut off"):
        load_vectors(path)


def test_missing_places_are_named(tmp_path):
    with pytest.raises(InputNotFoundError, match=f"^{tmp_path}/x does not exist$"):
        load_vectors(tmp_path / "x")
    with pytest.raises(InputNotFoundError, match=r"holds no model.tar.gz and no vectors.bin or ve"):
        load_vectors(tmp_path)


def test_unpacked_vectors_do_not_stay_behind(tmp_path, vectors, monkeypatch):
    save(vectors, tmp_path / "vectors.txt")
    path = tarred(tmp_path / "model.tar.gz", tmp_path / "vectors.txt")
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    load_vectors(path)
    assert list(place.iterdir()) == []
    shutil.rmtree(place)
