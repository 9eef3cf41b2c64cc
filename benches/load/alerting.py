"""What the scripts that hold alerting against its goals have in common."""

import json
import os
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def build():
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release" / "authvigil"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(binary, config):
    quiet = subprocess.DEVNULL
    log = open(config.parent / "log", "ab")
    return subprocess.Popen(
        [binary, "run", "--config", config], stdin=quiet, stdout=quiet, stderr=log
    )


def api(port, path, as_json=True):
    """What the daemon answers; `None` where it does not."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            text = answer.read().decode()
    except (OSError, urllib.error.URLError):
        return None
    return json.loads(text) if as_json else text
