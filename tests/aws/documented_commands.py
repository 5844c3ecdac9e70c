"""The commands of README and guides, as a shell takes them apart."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^( *)```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
NAMES_AWS = re.compile(r"s3://|sagemaker|emr-|\baws\b|docker|dags trigger")
OURS = ("submit.py", "setup_aws.py", "serve_embeddings.py", "register_run.py")
PROGRAMS = (
    *("python", ".venv/bin/python", "spark-submit", "aws", "docker", "airflow", "make", "tar"),
    *("mkdir", "curl", ".venv-airflow/bin/airflow", "requirements/setup.sh"),
)
RECORDER = """
record() { printf '%s\\0' "$#" "$@" >> "$RECORDED"; }
"""


Words = tuple[str, ...]


def documented(guide: Path, variables: Mapping[str, str], folder: Path) -> Iterator[Words]:
    """The commands of a guide that ask something of AWS, the program first.

    Args:
        guide: a Markdown file.
        variables: that the guides tell the reader to set.
        folder: to work in.
    """
    for match in BLOCK.finditer(guide.read_text()):
        for words in split(match[2], variables, folder):
            if NAMES_AWS.search(" ".join(words)) or set(OURS) & set(names(words)):
                yield words


def names(words: Words) -> list[str]:
    """The last parts of paths."""
    return [word.rpartition("/")[2] for word in words]


def split(block: str, variables: Mapping[str, str], folder: Path) -> list[Words]:
    """The commands of a block, as bash has them; nothing is run."""
    functions = "\n".join(f'{name}() {{ record {name} "$@"; }}' for name in PROGRAMS)
    recorded = folder / "recorded"
    recorded.unlink(missing_ok=True)
    (folder / "dags").mkdir(exist_ok=True)
    subprocess.run(
        ["bash", "-u", "-c", f"{RECORDER}{functions}\n{block}"],
        env={"PATH": os.defpath, "RECORDED": str(recorded), **variables},
        cwd=folder,
        check=True,
        capture_output=True,
    )
    parts = recorded.read_text().split("\0")[:-1] if recorded.exists() else []
    commands = []
    while parts:
        count = int(parts.pop(0))
        commands.append(tuple(parts[:count]))
        del parts[:count]
    return commands
