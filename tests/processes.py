"""Commands of ours as processes of their own, for tests and for taking pictures."""

import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time

from wholecell import ROOT

PATIENCE = 60


class Process:
    """`flask` with these arguments, in a data folder of its own."""

    def __init__(self, folder, *args, **env):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("WHOLECELL_")}
        settings = {"WHOLECELL_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1", **env}
        self.output = ""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flask", *args],
            cwd=ROOT,
            env=inherited | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A shell that runs us in the background ignores Ctrl+C for all it starts; its own terminal would not.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def wait_for(self, pattern):
        """Read its output until the pattern stands in it."""
        ends = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not (found := re.search(pattern, self.output)):
                assert time.monotonic() < ends, self.output
                if selector.select(1):
                    data = os.read(self._process.stdout.fileno(), 65536)
                    assert data, self.output
                    self.output += data.decode()
        return found

    def stop(self, number=signal.SIGINT):
        """Ask it to stop; returns its exit code."""
        self._process.send_signal(number)
        rest, _ = self._process.communicate(timeout=PATIENCE)
        self.output += rest.decode()
        return self._process.returncode

    def kill(self):
        self._process.kill()
        self._process.communicate()

    @property
    def is_running(self):
        return self._process.poll() is None


def free_ports(count=2):
    """Ports that nobody listens on at this moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
