"""Write etl/text/months.py anew from the Unicode CLDR, through Babel (`pip install babel`).

Run it only when languages are to be added: the module it writes is committed, so that neither the
build nor a Spark worker needs Babel.
"""

import re
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

from babel import __version__ as babel_version  # type: ignore[import-not-found]
from babel.dates import get_month_names  # type: ignore[import-not-found]

LANGUAGES = re.findall(
    r"\w+",
    """
    en af az bg bs ca cs cy da de el es et eu fi fil fo fr ga gl hr hu id is it lb lt lv mk ms mt
    nb nl nn pl pt ro ru sk sl sq sr sr_Latn sv sw tr uk uz vi
    """,
)

HEADER = '''"""Names of the months in many languages, lower case, as they stand in `<date>`.

Made by tests/etl/text/make_months.py from the Unicode CLDR (Babel {version}, Unicode licence), of
{languages}.
Wide names, in their stand-alone and inflected forms. A word that means different months in
different languages is left out ({ambiguous}):
a date is rather null than guessed.
"""

MONTHS: dict[str, int] = {{
    word: month
    for month, words in enumerate(
        (
{rows}
        ),
        start=1,
    )
    for word in words.split()
}}
'''


def month_words() -> dict[str, set[int]]:
    """Every one-word month name, lower case, with the months that it can mean."""
    meanings: dict[str, set[int]] = defaultdict(set)
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            names = get_month_names("wide", context=context, locale=language)
            for month in range(1, 13):
                word = names[month].lower().strip(".")
                if word.isalpha():
                    meanings[word].add(month)
    return meanings


def main() -> None:
    """Write the module."""
    meanings = month_words()
    ambiguous = sorted(word for word, months in meanings.items() if len(months) > 1)
    rows = []
    for month in range(1, 13):
        words = sorted(word for word, months in meanings.items() if months == {month})
        lines = textwrap.wrap(" ".join(words), 84)
        rows.append("\n".join(f'            "{line} "' for line in lines) + ",")
    text = HEADER.format(
        version=babel_version,
        languages=textwrap.fill(" ".join(LANGUAGES), 96),
        ambiguous=", ".join(ambiguous),
        rows="\n".join(rows),
    )
    Path(__file__).parents[3].joinpath("etl", "text", "months.py").write_text(
        text, encoding="utf-8"
    )
    sys.stdout.write(f"{len(meanings) - len(ambiguous)} words, left out: {ambiguous}\n")


if __name__ == "__main__":
    main()
