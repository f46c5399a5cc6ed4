"""Whatever somebody outside wrote becomes HTML in few places, each of them escaped and known."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import client

ROOT = Path(client.__file__).resolve().parent.parent
CODE = [
    path
    for folder in ("controllers", "models", "tools", "wizards")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
SCREENS = [
    path
    for folder in ("data", "static/src", "views")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".js", ".xml")
]

# What of Odoo takes text for HTML: an activity's note, a document's note, a mail that is composed.
# `message_post` and its like are none: they escape what is not `Markup`.
CALLS = {"_activity_schedule_with_view", "activity_schedule"}
UNSANITIZED = {"body_is_html", "sanitize", "sanitize_attributes", "sanitize_tags"}
NAMES = {"body_html", "default_body", "default_note", "note"}
RAW = re.compile(r"t-raw|widget=[\"']html|\bmarkup\(|innerHTML|outerHTML|insertAdjacentHTML")

# The places there are, and why they may: `raise_activity` is for everybody else.
KNOWN = {
    ("models/sync/record_mixin.py", "note"): "of `text_html`",
    ("models/sync/record_mixin.py", "activity_schedule"): "of `text_html`",
    ("tools/safe_html.py", "Markup"): "the few tags that are written anew",
    ("models/connection/request_budget.py", "Html"): "bars of `Markup.format`",
    ("models/connection/request_budget.py", "sanitize"): "a style says how wide a bar is",
    ("models/product/browsing.py", "Html"): "of `safe_html`, and sanitized by Odoo",
    ("models/order/sale_order.py", "note"): "our own words, a constant",
    ("wizards/link.py", "default_body"): "a template",
}


def places(tree: ast.AST) -> Iterator[str]:
    """Name what of a file makes HTML of text, once for each place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _called(node)
        elif isinstance(node, ast.Dict):
            keys = (key.value for key in node.keys if isinstance(key, ast.Constant))
            yield from (key for key in keys if key in NAMES)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield from {node.attr} & NAMES
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            key = node.slice.value if isinstance(node.slice, ast.Constant) else None
            yield from {key} & NAMES


def _called(node: ast.Call) -> Iterator[str]:
    function = node.func
    name = getattr(function, "attr", getattr(function, "id", ""))
    if name in {*CALLS, "Html"}:
        yield name
    # A template of ours is HTML; what is put together first and called HTML then is whoever's.
    if name == "Markup" and node.args and not isinstance(node.args[0], ast.Constant):
        yield name
    words = {*UNSANITIZED}
    if name in ("create", "dict", "update", "write"):
        words |= NAMES
    yield from words & {keyword.arg for keyword in node.keywords}


def test_what_becomes_html_is_made_in_the_known_places_only() -> None:
    assert len(CODE) > 50
    found = {
        (str(path.relative_to(ROOT)), place)
        for path in CODE
        for place in places(ast.parse(path.read_text()))
    }
    assert found == KNOWN.keys()


def test_no_screen_shows_text_as_html() -> None:
    assert len(SCREENS) > 20
    assert [str(path) for path in SCREENS if RAW.search(path.read_text())] == []


@pytest.mark.parametrize(
    "planted",
    [
        "order.activity_schedule(WARNING, note=reason)",
        "order.activity_schedule(WARNING, summary=reason)",
        "order._activity_schedule_with_view(WARNING, views_or_xmlid=view)",
        "activity.note = reason",
        "activity['note'] = reason",
        "activity.write({'summary': summary, 'note': reason})",
        "sale.update(dict(note=reason))",
        "mails.create({'body_html': reason})",
        "order.message_post(body=reason, body_is_html=True)",
        "Markup(f'<p>{reason}</p>')",
        "Markup('<p>%s</p>' % reason)",
        "Markup('<p>' + reason + '</p>')",
        "markupsafe.Markup(reason)",
        "banner = fields.Html(compute='_compute_banner')",
    ],
)
def test_a_new_place_is_found(planted: str) -> None:
    assert [*places(ast.parse(planted))]


@pytest.mark.parametrize(
    "planted",
    ["<t t-raw='x'/>", "<field name='reason' widget=\"html\"/>", "markup(x)", "el.innerHTML = x"],
)
def test_a_screen_that_shows_text_as_html_is_found(planted: str) -> None:
    assert RAW.search(planted)


@pytest.mark.parametrize(
    "text",
    [
        "order.message_post(body=reason)",
        "order._raise_activity(summary, reason, users)",
        "Markup('<p>%s</p>') % reason",
        "Markup('<br>').join(reasons)",
        "records.Order(note=note)",
        "self.env._('%(note)s', note=self.note)",
    ],
)
def test_what_escapes_is_not_reported(text: str) -> None:
    assert [*places(ast.parse(text))] == []
