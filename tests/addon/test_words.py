import ast
import io
import re
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

OURS = "inventory_source"
# Labels of earlier days, as whole labels, each with the one that took its place.
OLD_LABELS = {
    "Apply Now": "Record now",
    "Applied": "Recorded",
    "At Once": "Immediately",
    "Carrier as Told": "Supplier's carrier name",
    "Catalogue": "Catalog",
    "Catalogues": "Catalogs",
    "Categories Nobody Mapped": "Unmapped categories",
    "Check for Parcels": "Check for Shipments",
    "Check for Parcels Now": "Check for Shipments",
    "Connect by Pasting": "Connect with a code",
    "Cost Times": "Markup (× cost)",
    "Customer: Told": "Notified",
    "Dearer Than Listed": "Charged more than listed",
    "Decide": "Save",
    "Decide Moves Above (%)": "Ask me about price changes over (%)",
    "Dry Run": "Preview import",
    "Excerpt": "Value received",
    "Fees as Lines Of": "Product for fees",
    "Freight as Lines Of": "Product for freight",
    "Hold Above": "Hold if total over",
    "How You Know": "Note",
    "Import Catalog": "Update catalog now",
    "Import Catalogue": "Update catalog now",
    "Import This Way": "Start importing",
    "It Is a Copy": "Test copy",
    "It Was Moved": "Live database",
    "Keep as It Is": "Don't sync this product",
    "Kept in Step": "Keep in sync",
    "Lane": "Type",
    "Least Margin (%)": "Minimum margin (%)",
    "Load Channels & Catalogues": "Load Channels & Catalogs",
    "Moved": "Change (%)",
    "Moved (%)": "Change (%)",
    "Need You": "Action needed",
    "Needs You": "Action needed",
    "Next Look": "Next tracking check",
    "Not Read Yet": "Not downloaded yet",
    "Now": "Current",
    "Number at the Supplier": "Supplier order no.",
    "Orders Leave": "Send orders",
    "Parcel": "Shipment",
    "Parcels": "Shipments",
    "Pass": "Update",
    "Plain Facts": "Specifications",
    "Price Formula": "Pricelist rule",
    "Products Nobody Can Deliver": "Unavailable products",
    "Put Away": "Dismiss",
    "Put It Right": "Fix it",
    "Read Now": "Update now",
    "Reference": "Supplier's ID",
    "Release": "Approve and send",
    "Remote ID": "Inventory Source ID",
    "Requests Left": "API calls left",
    "Runs": "Sync log",
    "Seen": "Checked",
    "Sell Only if Fresher Than": "Stop selling when stock data is older than",
    "Sell Only if Fresher Than (hours)": "Stop selling when stock data is older than (hours)",
    "Send Link": "Invite account owner",
    "Service's Name": "Inventory Source shipping method",
    "Set Aside": "Skipped",
    "Shelf": "Supplier catalog",
    "Tell of Stock Falling Above (%)": "Warn about stock drops over (%)",
    "Tell the Customer": "Email tracking",
    "Told": "Notified",
    "Unknown Fate": "To verify",
    "What": "Change",
    "Wire Profile": "API field mapping",
    "Would Be": "New",
    "Would Wait for You": "Need your decision",
}
# Words that stand in the code, and in no text that a person reads.
HOUSE_WORDS = re.compile(
    r"""\b(
        by\ (?:itself|themselves) | cancelled | catalogues? | claimed | dearer | dry\ runs?
        | excerpts? | fate | lanes? | leases? | least\ margin | nobody | of\ it | parcels?
        | pass(?:es)? | postcodes? | put\ away | put\ (?:it\ |them\ )?right | sealed | set\ aside
        | shel(?:f|ves) | somebody | told | untold | wire
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
# What the JSON of an API field mapping is written with, shown as it stands there.
MAPPING_WORDS = {"cancelled"}
# "an email", as Odoo and Americans say; a number has its percent sign beside it.
NOT_AMERICAN = re.compile(
    r"""\b(?:[Aa]|[Tt]he|[Nn]o|[Ee]ach|[Ww]rite)\ [Mm]ails?\b | \)[\d.]*[sdfg]\ %%
    | (?i:\b(?:
        (?:author|categor|custom|final|initial|maxim|minim|normal|organ|real|recogn|summar
           |synchron|util) is(?:e[ds]?|ing|ation)
        | behaviours? | centres? | colour\w* | favour\w* | fulfil | grey | judgement
        | labell\w+ | licences? | towards | travell\w+ | whilst
    )\b)""",
    re.VERBOSE,
)
MARKUP = re.compile(r"<[^>]*>|{{.*?}}|%\(\w+\)\w")


def words_of(term):
    """Return what a person reads of a term: without markup and what is put in."""
    return " ".join(MARKUP.sub(" ", term).split())


def said(path):
    """Return the texts of several words in a module, which end in problems and reasons."""
    tree = ast.parse(path.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, documented) and ast.get_docstring(node)
    }
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [
        node.value
        for node in constants
        if isinstance(node.value, str) and " " in node.value and node not in docstrings
    ]


@tagged("post_install", "-at_install")
class TestWords(TransactionCase):
    """Screens speak a shop manager's words: what is exported for translators is what is read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        buffer = io.BytesIO()
        trans_export(None, [OURS], buffer, "po", cls.env)
        entries = polib.pofile(buffer.getvalue().decode())
        cls.raw_terms = [entry.msgid for entry in entries]
        cls.terms = [
            (
                words_of(entry.msgid),
                ", ".join(sorted({place for place, _line in entry.occurrences})),
            )
            for entry in entries
        ]

    def test_what_is_read_comes_from_everywhere(self):
        places = " ".join(place for _words, place in self.terms)
        for kind in (
            "model:ir.model.fields,field_description",
            "model:ir.model.fields,help",
            "model:ir.model.fields.selection,name",
            "model:ir.model.constraint,message",
            "model:ir.ui.menu,name",
            "model:ir.actions.act_window,name",
            "model_terms:ir.actions.act_window,help",
            "model_terms:ir.ui.view,arch_db",
            "model:mail.template,body_html",
            "code:addons/inventory_source/models/",
            "code:addons/inventory_source/wizards/",
            "code:addons/inventory_source/static/src/",
        ):
            with self.subTest(kind=kind):
                self.assertIn(kind, places)

    def test_no_label_is_an_old_one(self):
        new = {old.casefold(): label for old, label in OLD_LABELS.items()}
        for words, places in self.terms:
            if label := new.get(words.casefold()):
                with self.subTest(label=words):
                    self.fail(f"{words!r} is called {label!r} now, in {places}")

    def test_no_text_has_a_word_of_the_house(self):
        for words, places in self.terms:
            found = HOUSE_WORDS.search(words)
            if found and words not in MAPPING_WORDS:
                with self.subTest(word=found.group()):
                    self.fail(f"{found.group()!r} in {places}: {words}")

    def test_no_sentence_of_the_client_has_a_word_of_the_house(self):
        folders = (Path(__file__).parents[2] / name for name in ("client", "tools"))
        texts = [text for folder in folders for path in folder.rglob("*.py") for text in said(path)]
        self.assertGreater(len(texts), 100)
        self.assertEqual([text for text in texts if HOUSE_WORDS.search(text)], [])

    def test_texts_are_american(self):
        found = [term for term in self.raw_terms if NOT_AMERICAN.search(term)]
        self.assertEqual(found, [])
