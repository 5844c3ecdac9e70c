"""The tables of an output: types, keys, values, what normalization leaves, the ledger's counts.

Columns that no schema has are worked out by `quality.tables` from what lies beside the table: the
post of a sentence, the sentences of a post. "A tenth" is as in the other tables of checks.
"""

from quality.checks.check import OFF, WARNING
from quality.checks.corpus_checks import FLAWS
from quality.checks.row_check import (
    RowCheck,
    between,
    counted,
    equal,
    larger,
    ledger,
    of_schema,
    one_of,
    row_check,
    summed,
    unique,
    without,
)
from schemas.ledger import LEDGER
from schemas.posts import POSTS
from schemas.rejects import REJECTS
from schemas.sentences import SENTENCES

KEYS = {
    "posts": ("blogger_id", "post_ordinal"),
    "sentences": ("blogger_id", "post_ordinal", "sentence_ordinal"),
    "rejects": ("file", "blogger_id", "post_ordinal", "sentence_ordinal"),
    "ledger": ("key",),
}
"""Columns that a row is called by; never its text."""

GENDERS = ("male", "female")
SIGNS = (
    *("Aries", "Taurus", "Gemini", "Cancer", "Leo", "Virgo"),
    *("Libra", "Scorpio", "Sagittarius", "Capricorn", "Aquarius", "Pisces"),
)
INDUSTRIES = (
    *("indUnk", "Accounting", "Advertising", "Agriculture", "Architecture", "Arts", "Automotive"),
    *("Banking", "Biotech", "BusinessServices", "Chemicals", "Communications-Media"),
    *("Construction", "Consulting", "Education", "Engineering", "Environment", "Fashion"),
    *("Government", "HumanResources", "Internet", "InvestmentBanking", "Law"),
    *("LawEnforcement-Security", "Manufacturing", "Maritime", "Marketing", "Military"),
    *("Museums-Libraries", "Non-Profit", "Publishing", "RealEstate", "Religion", "Science"),
    *("Sports-Recreation", "Student", "Technology", "Telecommunications", "Tourism"),
    "Transportation",
)
"""Of the Blog Authorship Corpus: Schler et al. (2006), as its files are named."""

ENCODINGS = ("ascii", "utf-8", "windows-1252", "mixed")
STAGES = ("file", "post", "sentence", "stray")

CONTROL = "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
LINE_REGEXES = {
    "empty": "^$",
    "double_space": "  ",
    "outer_space": "^ | $",
    "tab": "\t",
    "carriage_return": "\r",
    "nul": "\x00",
    "control": CONTROL,
    "upper_case": "[A-ZÀ-ÖØ-ÞΑ-ΡΣ-ΩА-Я]",
    "replacement": "\ufffd",
    "bom": "\ufeff",
    "unicode_space": "[\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000]",
    "other_character": "[!-&(-/:-@\\[-`{-~¡-©«-±´¶-¸»¿×÷\u2010-\u2027\u2030-\u205e€\u3001-\u3003]",
    "apostrophe": "'",
}
"""Flaw → what finds it in a line, by the characters that occur: `\\w` differs between engines."""

ENGLISH = (
    *("the", "and", "to", "i", "a", "of", "it", "in", "is", "you", "that", "my", "was", "for"),
    *("on", "so", "me", "but", "have", "with", "be", "this", "just", "not", "at", "are", "we"),
    *("all", "like", "what", "do", "up", "out", "if", "as", "get", "he", "she", "they", "when"),
    *("no", "about", "there", "or", "had", "from", "how", "can", "am", "an", "im", "your", "t"),
    "s",
)
"""The most frequent words of the whole corpus."""

# One character before the @ is enough to find it; more are tried from each character of a word.
EMAIL = r"[A-Za-z0-9_.+-]@[A-Za-z0-9-]+\.[A-Za-z]{2,}"
PHONE = r"\b[0-9]{3}[-. ][0-9]{3}[-. ][0-9]{4}\b"
URL = r"https?://|www\."
REFERENCE = "&(?:nbsp|amp|lt|gt|quot|#[0-9]+);"
TAGS = "</?(?:Blog|post|date)>"
MOJIBAKE = "â€|Ã[\x80-\xbf]"
BLANK = r"^\s*$"


def _line_flaw(name: str) -> RowCheck:
    settings = {"severity": OFF, "note": "--keep-apostrophes"} if name == "apostrophe" else {}
    look = "sentences.line; etl/text/normalize.py"
    return without(f"line_{name}", FLAWS[name], "line", LINE_REGEXES[name], look, **settings)


# fmt: off
POST_ROWS = (
    *of_schema(POSTS, "schemas/posts.py"),
    unique(KEYS["posts"], "posts"),
    counted("rows", "There is a row for each post kept", "posts.kept"),
    between("post_ordinal", "Posts are numbered from 0", "post_ordinal", "posts.post_ordinal",
            at_least=0),
    one_of("gender", "Bloggers are male or female", "gender", GENDERS, "posts.gender",
           severity=WARNING, wanted="male or female", note="the corpus's own"),
    between("age", "Bloggers are as old as the corpus's are", "age", "posts.age",
            at_least=13, at_most=48, severity=WARNING, note="the corpus's own"),
    between("year", "Posts are of the corpus's years", "year", "posts.date; etl/text/months.py",
            at_least=1999, at_most=2006, severity=WARNING, note="the corpus's own"),
    row_check("dated", "Posts have the dates that were read",
              "ExpectColumnProportionOfNonNullValuesToBeBetween", "posts.date; ledger.dates",
              column="date", min_value=ledger("dates.share"),
              wanted="the ledger's dates.read, less posts.rejected"),
    one_of("sign", "Signs are the twelve", "sign", SIGNS, "posts.sign",
           severity=WARNING, wanted="one of twelve"),
    one_of("industry", "Industries are the corpus's", "industry", INDUSTRIES, "posts.industry",
           severity=WARNING, wanted="one of 40", note="the corpus's own"),
    one_of("encoding", "Encodings are known", "encoding", ENCODINGS, "posts.encoding",
           wanted="ascii, utf-8, windows-1252 or mixed"),
    equal("age_group", "The group is the decade of the age", ("age_group", "age_decade"),
          "posts.age, posts.age_group"),
    between("sentences", "A post has a sentence", "sentences", "posts.sentences", at_least=1),
    summed("sentences_sum", "Posts have all sentences that were found", "sentences",
           "sentences.found"),
    larger("sentences_written", "No post has more rows of sentences than sentences",
           ("sentences", "sentence_rows"), "posts.sentences, sentences/", or_equal=True),
    without("text_blank", "No post is blank", "text", BLANK, "posts.text"),
    without("text_control", "No post has a control character", "text", CONTROL,
            "posts.text; etl/text/repairs.py"),
    without("text_nul", "No post has a NUL", "text", "\x00", "posts.text; etl/text/repairs.py"),
    without("text_link", "Marks of removed links are gone", "text", "urlLink",
            "posts.text; etl/text/repairs.py"),
    without("text_tag", "No post swallowed another one's tags", "text", TAGS,
            "posts.text; etl/text/markup.py", severity=WARNING, note="a tenth: none"),
    without("text_reference", "Hardly a post has a character reference", "text", REFERENCE,
            "posts.text; etl/text/repairs.py", mostly=0.98, severity=WARNING,
            note="a tenth: none; the shipped sample: 0.004"),
    without("text_mojibake", "Hardly a post was decoded twice", "text", MOJIBAKE,
            "posts.text, posts.encoding", mostly=0.99, severity=WARNING, note="a tenth: 0.0006"),
    without("text_replacement", "Hardly a post has U+FFFD", "text", "\ufffd",
            "posts.text, posts.encoding", mostly=0.99, severity=WARNING, note="a tenth: 0.0012"),
    row_check("text_repeated", "Hardly a post repeats another",
              "ExpectColumnProportionOfUniqueValuesToBeBetween", "posts.text; --dedup",
              column="text", at_least=0.75, severity=WARNING, wanted="",
              note="share of distinct texts; a tenth: 0.988, the whole corpus: 0.89"),
)

SENTENCE_ROWS = (
    *of_schema(SENTENCES, "schemas/sentences.py"),
    unique(KEYS["sentences"], "sentences"),
    counted("rows", "There is a row for each sentence written", "sentences.written"),
    summed("tokens_sum", "Tokens are as many as the ledger counted", "tokens", "tokens.written"),
    summed("bytes_sum", "Lines are as long as the ledger counted", "line_bytes", "bytes.written"),
    one_of("post", "Each sentence has its post", "post_rows", (1,), "posts/; sentences/",
           wanted="one row of posts"),
    equal("gender", "A sentence's gender is its post's", ("gender", "post_gender"),
          "posts.gender, sentences.gender"),
    equal("age_group", "A sentence's age group is its post's", ("age_group", "post_age_group"),
          "posts.age_group, sentences.age_group"),
    between("sentence_ordinal", "Sentences are numbered from 0", "sentence_ordinal",
            "sentences.sentence_ordinal", at_least=0),
    larger("sentence_within", "No number is beyond the sentences of its post",
           ("post_sentences", "sentence_ordinal"), "posts.sentences, sentences.sentence_ordinal"),
    between("tokens", "Each line has tokens", "tokens", "sentences.tokens", at_least=1),
    equal("tokens_counted", "Tokens are those of the line", ("tokens", "line_words"),
          "sentences.tokens, sentences.line"),
    *map(_line_flaw, LINE_REGEXES),
    equal("line_normalized", "A line is its sentence, normalized", ("line", "line_again"),
          "sentences.sentence, sentences.line; etl/text/normalize.py"),
    without("sentence_blank", "No sentence is blank", "sentence", BLANK, "sentences.sentence"),
    row_check("english", "Most lines have one of English's most frequent words",
              "ExpectColumnValuesToMatchRegex", "sentences.line; --language en",
              column="line", regex=f"(?:^| )(?:{'|'.join(ENGLISH)})(?: |$)", mostly=0.75,
              severity=WARNING, note="a tenth: 0.909"),
    without("email", "Hardly a sentence has an e-mail address", "sentence", EMAIL,
            "sentences.sentence; --mask pii", mostly=0.98, severity=WARNING,
            note="a tenth: 0.0006; the shipped sample: 0.003"),
    without("phone", "Hardly a sentence has a telephone number", "sentence", PHONE,
            "sentences.sentence; --mask pii", mostly=0.99, severity=WARNING,
            note="a tenth: 0.0001"),
    without("url", "Few sentences have an address", "sentence", URL,
            "sentences.sentence; --mask pii", mostly=0.95, severity=WARNING,
            note="a tenth: 0.002"),
    row_check("line_repeated", "Most lines are no repetition",
              "ExpectColumnProportionOfUniqueValuesToBeBetween", "sentences.line; --dedup",
              column="line", at_least=0.5, severity=WARNING, wanted="",
              note="share of distinct lines; a tenth: 0.913"),
)

REJECT_ROWS = (
    *of_schema(REJECTS, "schemas/rejects.py"),
    counted("rows", "There is a row for each item dropped", "rejected"),
    *(counted(f"{stage}_rows", f"There is a row for each {stage} dropped", f"{stage}s.rejected",
              given={"stage": stage}) for stage in STAGES),
    one_of("stage", "Stages are known", "stage", STAGES, "rejects.stage",
           wanted="file, post, sentence or stray"),
    equal("reason_rows", "A reason has the rows that the ledger counted",
          ("reason_rows", "reason_count"), "rejects.reason; ledger.<stage>s.rejected"),
    row_check("post_known", "A dropped post or sentence says of which post",
              "ExpectColumnValuesToNotBeNull", "rejects.post_ordinal", column="post_ordinal",
              given={"stage": ("post", "sentence")}),
    row_check("sentence_known", "A dropped sentence says which",
              "ExpectColumnValuesToNotBeNull", "rejects.sentence_ordinal",
              column="sentence_ordinal", given={"stage": "sentence"}),
    row_check("file_whole", "A dropped file has no post's number",
              "ExpectColumnValuesToBeNull", "rejects.post_ordinal", column="post_ordinal",
              given={"stage": "file"}),
    row_check("twin", "A duplicate says what it repeats",
              "ExpectColumnValuesToNotBeNull", "rejects.twin_blogger_id",
              column="twin_blogger_id", given={"reason": ("duplicate", "near_duplicate")}),
    between("bytes", "A stray has bytes", "bytes", "rejects.bytes", at_least=1),
    one_of("kept", "Nothing dropped is kept", "kept_rows", (0,), "rejects/; posts/; sentences/",
           wanted="no row of posts or sentences"),
)

LEDGER_ROWS = (
    *of_schema(LEDGER, "schemas/ledger.py"),
    row_check("unique", "No key is there twice", "ExpectColumnValuesToBeUnique", "manifest: ledger",
              column="key"),
    row_check("key", "Keys are those of a ledger", "ExpectColumnValuesToMatchRegex",
              "etl/ledger.py", column="key",
              regex=r"^(?:files|rows|posts|sentences|tokens|strays|bytes|encodings|repairs|dates"
                    r"|masks|languages)\.[a-z]", wanted="a key of etl/ledger.py"),
    between("count", "Counts are from 0", "count", "manifest: ledger", at_least=0),
)
# fmt: on
"""Of the table of a dataset; `given` are the values that rows have to which a check applies."""
