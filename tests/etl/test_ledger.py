"""The ledger: adding, the equations, the nested form."""

import doctest
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl import ledger as module
from etl.ledger import Ledger

COUNTS = st.integers(min_value=0, max_value=10**9)
KEYS = [
    "files.found",
    "files.rejected.empty",
    "posts.found",
    "posts.rejected.blank",
    "sentences.rejected.no_word",
    "encodings.utf-8",
    "dates.read",
]
LEDGERS = st.dictionaries(st.sampled_from(KEYS), COUNTS).map(Ledger)


@st.composite
def balanced(draw: st.DrawFn) -> Ledger:
    """A ledger whose equations hold, drawn from its parts."""
    ledger = Ledger()
    for total, kept in [("files", "read"), ("posts", "kept"), ("sentences", "written")]:
        ledger[f"{total}.{kept}"] = draw(COUNTS)
        ledger[f"{total}.rejected.one"] = draw(COUNTS)
        ledger[f"{total}.rejected.two"] = draw(COUNTS)
        ledger[f"{total}.found"] = ledger.count(f"{total}.{kept}") + ledger.count(
            f"{total}.rejected"
        )
    posts = ledger["posts.found"]
    for names in [("encodings.ascii", "encodings.utf-8"), ("dates.read", "dates.unreadable")]:
        ledger[names[0]] = draw(st.integers(0, posts))
        ledger[names[1]] = posts - ledger[names[0]]
    for kind in ("markup", "posts", "stray"):
        ledger[f"bytes.{kind}"] = draw(COUNTS)
        ledger["bytes.read"] += ledger[f"bytes.{kind}"]
    return ledger


@given(LEDGERS, LEDGERS, LEDGERS)
def test_adding_is_commutative_and_associative(a: Ledger, b: Ledger, c: Ledger) -> None:
    assert Ledger.sum([a, b]) == Ledger.sum([b, a])
    assert Ledger.sum([Ledger.sum([a, b]), c]) == Ledger.sum([a, Ledger.sum([b, c])])
    assert Ledger.sum([a, Ledger()]) == a


@given(st.lists(balanced()))
def test_balanced_ledgers_add_up_to_a_balanced_one(ledgers: list[Ledger]) -> None:
    assert Ledger.sum(ledgers).discrepancies() == []


@given(
    balanced(),
    st.sampled_from(
        ["files.read", "posts.kept", "sentences.written", "encodings.ascii", "bytes.stray"]
    ),
)
def test_one_lost_event_is_a_discrepancy(ledger: Ledger, key: str) -> None:
    ledger[key] += 1
    assert any(key.split(".")[0] in line for line in ledger.discrepancies())


def test_a_discrepancy_names_the_equation_and_both_sides() -> None:
    ledger = Ledger(
        {
            "posts.found": 10,
            "posts.kept": 7,
            "posts.rejected.blank": 1,
            "posts.rejected.no_word": 1,
            "encodings.ascii": 8,
            "encodings.utf-8": 2,
            "dates.read": 9,
        }
    )
    assert ledger.discrepancies() == [
        "posts.found = posts.kept + posts.rejected: 10 is not 7 + 2",
        "posts.found = dates.read + dates.unreadable: 10 is not 9 + 0",
    ]


def test_nested_holds_every_room_and_splits_only_at_dots() -> None:
    ledger = Ledger({"posts.rejected.blank": 2, "encodings.windows-1252": 1, "files.found": 1})
    assert ledger.nested() == {
        "bytes": {"markup": 0, "posts": 0, "read": 0, "stray": 0, "written": 0},
        "dates": {"read": 0, "unreadable": 0},
        "encodings": {"windows-1252": 1},
        "files": {"found": 1, "read": 0, "rejected": {}},
        "posts": {"found": 0, "kept": 0, "rejected": {"blank": 2}},
        "repairs": {},
        "sentences": {"found": 0, "rejected": {}, "written": 0},
        "strays": {"rejected": {}},
        "tokens": {"written": 0},
    }


def test_a_branch_lists_its_leaves_largest_first_without_zeros() -> None:
    ledger = Ledger({"repairs.b": 2, "repairs.a": 2, "repairs.c": 5, "repairs.d": 0})
    assert list(ledger.branch("repairs").items()) == [("c", 5), ("a", 2), ("b", 2)]
    assert ledger.count("repairs") == 9


@given(LEDGERS)
def test_json_and_pickle_lose_nothing(ledger: Ledger) -> None:
    assert Ledger(json.loads(json.dumps(ledger))) == ledger
    copy = pickle.loads(pickle.dumps(ledger))
    assert copy == ledger
    assert type(copy) is Ledger


def test_doctests() -> None:
    assert doctest.testmod(module).failed == 0


def test_the_ledger_needs_neither_spark_nor_numpy() -> None:
    import subprocess
    import sys

    code = "import sys, etl.ledger; print(sorted({'pyspark', 'numpy'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


@pytest.mark.parametrize("total", ["files", "posts", "sentences"])
def test_an_empty_ledger_adds_up(total: str) -> None:
    assert Ledger()[f"{total}.found"] == 0
    assert Ledger().discrepancies() == []
