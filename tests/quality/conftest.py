"""Chromium for tests of pages: driven by its DevTools protocol, over a pipe, with no package."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), "")
OFFLINE = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-pipe",
]  # fmt: skip
KEYS = {
    "Tab": {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9},
    "Enter": {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"},
}
SEPARATOR = b"\0"


class Browser:
    """One tab. `requests` and `console` hold all that the page asked for and complained about."""

    def __init__(self, profile: Path):
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()

        def wire():
            # The protocol's pipe is file descriptors 3 and 4, which may be taken by the other end.
            ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_browser, from_browser)]
            for place, end in enumerate(ends, start=3):
                os.dup2(end, place)

        command = [CHROMIUM, *OFFLINE, f"--user-data-dir={profile}", "about:blank"]
        log = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, stdout=log, stderr=log, preexec_fn=wire, close_fds=False
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer, self._number, self._session = b"", 0, None
        self.requests: list[str] = []
        self.console: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        """What a method of the protocol returns."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + SEPARATOR)
        while True:
            found = self._read()
            if found.get("id") == self._number:
                assert "error" not in found, found
                return found["result"]
            self._note(found)

    def open(self, path, width=1200, height=900, dark=False, mobile=False):
        """Shows a file, as a screen of that size and a reader of that taste do."""
        self.requests.clear()
        self.console.clear()
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self._loaded = False
        self.call("Page.navigate", url=Path(path).as_uri())
        while not self._loaded:
            self._note(self._read())

    def run(self, script):
        """The value of an expression in the page."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def press(self, key):
        """A key, as a hand presses it."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, **KEYS[key])

    def picture(self, path, full=True):
        """The page as a PNG."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=full)
        Path(path).write_bytes(base64.b64decode(found["data"]))

    def close(self):
        os.close(self._out)
        os.close(self._in)
        self._process.terminate()
        self._process.wait(20)

    def _read(self):
        while SEPARATOR not in self._buffer:
            block = os.read(self._in, 2**16)
            assert block, "the browser has gone"
            self._buffer += block
        message, _, self._buffer = self._buffer.partition(SEPARATOR)
        return json.loads(message)

    def _note(self, event):
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Log.entryAdded":
            self.console.append(parameters["entry"]["text"])
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            self.console.append(json.dumps(parameters))
        elif method == "Page.loadEventFired":
            self._loaded = True


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A browser; a test that asks for it is skipped, loudly, where there is none."""
    if not CHROMIUM:
        pytest.skip("NO CHROMIUM: the report's drawings, keys and console are NOT tested")
    one = Browser(tmp_path_factory.mktemp("chromium"))
    yield one
    one.close()


def make_metrics():
    """Metrics of the shipped sample, as `quality.metrics` made them."""
    return json.loads((Path(__file__).parent / "metrics.json").read_text())


def make_manifest():
    """A manifest that goes with them."""
    metrics = make_metrics()
    return {
        "format": 1,
        "tool": "blazing-corpus",
        "code": {"version": "0.1.0", "sources_sha256": "c0de", "spacy": "3.8.18"},
        "environment": {"commit": None, "python": "3.11.9"},
        "started": "2024-05-01T10:00:00+00:00",
        "finished": "2024-05-01T10:00:06+00:00",
        "seconds": 6.1,
        "options": {"splitter": "rules", "keep_apostrophes": False, "min_tokens": 1},
        "entries": ["manifest.json", "corpus"],
        "corpus": {"path": "corpus/cleaned_sentences.csv", "sha256": "5a3", **metrics["corpus"]},
        "ledger": metrics["ledger"],
        "input": {
            **{"uri": "data/sample", "kind": "folder", "files": 43, "bytes": 101801},
            **{"ignored": 0, "digest": "d16e57", "listing": [["1.male.24.Arts.Leo.xml", 9, "1"]]},
        },
    }


def make_quality():
    """A gate that found one error and one warning in three checks, and let the corpus through."""
    names = ("dataset", "expectation", "says", "severity", "passed", "found", "expected", "look")
    verdicts = [
        ("corpus", "empty", "No line is empty", "error", True, 0, "at most 0", "lines.empty"),
        ("posts", "spread", "Posts are many", "warning", False, 0.25, "at least 0.5", "posts"),
        ("corpus", "long", "No line is too long", "error", False, 8, "at most 0", "lines.too_long"),
    ]
    row = {"figure": "tokens", "says": "tokens a line", "found": 15.29, "expected": 18.87}
    row |= {"ratio": 0.81, "severity": "warning", "passed": True, "tolerance": "±25 %", "note": ""}
    size = {"figure": "lines", "says": "lines", "found": 1288, "expected": 7480869}
    size |= {"ratio": 0.0002, "severity": None, "passed": None, "tolerance": None}
    return {
        **{"passed": False, "gate": "failed", "errors": 1, "warnings": 1},
        "verdicts": [dict(zip(names, verdict, strict=True)) for verdict in verdicts],
        "comparisons": [{"with": "reference", "source": "the run of 2020", "rows": [size, row]}],
    }


metrics, manifest, quality = map(pytest.fixture, (make_metrics, make_manifest, make_quality))


@pytest.fixture(scope="session")
def inputs():
    """Makes metrics, quality and manifest, in the order in which a page takes them."""
    return lambda: (make_metrics(), make_quality(), make_manifest())
