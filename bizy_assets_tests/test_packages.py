"""The packages of bizy_assets: their public names, and the size of modules and functions."""

import ast
import importlib
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bizy_assets_tests.support.environment import CHECKOUT

CONTAINERS = {"bizy_assets", "bizy_assets.core"}
"""Packages of packages and single modules, which are imported by their own names."""

ALIASES = {"bizy_assets.history", "bizy_assets.launching"}
"""Old paths of two classes that ``dagster.yaml`` names by module path."""


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__")


FILES = {
    module_name(path): path
    for folder in ("bizy_assets", "tools")
    for path in sorted((CHECKOUT / folder).rglob("*.py"))
}
TREES = {module: ast.parse(path.read_text()) for module, path in FILES.items()}
PACKAGES = {module for module, path in FILES.items() if path.name == "__init__.py"} - CONTAINERS


def package_of(module: str) -> str:
    """Returns the package of a module; of a single module in a container, the module itself."""
    parent = module.rpartition(".")[0]
    return parent if parent in PACKAGES else module


def imports(module: str) -> Iterator[tuple[str, str]]:
    """Yields the modules and names that a module imports or uses by way of a package's name."""
    packages = {}
    for node in ast.walk(TREES[module]):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, "") for alias in names)
            case ast.ImportFrom(module=str(source), names=names):
                for alias in names:
                    if source in CONTAINERS:
                        packages[alias.asname or alias.name] = f"{source}.{alias.name}"
                    else:
                        yield source, alias.name
    for node in ast.walk(TREES[module]):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in packages:
                yield packages[name], attribute


def foreign_imports() -> Iterator[tuple[str, str, str]]:
    """Yields importing module, imported module and name, across packages."""
    for importer in FILES:
        for module, name in imports(importer):
            if module in FILES and package_of(importer) != package_of(module):
                yield importer, module, name


def public_names(package: str) -> set[str]:
    return set(getattr(importlib.import_module(package), "__all__", ()))


def test_modules_import_only_the_public_names_of_other_packages() -> None:
    violations = [
        f"{importer}: from {module} import {name}"
        for importer, module, name in foreign_imports()
        if importer not in ALIASES
        if module != package_of(module)
        or (f"{module}.{name}" in FILES and name not in public_names(module))
    ]
    assert not violations, "\n".join(violations)


def problems(package: str) -> Iterator[str]:
    """Yields whatever is wrong with a package's docstring and exports."""
    docstring = ast.get_docstring(TREES[package]) or "TODO"
    if docstring.startswith("TODO"):
        yield "its docstring does not describe it"
    exported = public_names(package)
    module = importlib.import_module(package)
    yield from (f"{name} does not exist" for name in exported if not hasattr(module, name))
    used = {name for _, module, name in foreign_imports() if module == package}
    yield from (f"{name} is imported by no other package" for name in sorted(exported - used))


def test_packages_describe_themselves_and_export_what_others_import() -> None:
    found = [
        f"{package}: {problem}" for package in sorted(PACKAGES) for problem in problems(package)
    ]
    assert not found, "\n".join(found)


def test_every_function_and_class_is_used() -> None:
    # Packages export whole modules too, whose names the test above does not see.
    files = [path for path in FILES.values() if path.name != "__init__.py"]
    words = Counter(word for path in files for word in re.findall(r"\w+", path.read_text()))
    unused = [
        f"{module}.{node.name}"
        for module, tree in TREES.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list
        if words[node.name] < 2
    ]
    assert not unused, "\n".join(unused)


def test_modules_and_functions_are_short() -> None:
    lengths = {
        f"{module}.{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    too_long = [f"{name}: {length} lines" for name, length in lengths.items() if length > 50]
    for module, path in FILES.items():
        lines = len(path.read_text().splitlines())
        too_long += [f"{module}: {lines} lines"] if lines > 300 else []
    assert not too_long, "\n".join(too_long)
    assert statistics.median(lengths.values()) <= 10
