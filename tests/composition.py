"""What the fast path has to equal: read_posts, then split_sentences, then normalize, one by one.

Counted here anew, without `etl.chain` and its fast path, so that a test can hold them against it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hypothesis import strategies as st

from etl.chain import Chain
from etl.cleaning.filters import FILTERS
from etl.cleaning.masks import mask_pii
from etl.cleaning.measures import Measures
from etl.cleaning.options import Cleaning
from etl.cleaning.twins import Twin, Twins
from etl.counting.batches import BatchResult, Reject
from etl.ledger import Ledger
from etl.options import LINES, ChainOptions
from etl.text.blogs import Post, read_posts
from etl.text.english import english
from etl.text.markup import cut_file
from etl.text.normalize import normalize
from etl.text.sentences import BREAKS_BEFORE, SentenceSplitter, split_sentences

NAME = "1136785.male.17.Student.Pisces.xml"


class Whole(NamedTuple):
    """What some files became, in a form that two ways of building can be compared by."""

    lines: bytes
    rejects: list[tuple[object, ...]]
    counts: dict[str, int]


def names() -> Iterator[str]:
    """Good file names, all different."""
    return (f"{number}.female.24.indUnk.Leo.xml" for number in range(1_000_001, 9_999_999))


def blog_of(bodies: Iterable[bytes]) -> bytes:
    """One file of these posts."""
    posts = (b"<date>14,May,2004</date>\r\n<post>%s</post>\r\n" % body for body in bodies)
    return b"<Blog>\r\n" + b"".join(posts) + b"</Blog>"


def files_of(*texts: str) -> list[tuple[str, bytes]]:
    """One file with these posts, as UTF-8."""
    return [(NAME, blog_of(text.encode() for text in texts))]


def built(
    files: Iterable[tuple[str, bytes]],
    options: ChainOptions,
    keep_text: bool = False,
    twins: Twins | None = None,
) -> Whole:
    """By `Chain.build`, its parts put together."""
    return join(Chain(options).build(files, keep_text, twins))


def join(parts: Iterable[BatchResult]) -> Whole:
    """The parts that `Chain.build` yields, as one."""
    parts = list(parts)
    rejects = [reject for part in parts for reject in part.rejects]
    counts = Ledger.sum(part.ledger for part in parts)
    return Whole(b"".join(part.lines for part in parts), _sorted(rejects), _without_zeros(counts))


def composed(
    files: Iterable[tuple[str, bytes]],
    options: ChainOptions,
    keep_text: bool = False,
    twins: Twins | None = None,
) -> Whole:
    """By the specification. The files have to be good ones."""
    lines: list[str] = []
    rejects: list[Reject] = []
    counts: Counter[str] = Counter()
    for name, data in files:
        cut = cut_file(data)
        counts += Counter({"files.found": 1, "bytes.read": len(data)})
        if cut.posts:
            counts["files.read"] += 1
        else:
            counts["files.rejected.no_post"] += 1
            number = int(name.split(".")[0])
            rejects.append(Reject(name, number, None, None, "file", "no_post"))
        counts += Counter({"bytes.markup": cut.markup, "bytes.posts": cut.text})
        assert not cut.strays
        for post in read_posts(data):
            counts[f"encodings.{post.encoding}"] += 1
            counts["dates.read" if post.date else "dates.unreadable"] += 1
            counts.update(f"repairs.{repair}" for repair in post.repairs)
            counts["posts.found"] += 1
            key = (name, int(name.split(".")[0]), post.ordinal)
            post, reason = cleaned(post, options.cleaning, counts)
            twin = (twins or {}).get(key[1:])
            if not reason and twin:
                reason = twin.reason
            if reason:
                counts[f"posts.rejected.{reason}"] += 1
                other = twin[1:] if twin and reason == twin.reason else ()
                text = post.text if keep_text else None
                rejects.append(Reject(*key, None, "post", reason, text, *other))
                continue
            sentences = pieces(post.text, options)
            normal = [
                normalize(
                    sentence,
                    fold_diacritics=options.fold_diacritics,
                    keep_apostrophes=options.keep_apostrophes,
                )
                for sentence in sentences
            ]
            if not any(normal):
                counts["posts.rejected.no_word"] += 1
                text = post.text if keep_text else None
                rejects.append(Reject(*key, None, "post", "no_word", text))
                continue
            counts["posts.kept"] += 1
            for ordinal, (sentence, line) in enumerate(zip(sentences, normal, strict=True)):
                counts["sentences.found"] += 1
                tokens = line.count(" ") + 1 if line else 0
                if tokens >= options.min_tokens:
                    lines.append(line + "\n")
                    counts["sentences.written"] += 1
                    counts["tokens.written"] += tokens
                else:
                    reason = "too_short" if line else "no_word"
                    counts[f"sentences.rejected.{reason}"] += 1
                    text = sentence if keep_text else None
                    rejects.append(Reject(*key, ordinal, "sentence", reason, text))
    corpus = "".join(lines).encode()
    counts["bytes.written"] = len(corpus)
    return Whole(corpus, _sorted(rejects), _without_zeros(counts))


def pieces(text: str, options: ChainOptions) -> list[str]:
    """What becomes a line each."""
    if options.lines == "post":
        return [text]
    return SentenceSplitter(english(), options.break_before).split(text)


def cleaned(post: Post, cleaning: Cleaning, counts: Counter[str]) -> tuple[Post, str | None]:
    """A post as the cleaning options leave it, and their reason to drop it, if any."""
    if not post.text:
        return post, "blank"
    if cleaning.mask:
        text, masks = mask_pii(post.text)
        post = post._replace(text=text)
        counts.update({f"masks.{kind}": count for kind, count in masks.items()})
    measures = Measures(post.text, split_sentences)
    for name, rule in FILTERS.items():
        if name in cleaning.filters and rule.drops(measures, cleaning.filters[name]):
            return post, name
    return post, None


def find_twins_plainly(
    files: Iterable[tuple[str, bytes]], options: ChainOptions
) -> dict[tuple[int, int], Twin]:
    """The exact duplicates of some files in file order, by the specification."""
    firsts: dict[str, tuple[int, int]] = {}
    twins = {}
    for name, data in files:
        for found in read_posts(data):
            post, reason = cleaned(found, options.cleaning, Counter())
            text = normalize(
                post.text,
                fold_diacritics=options.fold_diacritics,
                keep_apostrophes=options.keep_apostrophes,
            )
            key = (int(name.split(".")[0]), post.ordinal)
            if text and not reason and firsts.setdefault(text, key) != key:
                twins[key] = Twin("duplicate", *firsts[text])
    return twins


def _sorted(rejects: Iterable[Reject]) -> list[tuple[object, ...]]:
    """In the order of files, posts and sentences."""

    def place(reject: Reject) -> tuple[str, int, int]:
        post, sentence = reject.post_ordinal, reject.sentence_ordinal
        return reject.file, -1 if post is None else post, -1 if sentence is None else sentence

    return [tuple(reject) for reject in sorted(rejects, key=place)]


def _without_zeros(counts: Counter[str]) -> dict[str, int]:
    return {key: count for key, count in sorted(counts.items()) if count}


# Posts made to hit the boundaries of every rule

ONE_BYTE_TOKENS = (
    *(".", ".", ".", "!", "?", "…", "..", "...", "....", "?!", "!!!", ". . .", "!.", "…."),
    *('"', "'", "”", "’", "»", ")", "]", "}", "*", "_", '")', "))", '."', ".)", '!"'),
    *("“", "‘", "«", "(", "[", "{", "-", "–", "—", "¿", "¡", "~", "<", "#", ">", "--", '("'),
    *((":)", ":(", ";)", "=D", ":-)", "<3", ">.<", "^_^", ":P", ":-(((", "=]", ":'(", ":/")),
    *("(:", "(8", "(-8", "</3", ":", ";", "=", ",", "/", "%", "^", "@", "&", "\\", "|", ".com"),
    *("Mr", "Mr.", "mrs.", "Dr.", "e.g.", "i.e", "a.m.", "p.m", "Ph.D.", "U.S.", "Inc.", "vs."),
    *(
        "Lt.",
        "Blvd.",
        "Hmm.",
        "Shh",
        "Messrs.",
        "D.C.",
        "Miss.",
        "ill.",
        "st",
        "Abcdefgh",
        "Bcdfghjk",
    ),
    *("J.", "I.", "A", "B.C.", "J", "x.", "T", "Z.", "can't.", "a.b", "plan B.", "É."),
    *("The", "It", "Smith", "I", "WORK", "Éa", "Then", "Yes", "Ünder", "A.B", "work.Then", "ab.T"),
    *(
        "the",
        "work",
        "a",
        "x",
        "don't",
        "don’t",
        "écrit",
        "ªb",
        "ƒoo",
        "ß",
        "µ",
        "ab",
        "rock'n'roll",
    ),
    *("1", "42", "3.14", "10:30", "½", "²", "1.", "$5.", "ˆ", "7 p.m."),
    *("é", "É", "Ÿ", "ƒ", "ª", "œ", "Š", "™", "€", "·", "\xad", "\xad", "st\xad."),
    *("urlLink", "&nbsp;", "&amp;nbsp;", "&#151;", "&#8217;", "\x1e", "\x00", "\x7f"),
)
"""Tokens that Windows-1252 can hold, so that their posts take the fast path."""

OTHER_TOKENS = (
    *("Ж", "ж.", "漢", "♥", "İ", "Σ", "e\u0301", "\u2028", "\u2009", "ツ", "\ufeff", "\x85"),
    *("हि.", "\u200c", "\u200b", "\u0301", "&zwnj;", "&shy;", "&amp;amp;NBSP;"),
)
"""Tokens that it cannot hold, or that are repaired away."""

JOINERS = (
    "",
    "",
    "",
    " ",
    " ",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r\n\r\n",
    " \n\t\n ",
    "\xa0",
    "\t",
    "\r\n",
)


def texts(tokens: tuple[str, ...], max_tokens: int = 12) -> st.SearchStrategy[str]:
    """Tokens glued at random."""
    pair = st.tuples(st.sampled_from(tokens), st.sampled_from(JOINERS)).map("".join)
    return st.lists(pair, max_size=max_tokens).map("".join)


POST_TEXTS = st.one_of(
    texts(ONE_BYTE_TOKENS),
    texts(ONE_BYTE_TOKENS),
    texts(ONE_BYTE_TOKENS),
    texts(ONE_BYTE_TOKENS + OTHER_TOKENS),
)


def _encode(pair: tuple[str, str]) -> bytes:
    text, encoding = pair
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode()


POST_BYTES = st.tuples(POST_TEXTS, st.sampled_from(["utf-8", "cp1252"])).map(_encode)

FILES = st.lists(st.lists(POST_BYTES, max_size=5).map(blog_of), min_size=1, max_size=3).map(
    lambda blogs: list(zip(names(), blogs, strict=False))
)
"""Good files of a few posts, as (name, bytes)."""

OPTIONS = st.builds(
    ChainOptions,
    break_before=st.sampled_from(BREAKS_BEFORE),
    lines=st.sampled_from(LINES),
    fold_diacritics=st.booleans(),
    keep_apostrophes=st.booleans(),
    min_tokens=st.integers(1, 4),
)

FILTER_VALUES = {
    "min_doc_words": 3.0,
    "max_avg_word_length": 6.0,
    "max_ellipsis_word_ratio": 0.3,
    "dup_line_frac": 0.3,
    "duplicated_5_grams": 0.3,
    "min_num_sentences": 2.0,
}

CLEANINGS = st.builds(
    Cleaning,
    mask=st.sampled_from([None, "pii"]),
    filters=st.sets(st.sampled_from([*FILTER_VALUES]), max_size=3).map(
        lambda names: {name: FILTER_VALUES[name] for name in names}
    ),
)
"""Cleaning options that need no model and no Spark."""

REPEATED = st.sampled_from(
    [
        *("Same here.", "same, HERE!", "caf\xe9 \u2665", "Caf\xe9.", "cafe\u0301", "ca\xadf\xe9"),
        *("cafe", "\u2665", "a b c d e f"),
        *("Mail me@example.com", "mail you@example.com!", "don't", "don\u2019t", "don t", "", "?"),
    ]
)
"""Texts that repeat each other under one or another option."""

REPEATING_FILES = st.lists(
    st.lists(st.one_of(REPEATED, REPEATED, POST_TEXTS).map(str.encode), max_size=6).map(blog_of),
    min_size=1,
    max_size=6,
).map(lambda blogs: list(zip(names(), blogs, strict=False)))
"""Good files of posts, many of which are the same."""

TWIN_FILES = st.lists(
    st.lists(REPEATED.map(str.encode), min_size=3, max_size=6).map(blog_of), min_size=3, max_size=6
).map(lambda blogs: list(zip(names(), blogs, strict=False)))
"""Good files in which nearly every post repeats another, under one option or another."""
