"""A Ctrl-C that is for one process of several."""

import signal
import subprocess
import sys

import pytest

from storage.interrupts import ours_alone

CHILD = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('unharmed')"


def test_a_process_that_is_started_inside_sees_no_ctrl_c_and_ours_comes_at_the_end() -> None:
    said = []
    with pytest.raises(KeyboardInterrupt), ours_alone():
        signal.raise_signal(signal.SIGINT)
        child = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True)
        said.append((child.returncode, child.stdout, child.stderr))
    assert said == [(0, "unharmed\n", "")]
