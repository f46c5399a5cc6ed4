"""Which file of models/ opens which model, and which package imports which.

For `make rooms` and tests; read from the sources, no Odoo needed.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MODELS = Path(__file__).resolve().parents[2] / "models"
WIZARDS = MODELS.parent / "wizards"
# The order of loading, and the only direction of imports.
PACKAGES = (
    "sync",
    "connection",
    "catalog",
    "product",
    "picture",
    "order",
    "shipment",
    "availability",
    "go_live",
    "setup",
    "progress",
)


@dataclass(frozen=True)
class Opened:
    """A class of a model in a file. `heir_of` are the other models it inherits from."""

    path: Path
    model: str
    abstract: bool
    heir_of: frozenset[str]

    @property
    def package(self) -> str:
        return self.path.relative_to(MODELS).parts[0]


def sources() -> list[Path]:
    """Return the files of models/, packages' own `__init__` left out."""
    return sorted(path for path in MODELS.rglob("*.py") if path.stem != "__init__")


def opened(paths: Iterable[Path] = ()) -> list[Opened]:
    """Return every class of a model in these files; by default in those of models/."""
    return [
        found
        for path in paths or sources()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and (found := _read(path, node))
    ]


def files_by_model() -> dict[str, list[Path]]:
    """Return the files that hold a class of each model; shared mixins count for themselves."""
    files = defaultdict(set)
    for each in opened():
        files[each.model].add(each.path)
    return {model: sorted(paths) for model, paths in files.items()}


def lonely_mixins() -> dict[str, str]:
    """Return the abstract models that exactly one other model inherits from."""
    classes = opened([*sources(), *sorted(WIZARDS.glob("*.py"))])
    heirs = defaultdict(set)
    for each in classes:
        for parent in each.heir_of:
            heirs[parent].add(each.model)
    abstract = {each.model for each in classes if each.abstract}
    return {model: min(heirs[model]) for model in abstract if len(heirs[model]) == 1}


def imports_upwards() -> list[str]:
    """Return the imports that run against the order of the packages."""
    found = []
    for path in sources():
        package = path.relative_to(MODELS).parts[0]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 2:
                other = (node.module or "").split(".")[0]
                if other in PACKAGES and PACKAGES.index(other) > PACKAGES.index(package):
                    found.append(f"{path.relative_to(MODELS)}: {ast.unparse(node)}")
    return found


def _read(path: Path, node: ast.ClassDef) -> Opened | None:
    said = {
        target.id: ast.literal_eval(line.value)
        for line in node.body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name) and target.id in ("_name", "_inherit")
    }
    if not said:
        return None
    parents = said.get("_inherit", [])
    parents = [parents] if isinstance(parents, str) else parents
    model = said.get("_name") or parents[0]
    return Opened(
        path,
        model,
        any("AbstractModel" in ast.unparse(base) for base in node.bases),
        frozenset(parents) - {model},
    )


def main() -> None:
    """Print the models, those in most files first."""
    for model, paths in sorted(files_by_model().items(), key=lambda each: (-len(each[1]), each[0])):
        names = ", ".join(str(path.relative_to(MODELS).with_suffix("")) for path in paths)
        print(f"{len(paths):3}  {model:40} {names}")


if __name__ == "__main__":
    main()
