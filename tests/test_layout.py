"""How the code hangs together: imports point one way, channels are named in their folders alone, files stay short."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from wholecell import ROOT
from wholecell.channels import discover

PACKAGE = ROOT / "wholecell"
LONGEST = 350
# What each part of the program may import of ours, besides itself. Parts not listed are the top: they may import all.
ALLOWED = {
    "models": {"db"},
    "services": {"models", "db", "channels"},
    "jobs": {"services", "models", "db", "config"},
    "web": {"services", "models", "db", "config", "channels"},
    "channels": set(),
    "routes": {"services", "models", "db", "config", "channels"},  # of a channel's folder
    "sandbox": set(),
    "config": {"channels"},
    "db": set(),
    "logs": set(),
}
CHANNEL_WORDS = re.compile(rf"\b({'|'.join(sorted(discover()))}|back market)\b", re.IGNORECASE)


def modules(part: str) -> list[Path]:
    """The files of one part: a folder or a single module."""
    folder = PACKAGE / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def dotted(path: Path) -> str:
    """wholecell/services/due.py -> wholecell.services.due; a package is named by its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """The full names of everything of ours that a file imports, anywhere in it."""
    package = dotted(path).split(".") if path.name == "__init__.py" else dotted(path).split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] in {"wholecell", "tests"})


def part_of(name: str) -> str:
    """wholecell.services.due -> services."""
    return (name.split(".") + [""])[1]


@pytest.mark.parametrize("part", sorted(set(ALLOWED) - {"routes"}))
def test_imports_point_one_way(part):
    wrong = {
        f"{dotted(path)} imports {name}"
        for path in modules(part)
        for name in imports(path)
        if part_of(name) not in (ALLOWED["routes"] if _is_route(path) else ALLOWED[part] | {part})
    }
    assert not wrong


def _is_route(path: Path) -> bool:
    """Whether the file answers a channel's calls: like a page it stands above services, and is used by none of them."""
    return path.name == "routes.py" and path.parent.parent == PACKAGE / "channels"


def test_the_rule_sees_every_part():
    parts = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert set(ALLOWED) - {"routes"} < parts
    assert "wholecell.services.sync" in imports(PACKAGE / "jobs.py")
    assert "wholecell.sandbox.control" in imports(PACKAGE / "sandbox" / "__init__.py")  # written as from . import


def test_services_and_web_know_channels_by_the_contract_alone():
    allowed = re.compile(
        r"wholecell\.channels(\.(discover|routes|public_endpoints|base_url|addresses|is_safe_page"
        r"|contract(\.\w+)?|http(\.\w+)?|own_state(\.\w+)?))?"
    )
    wrong = {
        f"{dotted(path)} imports {name}"
        for part in ("services", "web")
        for path in modules(part)
        for name in imports(path)
        if part_of(name) == "channels" and not allowed.fullmatch(name)
    }
    assert not wrong


@pytest.mark.parametrize("kind", list(discover()))
def test_a_channel_imports_the_contract_http_and_itself(kind):
    own = f"wholecell.channels.{kind}"
    wrong = {
        f"{dotted(path)} imports {name}"
        for path in (PACKAGE / "channels" / kind).rglob("*.py")
        for name in imports(path)
        if path.name != "routes.py"
        if not re.match(
            rf"({re.escape(own)}|wholecell\.channels\.(contract|http|documents|own_state|values))(\.|$)", name
        )
    }
    assert not wrong


def test_services_and_models_know_no_flask():
    wrong = set()
    for part in ("models", "services"):
        for path in modules(part):
            text = path.read_text()
            if re.search(r"^\s*(from|import) (flask|flask_wtf|flask_login|wtforms)\b", text, re.MULTILINE):
                wrong.add(dotted(path))
    assert not wrong


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """The string values of a file that are no docstrings, with their lines."""
    tree = ast.parse(path.read_text())
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
        if isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.lineno, node.value


def test_no_channel_is_named_outside_its_folder():
    named = {
        f"{path.relative_to(ROOT)}:{line}"
        for part in ("models", "services", "web", "jobs")
        for path in modules(part)
        for line, text in strings(path)
        if CHANNEL_WORDS.search(text)
    }
    named |= {
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in (ROOT / "templates").rglob("*.html")
        if (found := CHANNEL_WORDS.search(re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)))
    }
    assert not named


def test_files_stay_short():
    files = [path for folder in ("wholecell", "tests") for path in (ROOT / folder).rglob("*.py")]
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
    assert len(files) > 100
    assert not {name: lines for name, lines in long.items() if lines > LONGEST}
