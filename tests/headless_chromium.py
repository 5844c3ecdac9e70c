"""A page in a real browser: real fingers, mouse and keys, through Chromium's DevTools protocol.

The protocol goes through two pipes (`--remote-debugging-pipe`): no port, and nothing to install.
Why not playwright: docs/adr/0013.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), "")
PATIENCE_SECONDS = 250  # for an answer, on a machine that is busy with other things
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-pipe", "about:blank",
]  # fmt: skip

KEYS: dict[str, dict[str, Any]] = {
    "Tab": {"windowsVirtualKeyCode": 9},
    "Enter": {"windowsVirtualKeyCode": 13, "text": "\r"},
}
"""What Chromium wants to know of a key besides its name, to do what it does."""

COMPLAINTS = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")

Spot = tuple[float, float]


class Browser:
    """One Chromium with one page; `close` it."""

    def __init__(self, profile: Path) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        command = [CHROMIUM, f"--user-data-dir={profile}", *FLAGS]
        pipes = f'exec 3<&{theirs_in} 4>&{theirs_out} && exec "$@"'  # where Chromium wants them
        self._process = subprocess.Popen(
            ["bash", "-c", pipes, "bash", *command],
            pass_fds=(theirs_in, theirs_out),
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._left, self._number, self._session = b"", 0, ""
        self._touches: list[dict[str, float]] = []
        #: What the page wrote to its console, and errors that nothing caught; what it asked for.
        self.complaints: list[str] = []
        self.requests: list[str] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Runtime", "Log", "Page", "Network"):
            self.send(f"{domain}.enable")

    def close(self) -> None:
        """Ends the browser."""
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def open(
        self,
        path: Path,
        width: int = 1200,
        height: int = 900,
        touch: bool = False,
        dark: bool = False,
    ) -> None:
        """Shows a file, in a window so large, on a screen with or without touch, light or dark."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=touch,
        )  # fmt: skip
        self.send("Emulation.setTouchEmulationEnabled", enabled=touch)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])
        self.complaints.clear()
        self.requests.clear()
        self.send("Page.navigate", url=path.as_uri())
        self.run("new Promise(done => document.readyState === 'complete' ? done() : onload = done)")
        self.settle()

    def run(self, script: str) -> Any:
        """The value of an expression in the page; of its promise, if it is one."""
        found = self.send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def settle(self) -> None:
        """Waits until what has happened is drawn."""
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def fingers(self, *places: Iterable[Spot]) -> None:
        """Puts fingers down, where none is, and moves them; each place has the spots of all."""
        for spots in places:
            kind = "touchMove" if self._touches else "touchStart"
            self._touches = [{"x": x, "y": y, "id": id_} for id_, (x, y) in enumerate(spots)]
            self.send("Input.dispatchTouchEvent", type=kind, touchPoints=self._touches)
        self.settle()

    def lift_last(self) -> None:
        """Takes the last of several fingers away."""
        self.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[self._touches.pop()])
        self.settle()

    def lift(self) -> None:
        """Takes all fingers away."""
        self.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        self._touches = []
        self.settle()

    def mouse(self, kind: str, spot: Spot, **more: Any) -> None:
        """`mouseMoved`, `mousePressed`, `mouseReleased` or `mouseWheel`."""
        self.send("Input.dispatchMouseEvent", type=kind, x=spot[0], y=spot[1], **more)
        self.settle()

    def press(self, key: str, shift: bool = False) -> None:
        """A key goes down and up; what stands in the page has the focus or not, as with a user."""
        known = KEYS.get(key) or ({"text": key} if len(key) == 1 else {})
        pressed = {"key": key, "modifiers": 8 if shift else 0, **known}
        self.send("Input.dispatchKeyEvent", type="keyDown", **pressed)
        self.send("Input.dispatchKeyEvent", type="keyUp", **pressed)
        self.settle()

    def picture(self, path: Path) -> None:
        """A screenshot of the whole page, for people."""
        data = self.send("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command of the protocol, and its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            self._note(answer)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return dict(answer["result"])

    def _note(self, event: dict[str, Any]) -> None:
        if event.get("method") in COMPLAINTS:
            self.complaints.append(json.dumps(event["params"]))
        elif event.get("method") == "Network.requestWillBeSent":
            self.requests.append(event["params"]["request"]["url"])

    def _receive(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while b"\0" not in self._left:
            ready, _, _ = select.select([self._in], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self._in, 2**16) if ready else b""
            assert data, "Chromium has ended, or says nothing"
            self._left += data
        message, self._left = self._left.split(b"\0", 1)
        return dict(json.loads(message))
