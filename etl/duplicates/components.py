"""Links between posts → for each post that is linked, the first one of its component."""

from collections.abc import Iterable, Iterator


def first_of_components(links: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Pairs of positions → (position, the smallest of its component), less the smallest itself.

    Union-find with path halving (Tarjan and van Leeuwen 1984); memory grows with the number of
    posts that have a link, not with that of all posts. Ascending, whatever the order of the links.

    >>> list(first_of_components([(5, 3), (9, 5), (8, 7)]))
    [(5, 3), (8, 7), (9, 3)]
    """
    parents: dict[int, int] = {}

    def root(position: int) -> int:
        while (parent := parents.setdefault(position, position)) != position:
            parents[position] = parents[parent]
            position = parents[position]
        return position

    for one, other in links:
        low, high = sorted((root(one), root(other)))
        parents[high] = low
    for position in sorted(parents):
        if (first := root(position)) != position:
            yield position, first
