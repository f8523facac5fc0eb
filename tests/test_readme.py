"""The README names every setting, command and make target there is, and no others."""

import re

from wholecell import ROOT

TEXT = (ROOT / "README.md").read_text()
LIBRARY_COMMANDS = {"routes", "run", "shell", "db", "roles"}


def test_settings():
    read = set(re.findall(r'get\("([A-Z_]+)"', (ROOT / "wholecell" / "config.py").read_text()))
    named = set(re.findall(r"^\| `WHOLECELL_([A-Z_]+)`", TEXT, re.MULTILINE))
    assert len(read) > 8
    assert named == read


def test_commands(app):
    ours = set(app.cli.commands) - LIBRARY_COMMANDS
    table = TEXT.partition("## Commands")[2].partition("## ")[0]
    named = set(re.findall(r"`([a-z-]+)[ `]", "\n".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE))))
    assert named == ours


def test_make_targets():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`|=\S+ )make ([a-z-]+)", TEXT, re.MULTILINE))
    assert {"run", "demo", "test", "lint"} <= named <= targets
