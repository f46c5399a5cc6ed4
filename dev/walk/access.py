"""Whether everybody can use a screen, as axe-core judges it: whoever reads it aloud, too.

It judges all that is there, and most of that is Odoo's. An element is ours by this rule: on a
screen or page of ours each one but what `ODOO_BREAKS` names, on one of Odoo's those within an
element that is named after the addon. What is named has to be broken on a screen of Odoo, too.
"""

import dataclasses
from typing import Any

from workbench import places

from .person import Visitor
from .screens import Screen

GRAVE = {"serious", "critical"}
# Each rule that Odoo breaks itself, and the elements it breaks it on wherever it draws them.
ODOO_BREAKS: dict[str, tuple[str, ...]] = {
    "aria-allowed-attr": (
        *(".o_searchview", ".o_searchview_input", ".o_searchview_facet", ".o_tag"),
        *(".o-dropdown", ".o-autocomplete--input"),
    ),
    "aria-command-name": (".o_searchview_facet_label",),
    "aria-required-parent": (".o_notebook_headers .nav-link", ".o_searchview_facet"),
    "autocomplete-valid": (".o_select_menu_input",),
    "button-name": (
        *(".o_cp_switch_buttons .btn", ".o_control_panel_navigation .btn", ".o_button_more"),
        *(".o_optional_columns_dropdown .btn", ".o_clipboard_button", ".o_search_panel .btn"),
    ),
    # The colors of the theme: grey words, labels on a phone, and the green and blue of badges.
    "color-contrast": (
        *(":is(.text-muted, .text-muted *)", ".o_form_label", ".o_facet_values_sep"),
        *(".text-bg-info", ".text-bg-success"),
    ),
    "image-alt": (".o_m2o_avatar img",),
    "label": (".o-checkbox input", ".ace_text-input"),
    "role-img-alt": (
        *(".o_searchview_icon", ":is(.o_searchview_facet_label, .o_searchview_facet_label *)"),
        ".o-mail-ActivityButton i",
    ),
    "scrollable-region-focusable": (".o_pivot",),
    "target-size": (".o_searchview .btn",),
}
_BREAKS = {rule: list(selectors) for rule, selectors in ODOO_BREAKS.items()}
OURS = "[name*='inventory_source'], [id*='inventory_source']"
# WCAG 2.2, A and AA, and what axe-core holds for good practice.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = places.NODE_MODULES / "axe-core" / "axe.min.js"
# What is behind a dialog cannot be reached; a chatter has nothing of ours.
RUN = """async ([breaks, ours, tags]) => {
    const dialog = [...document.querySelectorAll(".modal.o_technical_modal .modal-content")].pop();
    const client = document.querySelector(".o_action_manager");
    const seen = dialog || client || document.documentElement;
    const found = await axe.run({ include: seen, exclude: [".o-mail-Form-chatter"] }, {
        resultTypes: ["violations"],
        elementRef: true,
        runOnly: tags,
    });
    return found.violations.flatMap(({ id, impact, nodes }) =>
        nodes.map(({ element, html, failureSummary }) => ({
            rule: id,
            impact,
            element: html.slice(0, 200),
            why: failureSummary.split("\\n")[1].trim(),
            is_named: Boolean(element.closest(ours)),
            excuses: (breaks[id] || []).filter((selector) => element.matches(selector)),
        }))
    );
}"""


@dataclasses.dataclass(frozen=True)
class Fault:
    """An element of ours that somebody cannot use."""

    rule: str
    face: str
    element: str
    why: str

    def __str__(self) -> str:
        return f"{self.face}: {self.rule}: {self.element}\n    {self.why}"


class Judge:
    """Collects what is grave on the screens it is shown, and what excused it."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        # Pairs of a rule and a selector: what was excused on screens of ours, what Odoo's break.
        self.excused: set[tuple[str, str]] = set()
        self.broken_by_odoo: set[tuple[str, str]] = set()

    def look(self, visitor: Visitor, screen: Screen, face: str) -> None:
        """Judge what the visitor sees now."""
        page = visitor.page
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(AXE.read_text())
        for found in page.evaluate(RUN, [_BREAKS, OURS, TAGS]):
            if found["impact"] in GRAVE:
                self._weigh(screen, face, found)

    def _weigh(self, screen: Screen, face: str, found: dict[str, Any]) -> None:
        pairs = {(found["rule"], selector) for selector in found["excuses"]}
        if screen.is_of_odoo and not found["is_named"]:
            self.broken_by_odoo |= pairs
        elif pairs:
            self.excused |= pairs
        else:
            self.faults.append(Fault(found["rule"], face, found["element"], found["why"]))

    def unfounded(self) -> set[tuple[str, str]]:
        """Return what is named as Odoo's, and was broken on no screen of Odoo's."""
        named = {(rule, each) for rule, selectors in ODOO_BREAKS.items() for each in selectors}
        return named - self.broken_by_odoo

    def needless(self) -> set[tuple[str, str]]:
        """Return what is named as Odoo's and excuses nothing."""
        named = {(rule, each) for rule, selectors in ODOO_BREAKS.items() for each in selectors}
        return named - self.excused
