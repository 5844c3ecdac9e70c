"""What may be cleaned beyond the reference run's cleaning: the options, all of them off by default.

Every one of them is counted in the ledger, and what it drops is a row of the rejects. In the order
in which a post meets them: mask, language, filters, duplicates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

DEDUP = ("exact", "near")
MASKS = ("pii",)
ACTIONS = ("drop", "flag")

SIMILARITY = 0.8
"""Jaccard similarity from which on posts are near duplicates, where the user gives none.

The usual threshold on word 5-grams: Lee et al. (2022), Deduplicating Training Data Makes Language
Models Better, appendix A.
"""


@dataclass(frozen=True)
class Cleaning:
    """The cleaning options of one build.

    Attributes:
        dedup: "exact" drops posts that repeat the normalized text of an earlier one; "near" also
            those that are nearly the same; None keeps all.
        dedup_threshold: Jaccard similarity from which on "near" takes posts for the same.
        language: ISO 639 code of the language to keep; None does not ask.
        language_action: "drop" posts that are surely in another language, or only "flag" them.
        mask: "pii" puts fixed tokens for e-mail addresses, phone numbers and URLs.
        filters: name → threshold, of `etl.cleaning.filters.FILTERS`.
        trace: number of before-and-after examples of each step to keep; 0 for none.
    """

    dedup: str | None = None
    dedup_threshold: float = SIMILARITY
    language: str | None = None
    language_action: str = "drop"
    mask: str | None = None
    filters: Mapping[str, float] = field(default_factory=dict, hash=False)
    trace: int = 0

    def __post_init__(self) -> None:
        _check("dedup", self.dedup, (None, *DEDUP))
        _check("mask", self.mask, (None, *MASKS))
        _check("language_action", self.language_action, ACTIONS)
        if not 0 < self.dedup_threshold <= 1:
            raise ValueError(f"dedup_threshold is {self.dedup_threshold}, expected above 0, to 1")
        if self.trace < 0:
            raise ValueError(f"trace is {self.trace}, expected 0 or more")

    @property
    def screens(self) -> bool:
        """Whether any option looks at single posts: by default the chain skips `screen` whole."""
        return bool(self.language or self.mask or self.filters)


def _check(name: str, value: str | None, allowed: tuple[str | None, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}, expected one of {allowed}")
