"""Which lines of an order the service means when it names one.

Pure: plain values in, plain values out.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Named(Protocol):
    """What names a line: an item of an answer or of a shipment (`client.records`)."""

    @property
    def line_id(self) -> str | None:
        """The id we sent."""

    @property
    def line_ref(self) -> str | None:
        """The service's own id of the line."""

    @property
    def sku(self) -> str:
        """The SKU, "" when it is not told."""

    @property
    def product_id(self) -> str | None:
        """The service's id of the product."""


class Line(NamedTuple):
    """What a line is known by.

    `refs` are the service's own ids of it, told by its answer; `sku` is the one that was sent,
    `sku_today` what the supplier calls it by now.
    """

    line_id: str
    refs: frozenset[str]
    sku: str
    product_id: str
    sku_today: str = ""


def meant_by(lines: Sequence[Line], item: Named) -> list[Line]:
    """Return which of these lines an item means: by what was sent, else under the SKU of today."""
    renamed = {line._replace(sku=line.sku_today): line for line in lines if line.sku_today}
    return _meant_by(lines, item) or [renamed[line] for line in _meant_by([*renamed], item)]


def _meant_by(lines: Sequence[Line], item: Named) -> list[Line]:
    """Return which of these lines an item means: by the id we sent, by its own, else by the goods.

    An SKU is compared exactly first, and without case or blanks where no line has it exactly and
    only one SKU is left then. An id whose SKU or product is another's means none: a person has to
    look. An id of its own that no line is known by says nothing.
    """
    alike = list(lines)
    if item.sku:
        alike = [line for line in lines if line.sku == item.sku] or [
            line for line in lines if _bare(line.sku) == _bare(item.sku)
        ]
    if item.product_id:
        alike = [line for line in alike if line.product_id == item.product_id]
    if item.line_id:
        return [line for line in alike if line.line_id == item.line_id]
    if item.line_ref and any(item.line_ref in line.refs for line in lines):
        return [line for line in alike if item.line_ref in line.refs]
    told = item.sku or item.product_id
    return alike if told and len({line.sku for line in alike}) == 1 else []


def _bare(sku: str) -> str:
    return "".join(sku.split()).casefold()
