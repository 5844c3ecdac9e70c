import os
import pickle
import re
import shutil
import tarfile
from pathlib import Path

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


@pytest.mark.parametrize("name", ["vectors.bin", "vectors.txt"])
def test_word2vec_formats(tmp_path, vectors, name):
    assert_same(load_vectors(save(vectors, tmp_path / name)))


@pytest.mark.parametrize("name", ["binary.txt", "text.bin"])
def test_the_format_is_told_by_content_not_by_name(tmp_path, vectors, name):
    path = tmp_path / name
    vectors.save_word2vec_format(str(path), binary=name.startswith("binary"))
    assert_same(load_vectors(path))


def test_binary_with_line_ends_as_word2vec_itself_writes_it(tmp_path):
    path = tmp_path / "vectors.bin"
    rows = zip(WORDS, VALUES, strict=True)
    path.write_bytes(
        b"3 2\n" + b"".join(f"{w} ".encode() + row.tobytes() + b"\n" for w, row in rows)
    )
    assert_same(load_vectors(path))


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


@pytest.mark.parametrize("name", ["vectors.bin", "vectors.txt"])
@pytest.mark.parametrize("header", ["2 2", "4 2", "3 1", "3 3", "0 2"])
def test_a_wrong_header_is_refused(tmp_path, vectors, name, header):
    path = save(vectors, tmp_path / name)
    path.write_bytes(path.read_bytes().replace(b"3 2", header.encode(), 1))
    with pytest.raises(BadVectorsError) as caught:
        load_vectors(path)
    words, dimensions = header.split()
    inside_a_character = (name, header) == ("vectors.bin", "3 3")  # where the second word begins
    assert str(caught.value) == (
        f"{path} is broken: 'utf-8' codec can't decode byte 0xa9 in position 0: invalid start byte"
        if inside_a_character
        else f"{path} has a wrong header, or is cut off: it says {words} words of {dimensions} "
        f"dimensions, and the file holds something else"
    )


def test_a_line_of_text_with_other_values_than_the_rest_is_refused(tmp_path):
    path = tmp_path / "vectors.txt"
    for line in ("b 1", "b 1 2 3", "b"):
        path.write_text(f"3 2\na 1 2\n{line}\nc 1 2\n")
        with pytest.raises(BadVectorsError, match="it says 3 words of 2 dimensions, and the file"):
            load_vectors(path)
    path.write_text("3 2\na 1 2\nb x 2\nc 1 2\n")
    with pytest.raises(BadVectorsError, match=f"^{path} is broken: could not convert string to fl"):
        load_vectors(path)


@pytest.mark.parametrize("name", ["vectors.bin", "vectors.txt"])
def test_a_header_that_promises_more_than_there_can_be_takes_no_memory(tmp_path, vectors, name):
    path = save(vectors, tmp_path / name)
    path.write_bytes(path.read_bytes().replace(b"3 2", b"30000000 2", 1))
    with pytest.raises(BadVectorsError) as caught:
        load_vectors(path)
    assert str(caught.value) == (
        f"{path} has a wrong header, or is cut off: it says 30,000,000 words of 2 dimensions, "
        f"and the file holds something else"
    )


@pytest.mark.parametrize("name", ["vectors.bin", "vectors.txt"])
def test_a_cut_off_file_is_refused(tmp_path, vectors, name):
    path = save(vectors, tmp_path / name)
    path.write_bytes(path.read_bytes()[:-3].rpartition(b" ")[0])
    with pytest.raises(BadVectorsError, match=r"has a wrong header, or is cut off|is broken"):
        load_vectors(path)


@pytest.mark.parametrize("data", [b"", b"hello\n", b"\xff\xfe\x00", b"3\n", b"word 1 2\n"])
def test_a_file_without_a_header_is_refused(tmp_path, data):
    path = tmp_path / "v.txt"
    path.write_bytes(data)
    with pytest.raises(BadVectorsError, match="has a wrong header: not a number of words and dim"):
        load_vectors(path)


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
        r"(import|from) (pickle|joblib|torch|dill|shelve|marshal)\b|unpickle\(|allow_pickle"
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
            "saved = by_gensim(path, lambda: KeyedVectors.load(str(path.absolute())))",
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
