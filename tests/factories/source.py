"""The source code of pyregistry as tests of its architecture read it."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGE = "pyregistry"


@dataclass(frozen=True)
class Module:
    """A module of the package: its dotted name, its path and its syntax tree."""

    name: str
    path: Path
    tree: ast.Module
    is_package: bool

    @property
    def parts(self) -> tuple[str, ...]:
        """The name without the package: `("accounts", "services", "users")`."""
        return tuple(self.name.split(".")[1:])

    @property
    def lines(self) -> int:
        """The number of lines."""
        return len(self.path.read_text(encoding="utf-8").splitlines())

    def imports(self) -> Iterator[str]:
        """The dotted names that are imported, `from a import b` as `a.b`.

        What is imported for type checkers alone does not run, and is left out.
        """
        for node in _running(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                assert node.level == 0, f"{self.name} imports relatively"
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def _running(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _running(child)


@cache
def modules() -> Mapping[str, Module]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted((REPOSITORY / PACKAGE).rglob("*.py")):
        is_package = path.name == "__init__.py"
        relative = path.relative_to(REPOSITORY).with_suffix("")
        name = ".".join(relative.parts[:-1] if is_package else relative.parts)
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        found[name] = Module(name, path, tree, is_package)
    return found


@cache
def imported_modules(name: str) -> frozenset[str]:
    """The modules of the package that a module imports, or imports something from."""
    known = modules()
    found = set()
    for target in known[name].imports():
        owner = target if target in known else target.rpartition(".")[0]
        if owner in known:
            found.add(owner)
    return frozenset(found - {name})
