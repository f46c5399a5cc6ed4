"""What an administrator reads is called as it is in the code: options, menus, scheduled actions."""

import re
from pathlib import Path

import client

ROOT = Path(client.__file__).resolve().parent.parent
DOCUMENTS = ("README.rst", "SECURITY.md", "docs/administration.md", "docs/operations.md")
ITEM = re.compile(r'<menuitem id="(\w+)" name="([^"]+)"(?: parent="(\w+)")?')


def read(name: str) -> str:
    return (ROOT / name).read_text()


def texts(folder: str, pattern: str) -> str:
    return "\n".join(path.read_text() for path in sorted((ROOT / folder).glob(pattern)))


def constants(name: str) -> dict[str, str]:
    """Return the texts that a module names at its top, by their names."""
    return dict(re.findall(r'^([A-Z_]+) = "(.+)"$', read(name), re.MULTILINE))


def test_options_and_parameters_are_called_as_the_code_reads_them() -> None:
    code = constants("tools/network.py") | constants("tools/crypto.py")
    called = {code[name] for name in ("PROXY", "CA_BUNDLE", "OPTION", "VARIABLE", "PARAMETER")}
    found = {
        name
        for document in DOCUMENTS
        for name in re.findall(
            r"\binventory_source_(?:proxy|ca_bundle|key)\w*|\binventory_source_\w+(?= = )"
            r"|\bINVENTORY_SOURCE_KEY\w*|\binventory_source\.[a-z]+_[a-z_]+",
            read(document),
        )
    }
    assert found == called
    assert all(name in read("README.rst") for name in called)


def menus() -> set[str]:
    """Return each menu with its way, as the documents write it."""
    items = {key: (name, parent) for key, name, parent in ITEM.findall(texts("views", "*.xml"))}

    def way(key: str) -> str:
        name, parent = items[key]
        return f"{way(parent)} / {name}" if parent else name

    return {way(key) for key in items}


def test_a_menu_that_is_named_with_its_way_is_there() -> None:
    documents = {document: read(document) for document in (*DOCUMENTS, "docs/installations.md")}
    named = {
        (document, " ".join(way.split()))
        for document, text in documents.items()
        for way in re.findall(r"(?<!\*)\*(Inventory\sSource\s/\s[^*]+)\*", text)
    }
    assert len(named) >= 3
    buttons = {f" / {name}" for name in re.findall(r'string="([^"]+)"', texts("views", "*.xml"))}
    known = menus()
    known |= {menu + button for menu in known for button in buttons}
    assert {(document, way) for document, way in named if way not in known} == set()


def test_scheduled_actions_are_named_and_counted_as_they_are() -> None:
    said = " ".join(read("docs/administration.md").split())
    [part] = re.findall(r"Each connection has (.*?) when a sandbox goes live", said)
    own, of_all = re.split(r" more are for all connections", part)
    lanes = re.findall(r'^ +label="(.+)",$', read("models/sync/lane.py"), re.MULTILINE)
    crons = re.findall(
        r'<field name="name">Inventory Source: (.+)</field>', texts("data", "ir_cron_*.xml")
    )
    assert (len(lanes), len(crons)) == (3, 5)
    assert own.startswith("three ") and own.endswith(" Five")
    assert {*re.findall(r"\*([^*]+)\*", own)} == {*lanes}
    assert {*re.findall(r"\*([^*]+)\*", of_all)} == {*crons}
