"""Which posts of a batch stay, and why the others do not."""

from collections.abc import Iterable

from etl.cleaning.screen import Screen
from etl.cleaning.twins import Twins
from etl.counting.tally import FilePost, Tally
from etl.counting.traces import Trace


def drop_blank(batch: Iterable[FilePost], tally: Tally) -> list[FilePost]:
    """The posts that hold any text: all that the default options ask of a post."""
    kept = []
    for item in batch:
        if item.post.text:
            kept.append(item)
        else:
            tally.reject_post(item, "blank")
    return kept


def sift(
    batch: Iterable[FilePost], screen: Screen, twins: Twins, tally: Tally, trace: Trace | None
) -> list[FilePost]:
    """The posts that the cleaning options keep, masked where that is asked for.

    Args:
        batch: posts in file order, blank ones too.
        screen: looks at single posts.
        twins: posts to drop as duplicates.
        tally: counts masks and languages, and gets the rejects.
        trace: gets examples of masks; None for none.
    """
    kept = []
    for item in batch:
        screened = screen.look(item.post)
        tally.screen(screened)
        if trace and screened.masked:
            trace.add_change("mask", item.key, item.post.text, screened.post.text)
        masked = item._replace(post=screened.post)
        twin = twins.get(item.key)
        if screened.reason:
            tally.reject_post(masked, screened.reason)
        elif twin:
            tally.reject_post(masked, twin.reason, twin)
        else:
            kept.append(masked)
    return kept
