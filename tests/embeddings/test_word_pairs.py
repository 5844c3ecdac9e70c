import pytest

from embeddings.scoring.word_pairs import Pair, PairSet, name_pairs, read_pairs, simlex999
from storage.errors import BadPairsError, InputNotFoundError


def written(tmp_path, text):
    path = tmp_path / "my.tsv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "Cat\tdog\t7\ncup\ttea\t3.5\n",
        "word1,word2,score\nCat,dog,7\ncup,tea,3.5\n",
        "# a comment\n\ncat dog 7\ncup tea 3.5 and more\n",
        "\ufeffcat\tdog\t7\r\ncup\ttea\t3.5\textra\r\n",
    ],
    ids=["tabs", "commas and header", "spaces and comment", "BOM and CRLF"],
)
def test_a_users_table(tmp_path, text):
    found = read_pairs(written(tmp_path, text))
    assert found == PairSet("my.tsv", (Pair("cat", "dog", 7.0), Pair("cup", "tea", 3.5)))


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("sun sunlight 50.000000\nautomobile car 50.000000\n", Pair("sun", "sunlight", 50)),
        (
            "word1\tword2\tPOS\tSimLex999\tconc(w1)\nold\tnew\tA\t1.58\t2.72\n",
            Pair("old", "new", 1.58),
        ),
        ("squishing\tsquirt\t5.88\t10\t7\t8\n", Pair("squishing", "squirt", 5.88)),
        ("episcopal,russia,2.75\n", Pair("episcopal", "russia", 2.75)),
        ("access,gateway,3.79166666666667\n", Pair("access", "gateway", 3.79166666666667)),
        ("Word 1,Word 2,Human (mean)\nlove,sex,6.77\n", Pair("love", "sex", 6.77)),
    ],
    ids=["MEN", "SimLex-999", "RareWord", "MTurk-287", "MTurk-771", "WordSim-353"],
)
def test_published_layouts(tmp_path, text, pair):
    assert name_pairs("x", written(tmp_path, text)).pairs[0] == pair


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("cat dog 7\ncup tea\n", "line 2 is not two words and a score: 'cup tea'"),
        ("cat dog 7\ncup tea high\n", "line 2 is not two words and a score: 'cup tea high'"),
        ("cat dog 7\ncup tea nan\n", "line 2 is not two words and a score: 'cup tea nan'"),
        ("a\tb\t1\nhot dog\tb\t1\n", "line 2 is not two words and a score: 'hot dog\\tb\\t1'"),
        ("a\tb\tN\t1\nc\td\tN\t2\n", "line 2 is not two words and a score: 'c\\td\\tN\\t2'"),
        ("a\tb\t1\nc\t\t2\n", "line 2 is not two words and a score: 'c\\t\\t2'"),
        ("", "holds no pair of words with a score"),
        ("# nothing\nword1 word2 score\n", "holds no pair of words with a score"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, text, error):
    path = written(tmp_path, text)
    with pytest.raises(BadPairsError) as caught:
        read_pairs(path)
    assert str(caught.value) == f"{path} {error}"


def test_a_table_that_cannot_be_read(tmp_path):
    with pytest.raises(InputNotFoundError, match="No such file or directory"):
        read_pairs(tmp_path / "none")
    (tmp_path / "l1.txt").write_bytes(b"caf\xe9 x 1\n")
    with pytest.raises(BadPairsError, match="is not UTF-8"):
        read_pairs(tmp_path / "l1.txt")


def test_simlex():
    found = simlex999()
    assert (found.name, len(found.pairs), found.pairs[0]) == (
        "SimLex-999", 999, Pair("old", "new", 1.58),
    )  # fmt: skip
