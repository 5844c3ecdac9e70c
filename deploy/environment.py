"""The environment archive: the packages of requirements/cluster.lock for one Python and machine.

It has no Python of its own. One would have to be built where the cluster's C library is, which
takes a container; wheels alone are installed for any machine from any other. So the archive belongs
to a minor version of Python, and `bin/python` in it finds that one on the cluster.
"""

import gzip
import io
import os
import subprocess
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "cluster.lock"
SETUP = ROOT / "requirements" / "setup.sh"
LAUNCHER = Path(__file__).with_name("environment_python.sh")
NOT_SHIPPED = {"__pycache__", "bin", "include", "tests"}
"""Folders of packages that no job imports; `bin` holds scripts that name this machine's paths."""

GZIP_LEVEL = 6


def install_packages(folder: Path, python: str, platform: str) -> None:
    """Installs the locked packages into a folder, for a machine that need not be this one.

    Args:
        folder: where to; empty.
        python: minor version, such as "3.11".
        platform: machine and C library as uv names them, such as "x86_64-manylinux_2_28".

    Raises:
        subprocess.CalledProcessError: uv failed; its stderr says why.
    """
    target = ["--target", str(folder), "--python-version", python, "--python-platform", platform]
    checked = ["--require-hashes", "--only-binary", ":all:", "--no-deps"]
    command = [str(SETUP), "uv", "pip", "install", "--quiet", *target, *checked, "-r", str(LOCK)]
    subprocess.run(command, capture_output=True, text=True, check=True)


def write_archive(folder: Path, target: Path, python: str) -> None:
    """Installed packages → a tar.gz with `bin/python` and `lib/`; same packages, same bytes."""
    partial = target.with_name(f".{target.name}.part")
    with (
        partial.open("wb") as file,
        gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        _add_file(archive, "bin/python", launcher(python), 0o755)
        link = tarfile.TarInfo("bin/python3")
        link.type, link.linkname = tarfile.SYMTYPE, "python"
        archive.addfile(link)
        for path in shipped(folder):
            name = f"lib/{path.relative_to(folder).as_posix()}"
            _add_file(
                archive, name, path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644
            )
    partial.replace(target)


def launcher(python: str) -> bytes:
    """The script that is the archive's `bin/python`."""
    return LAUNCHER.read_text().replace("@PYTHON@", f"python{python}").encode()


def shipped(folder: Path) -> list[Path]:
    """The files that go into an archive, sorted."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and NOT_SHIPPED.isdisjoint(path.relative_to(folder).parts)
    )


def _add_file(archive: tarfile.TarFile, name: str, data: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), mode
    archive.addfile(entry, io.BytesIO(data))
