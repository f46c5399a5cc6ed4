"""The rules of the house: the pure layer stays pure."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import client

FILES = sorted(Path(client.__file__).parent.glob("*.py"))
# idna comes with requests; Pillow (for pictures only) with Odoo.
ALLOWED = {*sys.stdlib_module_names, "requests", "urllib3", "jmespath", "idna", "PIL"}


def imports(file: Path) -> set[str]:
    """Name what a file imports at any depth; relative imports as their dots."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            found.add("." * node.level)
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def public(tree: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | ast.FunctionDef]:
    """Find the public classes, functions and methods."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def test_nothing_but_the_standard_library_and_a_few_packages_is_imported() -> None:
    assert len(FILES) > 5
    for file in FILES:
        assert imports(file) <= ALLOWED | {"."}, file.name


def test_every_public_name_has_a_docstring() -> None:
    for file in FILES:
        for node in public(ast.parse(file.read_text())):
            assert ast.get_docstring(node), (file.name, node.name)


def test_every_name_that_is_assumed_stands_in_the_profile_only() -> None:
    for file in FILES:
        text = file.read_text()
        for name in ("/v1/", "dropshipFee", "orderNumber", "trackingNumber", "Idempotency-Key"):
            assert name not in text, (file.name, name)
