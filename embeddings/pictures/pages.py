"""HTML pages that work alone, offline: Jinja templates that extend one page, everything escaped.

What can't be seen, or reorders text, is shown as escapes; Markup is left as it is.
`templates/page.html` is that page: head, content security policy, colours in light and dark. A
template says `{% extends "page.html" %}` and fills its blocks; one of another package can as well.
"""

from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from storage.printable import printable_lines

PACKAGE = "embeddings.pictures"


def render_page(template: str, title: str, **values: Any) -> str:
    """A page of this package.

    Args:
        template: its file's name.
        title: any text.
        values: the others that the template names: text, which is escaped, or whatever else.

    Raises:
        UndefinedError: the template names something that there is no value for.
    """
    return page_environment().get_template(template).render(title=title, **values)


@cache
def page_environment(package: str = PACKAGE) -> Environment:
    """What loads the templates of a package, and those that they extend.

    `tojson` gives JSON that can stand between <script> and </script>, whatever is in it.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(PACKAGE)]),
        autoescape=True,
        finalize=lambda value: printable_lines(value) if type(value) is str else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return environment
