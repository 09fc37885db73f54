"""The locks are complete and name no host; the page of dependencies names what is used, and nothing else."""

from __future__ import annotations

import re

import pytest

from tests.tooling.processes import ROOT

pytestmark = pytest.mark.pure

FOLDER = ROOT / "requirements"
LOCKS = ["uv.txt", "run.txt", "dev.txt"]


def named(file: str) -> dict[str, str]:
    """The packages that a .in file names, with what it demands of them."""
    lines = [line.strip() for line in (FOLDER / file).read_text().splitlines()]
    found = [
        re.match(r"([A-Za-z0-9-]+(?:\[\w+\])?)(.*)", line) for line in lines if line and line[0] not in "#-"
    ]
    return {match[1]: match[2] for match in found if match}


def locked(file: str) -> dict[str, str]:
    """The packages of a lock with their versions; fails when an entry has no hash."""
    text = (FOLDER / file).read_text()
    found = {}
    for entry in re.split(r"\n(?=[A-Za-z])", "\n" + text)[1:]:
        head = re.match(r"([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^\s;\\]+)", entry)
        assert head is not None, entry[:80]
        assert "--hash=sha256:" in entry, head[1]
        found[head[1]] = head[2]
    return found


@pytest.mark.parametrize("file", LOCKS)
def test_locks_name_no_host(file: str) -> None:
    text = (FOLDER / file).read_text()
    assert not re.search(r"https?:|--(extra-)?index-url|--find-links|file:|\.org|\.com", text)


def test_locks_have_what_is_named() -> None:
    for name in ("uv", "run", "dev"):
        wanted = {re.sub(r"\[.*", "", package).lower() for package in named(f"{name}.in")}
        assert wanted <= set(locked(f"{name}.txt")), name


def test_developing_uses_the_versions_that_run() -> None:
    run, dev = locked("run.txt"), locked("dev.txt")
    assert run.items() <= dev.items()


@pytest.mark.parametrize("name", ["run", "dev", "uv"])
def test_the_page_names_what_is_used(name: str) -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    part = page.split(f"(`requirements/{name}.in`)")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in part.splitlines()
        if line.startswith("| ")
    ]
    listed = {row[0]: row for row in rows if row[0] != "package"}
    assert set(listed) == set(named(f"{name}.in"))
    versions = locked(f"{name}.txt")
    for package, row in listed.items():
        assert len(row) == 5, package
        assert all(row), package
        assert re.sub(r"\[.*", "", package).lower() in versions
        assert row[3].startswith(versions[re.sub(r"\[.*", "", package).lower()] + ", "), package


def test_nothing_in_a_process_of_the_market_is_under_the_gpl() -> None:
    from importlib import metadata

    wrong = []
    for package in locked("run.txt"):
        try:
            about = metadata.metadata(package)
        except metadata.PackageNotFoundError:
            continue  # locked for another system
        licences = [about["License-Expression"] or "", *(about.get_all("Classifier") or [])]
        text = " ".join(each for each in licences if "License ::" in each or "::" not in each)
        if re.search(r"\bA?GPL|Affero|(?<!Lesser )General Public License", text) and "LGPL" not in text:
            wrong.append(f"{package}: {text}")
    assert wrong == []
