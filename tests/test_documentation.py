"""What the documents say is what the code does."""

import re
import subprocess
from pathlib import Path

import pytest

from tbgateway.domain.lifecycle import TRANSITIONS

PROJECT = Path(__file__).parents[1]
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


def test_the_table_of_states_is_the_codes_own() -> None:
    text = (PROJECT / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| (\w+) \| ([\w, ]+) \|$", text, flags=re.MULTILINE)
    told = {before: set(after.split(", ")) for before, after in rows if before != "from"}
    assert told == {
        before.value: {one.value for one in after} for before, after in TRANSITIONS.items()
    }


def test_the_floors_are_those_that_are_checked() -> None:
    text = (PROJECT / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| \d+ \| (.+?) \|", text, flags=re.MULTILINE)
    told = {
        name.strip("/").removesuffix(".py")
        for row in rows
        for name in re.findall(r"`([\w./]+)`", row)
    }
    checked = (PROJECT / "pyproject.toml").read_text().split("layers = [")[1].split("]")[0]
    assert told == set(re.findall(r"\w+", checked))


def test_the_readme_is_short_and_its_make_targets_exist() -> None:
    readme = (PROJECT / "README.md").read_text()
    assert len(readme.splitlines()) <= 150
    for target in re.findall(
        r"`?make ([a-z-]+)", readme + (PROJECT / "CONTRIBUTING.md").read_text()
    ):
        dry = subprocess.run(["make", "-n", target], cwd=PROJECT, capture_output=True, check=False)
        assert dry.returncode == 0, target


def test_the_readme_leads_to_every_page() -> None:
    links = set(re.findall(r"\]\(([^)#]+)", (PROJECT / "README.md").read_text()))
    pages = {str(page.relative_to(PROJECT)) for page in PROJECT.glob("docs/*.md")}
    assert {*pages, "docs/adr/", "CONTRIBUTING.md", "CHANGELOG.md"} - links == set()


@pytest.mark.parametrize(
    "lock",
    [PROJECT / "requirements.lock", *PROJECT.glob("tests/setup/*.lock")],
    ids=lambda at: at.name,
)
def test_a_lock_file_names_no_index_and_has_a_hash_for_everything(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    blocks = re.split(r"\n(?=[a-z])", text.strip())
    assert all("--hash=sha256:" in block for block in blocks)


def test_no_module_is_longer_than_the_house_allows() -> None:
    long = {
        str(path.relative_to(PROJECT)): lines
        for path in PROJECT.glob("tbgateway/**/*.py")
        if (lines := len(path.read_text().splitlines())) > 300
    }
    assert long == {}
