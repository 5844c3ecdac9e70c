"""A tenth of the real corpus: its metrics are those of an independent plain-Python count."""

import os
import zipfile
from pathlib import Path

import pytest

from embeddings.scoring.word_pairs import ws353
from etl.chain import Chain
from etl.options import ChainOptions
from quality.gate import Standard
from quality.preflight import describe_file, judge_file

pytestmark = pytest.mark.real_sample

SAMPLE = Path(__file__).parents[2] / ".." / "shared" / "data" / "blogs-sample.zip"


@pytest.fixture(scope="module")
def metrics(tmp_path_factory):
    if not SAMPLE.is_file():
        if os.environ.get("CI"):
            pytest.fail("CI has to run this, and ../shared/data/blogs-sample.zip is missing")
        pytest.skip("../shared/data/blogs-sample.zip is missing: NOT tested on real data")
    path = tmp_path_factory.mktemp("real") / "corpus.csv"
    with zipfile.ZipFile(SAMPLE) as archive, path.open("wb") as file:
        names = sorted(name for name in archive.namelist() if not name.endswith("/"))
        files = ((Path(name).name, archive.read(name)) for name in names)
        file.writelines(part.lines for part in Chain(ChainOptions()).build(files))
    pairs = [(pair.first, pair.second) for pair in ws353()[0].pairs]
    return describe_file(path, pairs, min_count=40, processes=2, sha256=None)


def test_lines_tokens_and_characters(metrics):
    assert metrics["corpus"] | {"sha256": ""} == {
        "bytes": 73_530_286,
        "lines": 954_875,
        "tokens": 14_602_481,
        "sha256": "",
        "is_manifests": None,
        "form": "plain text",
    }
    assert metrics["characters"] == {"total": 73_462_998, "non_ascii": 41_646}
    lines = {name: count for name, count in metrics["lines"].items() if count}
    assert lines == {"too_long": 8, "long_token": 18, "non_ascii": 2_404, "longest_bytes": 6_477}


def test_repeated_lines(metrics):
    repeated = metrics["repeated_lines"]
    assert (repeated["distinct"], repeated["repeats"]) == (872_124, 82_751)
    assert (repeated["top_lines"], repeated["top_counts"][:3]) == (22_202, [901, 808, 705])


def test_vocabulary(metrics):
    vocabulary = metrics["vocabulary"]
    assert (vocabulary["types"], vocabulary["hapaxes"]) == (173_111, 84_448)
    assert vocabulary["growth"][0] == [292_049, 17_025]
    assert vocabulary["zipf"]["slope"] == -1.1398
    assert metrics["min_count"]["words"] == 14_124
    missing = {
        row["min_count"]: row["pairs_missing"] for row in vocabulary["ws353"]["by_min_count"]
    }
    assert (missing[1], missing[5], missing[40]) == (1, 9, 68)


def test_it_passes_what_a_build_has_to_pass(metrics):
    quality = judge_file(metrics, Standard(), strict=True)
    failed = [one["expectation"] for one in quality["verdicts"] if not one["passed"]]
    assert (quality["passed"], failed) == (True, ["too_long"])
