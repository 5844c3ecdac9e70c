"""Outputs and their tables: each way to damage one is caught by its check, sound ones by none."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from composition import blog_of, find_twins_plainly
from damages import DAMAGES
from made_outputs import sample_files, write_output

from etl.cleaning.options import Cleaning
from etl.options import ChainOptions
from quality.gate import CHECKS, Standard, read_standard
from quality.gate import judge as judge_build
from quality.output_check import Judged, describe_output, judge_output
from quality.preflight import describe_file
from quality.suggest import suggest
from quality.tables import Output

ROOT = Path(__file__).parents[2]
SHORT = ChainOptions(min_tokens=2)
PAIRS = [("tiger", "cat")]


def judge(folder: Path, standard: Standard | None = None, **given: Any) -> Judged:
    """As `jobs/check_corpus.py` does."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    output = Output.find(folder, manifest)
    assert output
    path = folder / "corpus" / "cleaned_sentences.csv"
    metrics = describe_file(path, PAIRS, 1, 1, manifest["corpus"]["sha256"])
    return judge_output(output, describe_output(output, metrics), standard or Standard(), **given)


def failed(judged: Judged) -> dict[str, dict[str, Any]]:
    """Verdicts that did not pass, by "dataset.check"."""
    verdicts = judged.quality["verdicts"]
    return {f"{it['dataset']}.{it['expectation']}": it for it in verdicts if not it["passed"]}


def repeating_files() -> list[tuple[str, bytes]]:
    """Some of the sample, a file that repeats posts of it, and one without any."""
    files = sample_files(12)
    texts = [b"The very same words, once more.", b"The very same words, once more."]
    files.append(("5000001.male.24.Student.Leo.xml", blog_of([*texts, b"Hm. Well, that is it."])))
    return [*files, ("5000002.male.24.Student.Leo.xml", b"<Blog></Blog>")]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """An output with something of everything: all stages of rejects, twins, two genders."""
    files = repeating_files()
    twins = find_twins_plainly(files[:-1], SHORT)
    return write_output(tmp_path_factory.mktemp("sound") / "out", files, SHORT, twins)


@pytest.mark.parametrize(("says", "damage", "check"), DAMAGES, ids=[it[0] for it in DAMAGES])
def test_a_damaged_output_fails_the_check_of_it(sound, tmp_path, says, damage, check):
    folder = shutil.copytree(sound, tmp_path / "out")
    damage(folder)
    # The checks of its dataset alone: a few seconds in all, and no other's failure counts.
    dataset = check.partition(".")[0]
    mine = {name: rows if name == dataset else () for name, rows in CHECKS.items()}
    assert check in failed(judge(folder, Standard(mine))), says


def only(sex: str) -> list[tuple[str, bytes]]:
    return [file for file in sample_files() if f".{sex}." in file[0]]


def recompress(folder: Path) -> None:
    import pyarrow.parquet as pq

    for path in folder.rglob("*.parquet"):
        pq.write_table(pq.ParquetFile(path).read(), path, compression="zstd", row_group_size=7)


CAPITALS = [b"WE ALL GO THERE. AND THEN HOME AGAIN!", b"IT IS LATE. I HAVE TO SLEEP."]
TEN = sample_files(10)
Files = list[tuple[str, bytes]]
SOUND: dict[str, tuple[Files, Mapping[str, Any], Callable[[Path], None] | None]] = {
    "default options": (TEN, {}, None),
    "apostrophes": (TEN, {"options": ChainOptions(keep_apostrophes=True)}, None),
    "folded": (TEN, {"options": ChainOptions(fold_diacritics=True)}, None),
    "three tokens": (TEN, {"options": ChainOptions(min_tokens=3)}, None),
    "masked": (TEN, {"options": ChainOptions(cleaning=Cleaning(mask="pii"))}, None),
    "filtered": (
        TEN,
        {"options": ChainOptions(cleaning=Cleaning(filters={"min_doc_words": 20.0}))},
        None,
    ),
    "texts of rejects": (TEN, {"keep_text": True}, None),
    "the next ten files": (sample_files(20)[10:], {}, None),
    "the last files": (sample_files()[20:], {}, None),
    "men": (only("male"), {}, None),
    "women": (only("female"), {}, None),
    "one blogger": (TEN[:1], {}, None),
    "one post": ([(TEN[0][0], blog_of([b"This is all. And that is it."]))], {}, None),
    "in capitals": ([(TEN[0][0], blog_of(CAPITALS))], {}, None),
    "many small parts": (TEN, {"rows_a_file": 20}, None),
    "compressed otherwise": (TEN, {}, recompress),
    "no tables": (TEN, {"tables": ()}, None),
    "posts alone": (TEN, {"tables": ("posts",)}, None),
    "sentences alone": (TEN, {"tables": ("sentences",)}, None),
    "a file without posts": (repeating_files(), {}, None),
    "in Windows-1252": ([(TEN[0][0], blog_of(["It’s the café. I like it.".encode("cp1252")]))],
                        {}, None),
}  # fmt: skip
"""Name → files, how they are built, and what is done to the output."""


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_output_fails_nothing(tmp_path, name):
    files, given, change = SOUND[name]
    folder = write_output(tmp_path / "out", files, **given)
    if change:
        change(folder)
    assert failed(judge(folder)).keys() <= {"rejects.files", "rejects.files_no_post"}


def test_a_build_passes_what_is_suggested_for_it_and_one_unlike_it_does_not(sound, tmp_path):
    output = Output.find(sound, json.loads((sound / "manifest.json").read_bytes()))
    assert output
    metrics = output.metrics
    tokens = metrics["corpus"]["tokens"]
    thresholds = tmp_path / "mine.toml"
    thresholds.write_text(suggest(output, judge(sound), tokens))
    standard = read_standard(thresholds)
    quality = judge_build(metrics, standard)
    assert (quality["errors"], quality["warnings"]) == (0, 0)
    lengths = metrics["tokens_per_sentence"]
    longer = {**metrics, "tokens_per_sentence": {**lengths, "longest": 10 * lengths["longest"]}}
    other = judge_build(longer, standard)
    assert [verdict["expectation"] for verdict in other["verdicts"] if not verdict["passed"]] == [
        "tokens_longest"
    ]
