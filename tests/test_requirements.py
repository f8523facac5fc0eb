"""What the files of requirements name is all that is installed: pip is told to look for nothing more."""

import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from wholecell import ROOT

FILES = ("requirements.txt", "requirements/test.txt", "requirements/postgresql.txt")
WINDOWS = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}


def pinned(file):
    """By name, what the file asks for."""
    lines = re.findall(r"^([a-z].*?) *\\$", (ROOT / file).read_text(), re.MULTILINE)
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def missing(listed, system):
    """Each "name: requirement" of what is listed that is itself not listed for this system, or in another version."""
    for name, pin in listed.items():
        if pin.marker and not pin.marker.evaluate(system):
            continue
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # of another system, or not asked for by this target
        for need in map(Requirement, needs):
            if need.marker and not any(need.marker.evaluate({**system, "extra": extra}) for extra in {"", *pin.extras}):
                continue
            found = listed.get(canonicalize_name(need.name))
            version = found and next(iter(found.specifier)).version
            is_there = found and (not found.marker or found.marker.evaluate(system))
            if not is_there or not need.specifier.contains(version, prereleases=True):
                yield f"{name}: {need}"


@pytest.mark.parametrize("system", [pytest.param({}, id="here"), pytest.param(WINDOWS, id="Windows")])
def test_every_requirement_is_listed(system):
    app, test, postgresql = map(pinned, FILES)
    assert len(app) > 50
    assert list(missing(app, system)) == []
    assert list(missing(app | test | postgresql, system)) == []


def test_one_that_is_not_listed_is_found():
    app = pinned(FILES[0])
    del app["itsdangerous"]
    assert any(line.startswith("flask: itsdangerous") for line in missing(app, {}))
    colorama = {name: pin for name, pin in pinned(FILES[0]).items() if name != "colorama"}
    assert any(line.startswith("qrcode: colorama") for line in missing(colorama, WINDOWS))
