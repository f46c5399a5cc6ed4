"""How postcodes are written, and which ones are a state's."""

import re
from collections.abc import Iterator

# Country: how its postcodes look without blanks and dashes, and how they are written.
POSTCODES = {
    "US": (re.compile(r"(\d{5})(\d{4})?"), "-"),
    "CA": (re.compile(r"([A-Z]\d[A-Z])(\d[A-Z]\d)"), " "),
}
# Country: each state, and how its postcodes begin. The longest beginning decides: single ones of
# five digits lie beyond the border of the state that has the others of their three digits.
_BEGINNINGS = {
    "US": """
        AL 350-369; AK 995-999; AZ 850-865; AR 716-729; CA 900-961; CO 800-816; CT 060-069;
        DE 197-199; DC 200 202-205 569; FL 320-339 341-349; GA 300-319 398-399; HI 967-968;
        ID 832-838; IL 600-629; IN 460-479; IA 500-528; KS 660-679; KY 400-427; LA 700-714;
        ME 039-049; MD 206-219 20588; MA 010-027 055; MI 480-499; MN 550-567; MS 386-397;
        MO 630-658; MT 590-599; NE 680-693; NV 889-898; NH 030-038; NJ 070-089; NM 870-884;
        NY 005 100-149 06390; NC 270-289; ND 580-588; OH 430-459; OK 730-732 734-749; OR 970-979;
        PA 150-196; RI 028-029; SC 290-299; SD 570-577; TN 370-385; TX 733 750-799 885 73960;
        UT 840-847; VT 050-054 056-059; VA 201 220-246 20041 20598; WA 980-994; WV 247-268;
        WI 530-549; WY 820-831 83414; AA 340; AE 090-099; AP 962-966; AS 96799;
        GU 9691-9692 96930-96932; MP 9695; PR 006-007 009; VI 008; FM 96941-96944; MH 9696-9697;
        PW 96939-96940
        """,
    "CA": """
        NL A; NS B; PE C; NB E; QC G H J; ON K L M N P; MB R; SK S; AB T; BC V; NT X; NU X; YT Y
        """,
}


def postcode(text: str | None, country: str) -> str:
    """Return a postcode as its country writes it, unchanged where we do not know."""
    text = (text or "").strip().upper()
    if country in POSTCODES:
        shape, separator = POSTCODES[country]
        if found := shape.fullmatch(re.sub(r"[\s-]", "", text)):
            return separator.join(part for part in found.groups() if part)
    return text


def is_of_country(text: str, country: str) -> bool:
    """Return whether a postcode has the shape of its country's; true where we do not know."""
    shape = POSTCODES.get(country)
    return not shape or bool(shape[0].fullmatch(re.sub(r"[\s-]", "", text)))


def is_of_state(text: str, state: str, country: str) -> bool:
    """Return whether a postcode is one of a state; true where we do not know."""
    states = _STATES.get(country, {})
    if not any(state in several for several in states.values()):
        return True
    return state in next((states[text[:n]] for n in (5, 4, 3, 1) if text[:n] in states), set())


def _spread(beginnings: list[str]) -> Iterator[str]:
    for beginning in beginnings:
        first, _dash, last = beginning.partition("-")
        if last:
            yield from (f"{number:0{len(first)}}" for number in range(int(first), int(last) + 1))
        else:
            yield first


def _by_beginning(table: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in table.split(";"):
        state, *beginnings = row.split()
        for beginning in _spread(beginnings):
            found.setdefault(beginning, set()).add(state)
    return found


_STATES = {country: _by_beginning(table) for country, table in _BEGINNINGS.items()}
