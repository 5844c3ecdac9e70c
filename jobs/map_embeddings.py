"""Draws a map of the most frequent words, near each other where their vectors are: t-SNE.

python jobs/map_embeddings.py build/run --output build/map
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

if not __package__:  # run as a file, from any folder, with nothing installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from commandline.argument_types import add_trust_pickle, path, positive, seed
from commandline.running import EPILOG, CommandParser, run_command

PICTURE, PAGE = "map.png", "map.html"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the job; the exit code."""
    given = make_parser().parse_args(arguments)
    return run_command("map_embeddings", lambda: draw(**vars(given)))


def draw(
    *,
    vectors: str,
    trust_pickle: bool,
    output: Path,
    words: int,
    perplexity: int,
    seed: int,
    title: str,
    projector: bool,
    overwrite: bool,
) -> None:
    """map.png and map.html in the output folder; two tables for the projector if asked for."""
    from embeddings.pictures.word_map import map_page, map_picture
    from embeddings.vectors.projection import ANSWERED, describe_map, outside_words, project
    from embeddings.vectors.projector_files import METADATA, VECTORS, projector_files
    from embeddings.vectors.vectors_file import load_vectors
    from storage.output_folder import check_replaceable, write_files
    from storage.printable import printable

    picture, page = output / PICTURE, output / PAGE
    tables = [output / VECTORS, output / METADATA] if projector else []
    check_replaceable([picture, page, *tables], overwrite)
    loaded = load_vectors(vectors, trust_pickle=trust_pickle)
    points = project(loaded, words, perplexity, seed)
    title = printable(title or f"{len(points):,} most frequent words")
    subtitle = describe_map(loaded, len(points), perplexity, seed)
    files = {
        picture: map_picture(points, title, subtitle),
        page: map_page(points, title, subtitle, outside_words(loaded, len(points))).encode(),
    }
    if projector:
        named = projector_files(loaded, ANSWERED)
        files |= {output / name: content for name, content in named.items()}
    write_files(files, overwrite)
    print(*files, subtitle, sep="\n")


def make_parser() -> argparse.ArgumentParser:
    """The command line: which vectors, how many words, where to."""
    parser = CommandParser(
        prog="map_embeddings", description=__doc__.splitlines()[0], epilog=EPILOG
    )
    add = parser.add_argument
    add("vectors", metavar="VECTORS", help="as of evaluate_embeddings")
    add_trust_pickle(parser)
    add("--output", required=True, type=path, metavar="FOLDER", help=f"for {PICTURE} and {PAGE}")
    add("--words", type=positive, default=2000, metavar="N", help="on the map; default: 2000")
    add("--perplexity", type=positive, default=40, metavar="P", help="of t-SNE; default: 40")
    add("--seed", type=seed, default=1, metavar="N", help="of t-SNE; default: 1")
    add("--title", default="", help="heading; default: how many words")
    add("--projector", action="store_true", help="also tables for TensorFlow's Embedding Projector")
    add("--overwrite", action="store_true", help="replace a map that is there already")
    return parser


if __name__ == "__main__":
    sys.exit(main())
