"""Check every XML file of the addon against Odoo's own schemas, and that the manifest loads it."""

import ast
import os
import sys
from pathlib import Path

from lxml import etree

ADDON = Path(__file__).resolve().parent.parent
ODOO = next(
    folder
    for folder in (Path(entry) / "odoo" for entry in os.environ["PYTHONPATH"].split(os.pathsep))
    if (folder / "import_xml.rng").is_file()
)
FOLDERS = ("data", "demo", "security", "views", "wizards")


def schema(path):
    return etree.RelaxNG(etree.parse(path))


def view_schemas():
    """Return the schema of each view type Odoo has one for (not form and kanban)."""
    base = next(ODOO.glob("addons/base/rng"), ODOO.parent / "odoo/addons/base/rng")
    return {path.name.removesuffix("_view.rng"): schema(path) for path in base.glob("*_view.rng")}


def view_archs(tree):
    """Yield the root of each whole view; Odoo checks extensions when they are combined."""
    for record in tree.iterfind(".//record[@model='ir.ui.view']"):
        inherits = record.find("field[@name='inherit_id']")
        arch = record.find("field[@name='arch']")
        if inherits is None and arch is not None:
            yield from arch.iterchildren(tag=etree.Element)


def problems_of(path, import_schema, views):
    try:
        tree = etree.parse(path)
    except etree.XMLSyntaxError as error:
        return [f"{path.relative_to(ADDON)}: {error}"]
    checked = [(import_schema, tree)]
    checked += [(views[arch.tag], arch) for arch in view_archs(tree) if arch.tag in views]
    return [
        f"{path.relative_to(ADDON)}:{error.line}: {error.message}"
        for validator, part in checked
        if not validator.validate(_alone(part))
        for error in validator.error_log
    ]


def _alone(part):
    """Return a view's element as a document of its own, its line numbers kept."""
    if isinstance(part, etree._ElementTree):
        return part
    copy = etree.ElementTree(etree.fromstring(etree.tostring(part, with_tail=False)))
    for original, element in zip(part.iter(), copy.getroot().iter(), strict=True):
        element.sourceline = original.sourceline
    return copy


def main():
    manifest = ast.literal_eval((ADDON / "__manifest__.py").read_text())
    loaded = {*manifest.get("data", []), *manifest.get("demo", [])}
    files = [path for folder in FOLDERS for path in sorted((ADDON / folder).rglob("*.xml"))]
    import_schema, views = schema(ODOO / "import_xml.rng"), view_schemas()
    problems = [
        f"{path.relative_to(ADDON)}: not in the manifest, so Odoo never loads it"
        for path in files
        if str(path.relative_to(ADDON)) not in loaded
    ]
    for path in files:
        problems += problems_of(path, import_schema, views)
    print("\n".join(problems))
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main())
