"""What BlazingText's hyperparameters mean to the local trainer, where that is not the same."""

from embeddings.hyperparameters import Hyperparameters

GENSIM_LINE_TOKENS = 10_000
"""Tokens after which gensim breaks a line in two (its MAX_WORDS_IN_BATCH and MAX_SENTENCE_LEN)."""

LOCAL_MEANING = {
    "mode": "skipgram and batch_skipgram are both gensim's sg=1; cbow is sg=0 with mean contexts",
    "batch_size": "none: gensim draws negative samples for each pair of words, not for a batch",
    "buckets": "gensim FastText's bucket",
    "epochs": "the same",
    "evaluation": "the same: WS-353 after training, in eval.json",
    "learning_rate": "gensim's alpha; it falls linearly to a ten-thousandth of it, as in word2vec",
    "max_char": "gensim FastText's max_n",
    "min_char": "gensim FastText's min_n",
    "min_count": "the same",
    "negative_samples": "gensim's negative",
    "sampling_threshold": "gensim's sample",
    "subwords": "gensim's FastText in place of its Word2Vec",
    "vector_dim": "gensim's vector_size",
    "window_size": "gensim's window; as in word2vec, shrunk at random for each word",
}
"""One line a hyperparameter; `docs/training.md` has it as a table."""


def notes(hyperparameters: Hyperparameters, long_lines: int = 0) -> list[str]:
    """What a local run does otherwise than BlazingText, one line each, for the user and run.json.

    Args:
        hyperparameters: of the run.
        long_lines: lines of the corpus with more than `GENSIM_LINE_TOKENS` tokens.
    """
    told = []
    if hyperparameters.mode == "batch_skipgram":
        told.append("mode: batch_skipgram is trained as plain skip-gram (gensim sg=1)")
        told.append(f"batch_size: {hyperparameters.batch_size} has no local meaning")
    if hyperparameters.subwords:
        told.append("subwords: kept in subwords.bin, fastText's format, beside model.tar.gz")
    told.append("end of line: BlazingText counts one token </s> a line, gensim none")
    if long_lines:
        told.append(
            f"long lines: {long_lines:,} of more than {GENSIM_LINE_TOKENS:,} tokens, "
            f"which gensim breaks there"
        )
    return told
