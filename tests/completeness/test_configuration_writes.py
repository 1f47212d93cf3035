"""Whatever changes what is configured of a pool is written through `Configurations.write`, so that no cache is left behind."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src"
MARKS = frozenset(
    f"cognomen.store.user_pools.{name}" for name in ("touch", "add", "change", "remove")
)  # what raises a pool's version, or makes or takes away a pool

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module:
    """The functions of a module, nested ones too, and what its names mean."""

    def __init__(self, path: Path) -> None:
        self.name = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
        self.tree = ast.parse(path.read_text())
        self.functions = [node for node in ast.walk(self.tree) if isinstance(node, Function)]
        self.meanings = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        } | {function.name: f"{self.name}.{function.name}" for function in self.functions}

    def meaning(self, node: ast.expr) -> str:
        """The full name of `f` or `module.f`; empty for anything else."""
        if isinstance(node, ast.Name):
            return self.meanings.get(node.id, "")
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return f"{self.meanings.get(node.value.id, '')}.{node.attr}"
        return ""

    def written(self) -> Iterator[str]:
        """The full names of the transactions that are handed to a store."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("store.write"):
                yield self.meaning(node.args[0])


def test_no_configuration_is_changed_behind_the_cache() -> None:
    modules = [Module(path) for path in SOURCES.rglob("*.py")]
    calls: defaultdict[str, set[str]] = defaultdict(set)  # those of one name, as handlers have them, together
    for module in modules:
        for function in module.functions:
            calls[f"{module.name}.{function.name}"] |= {
                module.meaning(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)
            }
    changing = set(MARKS)
    while more := {name for name, called in calls.items() if called & changing} - changing:
        changing |= more

    behind = {f"{module.name}: {name}" for module in modules for name in module.written() if name in changing}

    assert len(changing) > 30, "the functions that change what is configured are not found any more"
    assert behind == set()
