"""Before-and-after examples of each step, for the report. The only text of posts in it.

`report/trace.json` is there only where the user asked for it with `--trace`; `etl.counting.traces`
has its form: step → examples of blogger_id, post_ordinal, before and after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ORDER = ("repair.", "mask", "split", "normalize", "dropped.")
"""What names of steps begin with, in the order in which a text meets them."""


@dataclass(frozen=True)
class Example:
    """What one step did to one text.

    Attributes:
        where: the post that it is from.
        before: what came in.
        after: what came out, a text or several; none where it was dropped.
    """

    where: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A step with its examples, in file order."""

    name: str
    examples: tuple[Example, ...]


def trace_steps(trace: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Step]:
    """The steps that have examples, in the order in which a text meets them."""
    found = [Step(name, tuple(map(_example, examples))) for name, examples in trace.items()]
    return sorted((step for step in found if step.examples), key=_place)


def _place(step: Step) -> int:
    places = (place for place, start in enumerate(ORDER) if step.name.startswith(start))
    return next(places, len(ORDER))


def _example(found: Mapping[str, Any]) -> Example:
    where = f"blogger {found['blogger_id']}"
    if found["post_ordinal"] is not None:
        where += f", post {found['post_ordinal']}"
    return Example(where, _texts(found["before"]), _texts(found["after"]))


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
