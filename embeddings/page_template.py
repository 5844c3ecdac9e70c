"""HTML pages that work alone, offline: templates of this room, which share one head."""

import html
import re
from collections.abc import Mapping
from importlib import resources

HEAD = "head.html"
OWN_SCRIPTS, NO_SCRIPTS = "'unsafe-inline'", "'none'"
"""What a page's content security policy lets run."""

PLACEHOLDER = re.compile(r"\{\{([A-Z]+)\}\}")


def fill_page(name: str, title: str, values: Mapping[str, str], scripts: str = NO_SCRIPTS) -> str:
    """A template of a page with its head, and every {{NAME}} replaced, once.

    Args:
        name: of the template; its {{HEAD}} is the head, its {{TITLE}} the title.
        title: any text.
        values: the others, which are HTML already.
        scripts: `OWN_SCRIPTS` if the template has any.

    Raises:
        KeyError: the template names something that there is no value for.
    """
    shown = {"TITLE": html.escape(title)}
    head = _fill(HEAD, shown | {"SCRIPTS": scripts})
    return _fill(name, {**values, **shown, "HEAD": head})


def _fill(name: str, values: Mapping[str, str]) -> str:
    template = (resources.files("embeddings") / "templates" / name).read_text(encoding="utf-8")
    return PLACEHOLDER.sub(lambda match: values[match[1]], template)
