"""CPU seconds and memory of a process with all that it has started: the JVM, Python workers."""

import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import psutil

MEBIBYTE = 2**20
SAMPLE_SECONDS = 0.1

DRIVER_JVM, DRIVER_PYTHON, WORKERS, OTHER = "driver JVM", "driver Python", "workers", "other"
ROLES = (DRIVER_JVM, DRIVER_PYTHON, WORKERS)


class Cost(NamedTuple):
    """What a call took: seconds on the clock, and CPU seconds of the whole process tree."""

    wall: float
    cpu: float


class Peak(NamedTuple):
    """Most memory of a process tree, in MiB.

    Attributes:
        roles: most RSS of the processes of a role together.
        rss: most RSS of all at one moment; counts shared pages once a process.
        pss: the same of PSS, where shared pages are shared out, so what the machine gave.
    """

    roles: dict[str, float]
    rss: float
    pss: float


def cost(call: Callable[[], object]) -> Cost:
    """What a call takes in this process and all below it."""
    wall, cpu = time.perf_counter(), tree_cpu()
    call()
    return Cost(time.perf_counter() - wall, tree_cpu() - cpu)


def tree_cpu() -> float:
    """CPU seconds of this process and all below it so far; those that ended are in their parent."""
    own = psutil.Process()
    total = 0.0
    for process in (own, *own.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def watch(root: psutil.Popen) -> Peak:
    """Samples the memory of a process and all below it until it ends."""
    roles: Counter[str] = Counter()
    rss = pss = 0
    while root.poll() is None:
        now, now_pss = _sample(root)
        roles |= now  # the larger of both, role by role
        rss, pss = max(rss, now.total()), max(pss, now_pss)
        time.sleep(SAMPLE_SECONDS)
    shares = {role: roles[role] / MEBIBYTE for role in ROLES}
    return Peak(shares, rss / MEBIBYTE, pss / MEBIBYTE)


def _sample(root: psutil.Process) -> tuple[Counter[str], int]:
    """RSS in bytes by role, and PSS of all."""
    rss: Counter[str] = Counter()
    pss = 0
    try:
        for process in (root, *root.children(recursive=True)):
            try:
                role = _role(process)
                # A JVM about to start a program is for a moment two processes over one memory.
                if role == DRIVER_JVM and role in rss:
                    continue
                memory = process.memory_full_info()
                rss[role] += memory.rss
                pss += memory.pss
            except psutil.Error:  # it has just ended
                continue
    except psutil.NoSuchProcess:
        pass
    return rss, pss


def _role(process: psutil.Process) -> str:
    """What a process is to Spark in local mode, where the driver's JVM holds the executor too."""
    command = process.cmdline()
    if process.name() == "java":
        return DRIVER_JVM
    if any("pyspark" in part and "daemon" in part for part in command):
        return WORKERS
    return DRIVER_PYTHON if process.name().startswith("python") else OTHER
