import subprocess
import sys

from wholecell import ROOT


def test_browser_files_are_the_ones_written_down():
    script = ROOT / "static" / "vendor" / "fetch.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "htmx.org 2.0.11" in done.stdout
