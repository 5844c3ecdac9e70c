"""HTML pages that work alone, offline: Jinja templates that extend one page, everything escaped.

`templates/page.html` is that page: head, content security policy, and one style, light and dark. A
template says `{% extends "page.html" %}` and fills its blocks; those of `quality.report` do, too.
What can't be seen, or reorders text, is shown as escapes; Markup is left as it is.
"""

from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from storage.printable import printable_lines

PACKAGE = "embeddings.pictures"


def render_page(template: str, title: str, package: str = PACKAGE, **values: Any) -> str:
    """A page.

    Args:
        template: its file's name.
        title: any text.
        package: whose template it is.
        values: the others that the template names: text, which is escaped, or whatever else.

    Raises:
        UndefinedError: the template names something that there is no value for.
    """
    return page_environment(package).get_template(template).render(title=title, **values)


@cache
def page_environment(package: str = PACKAGE) -> Environment:
    """What loads the templates of a package, and those that they extend; HTML alone is escaped.

    `tojson` gives JSON that can stand between <script> and </script>, whatever is in it.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(PACKAGE)]),
        autoescape=select_autoescape(default_for_string=True),
        finalize=lambda value: printable_lines(value) if type(value) is str else value,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return environment
