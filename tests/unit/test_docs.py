"""What the documents claim has to be there: tests, links, commands, scripts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli.commands import check_command

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]

TEST = re.compile(r"`((?:tests|pallet)/[\w./-]+\.(?:py|rs))::(\w+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```", re.DOTALL)
SCRIPT_CALL = re.compile(r"\./scripts/([\w-]+)([^`#\n]*(?:\\\n[^`#\n]*)*)")
SCRIPT = re.compile(r"\./scripts/([\w-]+)")
# At the beginning of a line, after a prompt, variables or another command; also in a hint.
BLOCK_COMMAND = re.compile(r"(?:^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*|[;&|(] *|see: |run: )(stardust [^\"\n]+)")
INLINE_COMMAND = re.compile(r"`(stardust [^`]+)`")


def page_id(page: Path) -> str:
    return page.name


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_test_that_a_page_names_exists(page: Path) -> None:
    for file, name in TEST.findall(page.read_text(encoding="utf-8")):
        source = ROOT / file
        assert source.is_file(), f"{page.name} names {file}"
        keyword = "fn" if file.endswith(".rs") else "def"
        assert re.search(rf"\b{keyword} {name}\(", source.read_text(encoding="utf-8")), f"{file}::{name}"


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"https?:|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {link}"


def commands(page: Path) -> Iterator[str]:
    """Command lines of ``stardust``, in blocks of code and in the text."""
    text = page.read_text(encoding="utf-8")
    for block in CODE.findall(text):
        yield from (found for line in block.splitlines() for found in BLOCK_COMMAND.findall(line))
    yield from INLINE_COMMAND.findall(CODE.sub("", text))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    for line in commands(page):
        check_command(shlex.split(line, comments=True)[1:])


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_script_that_a_page_names_can_be_run(page: Path) -> None:
    for name in SCRIPT.findall(page.read_text(encoding="utf-8")):
        script = ROOT / "scripts" / name
        assert script.stat().st_mode & 0o111, f"{page.name} names ./scripts/{name}"


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_option_of_a_script_that_a_page_names_exists(page: Path) -> None:
    for name, arguments in SCRIPT_CALL.findall(page.read_text(encoding="utf-8")):
        library = ROOT / "scripts" / "lib" / name.replace("-", "_")
        files = [ROOT / "scripts" / name, library.with_suffix(".py"), *library.rglob("*.py")]
        source = "".join(file.read_text(encoding="utf-8") for file in files if file.is_file())
        for option in re.findall(r"(?<!\S)--[a-z-]+", arguments):
            assert option in source, f"{page.name} names {option} of ./scripts/{name}"


def test_the_readmes_demo_has_the_steps_that_the_demo_has() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    source = (ROOT / "scripts" / "lib" / "demo" / "steps.py").read_text(encoding="utf-8")
    titles = re.findall(r"screen\.step\(f?\"(.+)\"\)", source)
    shown = re.findall(r"^\d  (.+)$", readme, re.MULTILINE)
    assert shown == [title.replace("{self.on.carries}", "the pallet") for title in titles]


def test_commands_and_tests_were_found() -> None:
    text = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
    assert len(list(commands(ROOT / "README.md"))) > 12
    assert len(TEST.findall(text)) > 30
    assert "<!--" not in text
