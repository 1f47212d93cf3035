"""The habits of the source tree: short modules with a map, the one way of a request, locks that agree."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "cognomen"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
ROOMS = sorted(path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

LINES = 400
LONGER = {"errors.py"}  # a table of sentences: it is looked up, not read through
NAMES_THAT_SAY_NOTHING = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "service",
    "base",
    "misc",
}


def named(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text())) or ""


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_a_module_says_what_lives_in_it(module: Path) -> None:
    assert docstring(module), f"{named(module)} begins without a docstring"


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_a_module_is_short(module: Path) -> None:
    lines = len(module.read_text().splitlines())

    assert lines <= LINES or named(module) in LONGER, f"{named(module)} has {lines} lines: it is two things"


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_a_package_has_a_map_that_names_its_modules(room: Path) -> None:
    page = room / "__init__.py"
    # Named in its docstring, or in the table it holds.
    modules = {path.stem for path in room.glob("*.py")} | {
        path.parent.name for path in room.glob("*/__init__.py")
    }
    unnamed = {name for name in modules - {"__init__"} if not re.search(rf"\b{name}\b", page.read_text())}

    assert docstring(page), f"{named(page)} has no map"
    assert not unnamed, f"{named(page)} does not name {sorted(unnamed)}"


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_a_map_names_nothing_that_is_not_there(room: Path) -> None:
    listed = re.findall(r"^ +(\w+)(\.py|/)", docstring(room / "__init__.py"), re.MULTILINE)

    assert [name + end for name, end in listed if not (room / (name + end)).exists()] == []


def test_no_name_says_nothing() -> None:
    names = {path.stem for path in [*MODULES, *ROOMS]}

    assert names & NAMES_THAT_SAY_NOTHING == set()


def test_the_contract_of_the_layers_names_every_room_once() -> None:
    (contract,) = PROJECT["tool"]["importlinter"]["contracts"]
    layers = [name for layer in contract["layers"] for name in re.findall(r"\w+", layer)]
    children = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.parent.name for path in PACKAGE.glob("*/__init__.py")
    }

    assert sorted(layers) == sorted(children - {"__init__", "__main__"})
    assert contract["exhaustive"]


def test_the_page_on_architecture_has_every_room_and_the_layers_of_the_contract() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    (contract,) = PROJECT["tool"]["importlinter"]["contracts"]
    (drawn,) = re.findall(r"^cli pytest_plugin .*$", page, re.MULTILINE)
    rooms, _, _ = page.partition("A request walks one way, and")

    assert [set(layer.split()) for layer in drawn.split(" · ")] == [
        set(re.findall(r"\w+", layer)) for layer in contract["layers"]
    ]
    for layer in contract["layers"]:
        for name in re.findall(r"\w+", layer):
            assert f"| `{name}/` |" in rooms or f"`{name}.py`" in rooms or f"`{name}/`" in rooms, name


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))


def test_what_is_served_is_what_is_tested() -> None:
    runtime, development = pins("requirements.lock"), pins("requirements-dev.lock")

    assert runtime.items() <= development.items()


def test_the_locks_hold_all_that_the_project_asks_for() -> None:
    groups = PROJECT["dependency-groups"]

    def wanted(requirements: list[str]) -> set[str]:
        return {re.split(r"[^A-Za-z0-9-]", requirement)[0] for requirement in requirements}

    assert wanted(PROJECT["project"]["dependencies"] + groups["build"]) <= pins("requirements.lock").keys()
    assert wanted(groups["dev"]) <= pins("requirements-dev.lock").keys()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_no_place_to_download_from(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()

    assert [
        line for line in lines if "://" in line or (line.lstrip().startswith("-") and "--hash=" not in line)
    ] == []
