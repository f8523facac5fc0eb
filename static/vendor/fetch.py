"""Fetch the browser libraries that vendor.json names and check every hash; with --check only check what is here."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def packages() -> list[dict[str, Any]]:
    """What vendor.json lists: package, version, license, integrity of its archive, files taken from it."""
    return list(json.loads((HERE / "vendor.json").read_text()))


def fetch(package: dict[str, Any]) -> None:
    """Download one package and copy its files here. Raises ValueError when a hash differs."""
    with tempfile.TemporaryDirectory() as folder:
        name = f"{package['package']}@{package['version']}"
        subprocess.run(["npm", "pack", "--silent", name, "--pack-destination", folder], check=True, stdout=sys.stderr)
        archive = next(Path(folder).iterdir())
        found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        _same(name, found, package["integrity"])
        with tarfile.open(archive) as tar:
            for file in package["files"]:
                member = tar.extractfile(f"package/{file['from']}")
                assert member, file
                data = member.read()
                _same(file["from"], hashlib.sha256(data).hexdigest(), file["sha256"])
                (HERE / file["to"]).write_bytes(data)


def check(package: dict[str, Any]) -> None:
    """Compare the files here with their hashes. Raises ValueError when one differs."""
    for file in package["files"]:
        _same(file["to"], hashlib.sha256((HERE / file["to"]).read_bytes()).hexdigest(), file["sha256"])


def _same(what: str, found: str, wanted: str) -> None:
    if found != wanted:
        raise ValueError(f"{what}: found {found}, vendor.json says {wanted}")


if __name__ == "__main__":
    for each in packages():
        (check if "--check" in sys.argv else fetch)(each)
        print(each["package"], each["version"])
