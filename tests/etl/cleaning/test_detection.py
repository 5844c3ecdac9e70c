"""`--language`: what the model answers, and that what it does not know for sure is kept."""

import os

import pytest

from etl.cleaning.detection import (
    PACKAGE,
    READ_CHARACTERS,
    UNSURE,
    detect_language,
    known_languages,
)

if not os.environ.get("CI"):
    pytest.importorskip(PACKAGE, reason="the extra `language` is not installed: NOT tested")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("I went to the store with my sister and it was so much fun.", "en", id="en"),
        pytest.param("Heute war ein langer Tag in der Schule, und ich bin müde.", "de", id="de"),
        pytest.param("Hoy no tengo ganas de hacer nada, mañana vamos a la playa.", "es", id="es"),
        pytest.param("Pagod na pagod ako ngayong araw, hindi ko alam kung bakit.", "tl", id="tl"),
        pytest.param("Tänään en jaksanut tehdä mitään, kahvi oli taas kylmää.", "fi", id="fi"),
        pytest.param("Сегодня был очень длинный день, и я не знаю, что делать.", "ru", id="ru"),
        pytest.param("lol", UNSURE, id="one word of slang"),
        pytest.param("ok :)", UNSURE, id="two letters"),
        pytest.param("Hmm...", UNSURE, id="no word"),
    ],
)
def test_language_of_a_text(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_only_the_beginning_is_asked() -> None:
    english = "This is what I wrote about the day that we had at the lake. "
    text = english * (READ_CHARACTERS // len(english) + 1) + "Ich bin müde. " * 1000
    assert detect_language(text) == "en"


def test_known_languages_are_codes() -> None:
    known = known_languages()
    assert {"en", "de", "fr", "tl", "zh"} <= known
    assert "zxx" not in known
    assert all(2 <= len(code) <= 3 and code.islower() for code in known)
