"""The commands that run until they are stopped, each as a process of its own."""

import os
import signal
import time
from collections import Counter

import pytest
import requests

from tests.processes import PATIENCE, Process, free_ports


@pytest.fixture
def start(tmp_path):
    started = []

    def start(*args, **env):
        started.append(Process(tmp_path, *args, **env))
        return started[-1]

    yield start
    for process in started:
        if process.is_running:
            process.kill()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_worker_runs_until_it_is_stopped(start, number):
    worker = start("worker", WHOLECELL_SCHEDULER="off")
    worker.wait_for("The worker runs")
    assert worker.stop(number) == 0
    assert "stopped" in worker.output
    assert "Traceback" not in worker.output


def test_the_sandbox_says_how_to_connect_and_answers(start):
    sandbox = start("sandbox", "--port", "0")
    url = sandbox.wait_for(r"WHOLECELL_BACKMARKET_BASE_URL=(\S+)/backmarket")[1]
    token = sandbox.wait_for(r"backmarket: connect with the token (\S+)")[1]
    assert sandbox.wait_for(r"amazon: connect with .*seller id (\S+)")[1] == "A1SANDBOXSELLER"
    listings = requests.get(f"{url}/_sandbox/state", timeout=10).json()["listings"]
    counts = Counter(each["channel"] for each in listings)
    assert counts.pop("backmarket") == 60
    assert len(counts) >= 3
    assert set(counts.values()) == {40}
    headers = {
        "Authorization": f"Basic {token}",
        "Accept-Language": "en-us",
        "User-Agent": "BM-Acme-Test;it@acme.example",
    }
    assert requests.get(f"{url}/backmarket/ws/listings", headers=headers, timeout=10).json()["count"] == 60
    assert sandbox.stop() == 0
    assert "Traceback" not in sandbox.output


def test_the_demo_lets_its_admin_in_and_puts_the_sandbox_right(start):
    port, sandbox_port = free_ports()
    demo = start("demo", "--port", str(port), "--sandbox-port", str(sandbox_port))
    link = demo.wait_for(r"http://localhost:\d+/link/\S+")[0].replace("localhost", "127.0.0.1")
    demo.wait_for("WholeCell is at")
    state = f"http://127.0.0.1:{sandbox_port}/_sandbox/state"
    ends = time.monotonic() + PATIENCE
    while requests.get(state, timeout=10).json()["counts"].get("POST 200", 0) < 10:
        assert time.monotonic() < ends
        time.sleep(0.1)
    page = requests.get(link, timeout=10)
    assert page.status_code == 200
    assert "Alex" in page.text
    again = start("demo", "--port", str(port))
    again.wait_for(f"Port {port} is in use")
    demo.stop()
    assert "Traceback" not in demo.output
