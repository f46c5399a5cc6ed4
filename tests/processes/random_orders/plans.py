"""Orders of random shape as plain data: what is sold, and what happens to it in which round.

A plan is `{"number", "kind", "lines", "rounds"}`. The kind says who buys: a sale, a sale of a
branch, a purchase by hand or a point of sale. A line is `[article, quantity, unit]`; an article is
"own", a kit or "<supplier>-<kind>". A round is a list of events, `[name, *values]`; after it the
lanes run. The same seed and number give the same plan, whatever else is played with it.
"""

import random

# The last one sells over a connection of its own.
SUPPLIERS = 4
# What a supplier sells: two articles by the piece, one by the dozen only, one it will reject.
ARTICLES = ("first", "second", "pack", "gone")
PLAIN = ARTICLES[:2]
TAKEN = ARTICLES[:3]
# What a kit is made of; each is sold by the piece. The second one holds the first.
KITS = {
    "pair": {"0-first": 2, "1-second": 1},
    "set": {"pair": 1, "2-first": 3},
}
DOZEN = 12

# What is seldom: a plan is of one of these kinds, or has one of these events. The first plans of a
# seed have one each, so that few are enough to meet them all.
KINDS = ("branch", "purchase", "pos")
EVENTS = (
    *("exchange", "refuse", "taken", "pause", "vendor", "moment", "again", "lost", "unlink"),
    *("by hand", "delete", "replace", "raise", "lower"),
)
SELDOM = (*EVENTS, *KINDS)
# Events that name the place of a line first.
PLACED = ("edit", "moment", "exchange", "unlink", "by hand", "delete", "replace", "buy")
# What can happen to whom. A cashier's order is not edited, and a purchase by hand is not exchanged.
LATER = {
    "sale": (
        "ship",
        "hand",
        "more",
        "less",
        "void",
        "correct",
        "deliver",
        "bill",
        "wait",
        "cancel",
    ),
    "branch": ("ship", "more", "less", "correct", "deliver", "bill", "wait", "cancel"),
    "purchase": ("ship", "hand", "more", "void", "correct", "deliver", "bill", "wait"),
    "pos": ("ship", "hand", "correct", "deliver", "bill", "wait"),
}
WEIGHTS = dict(zip(LATER["sale"], (7, 2, 4, 3, 2, 2, 2, 2, 1, 1), strict=True))


def make(seed, number):
    """Return the plan of one order."""
    chance = random.Random(f"{seed}/{number}")
    seldom = SELDOM[number] if number < len(SELDOM) else _seldom(chance)
    kind = seldom if seldom in KINDS else "sale"
    lines = [_line(chance, article, kind, seldom) for article in _articles(chance, kind, seldom)]
    plan = {"number": number, "kind": kind, "lines": lines}
    return {**plan, "rounds": _rounds(chance, kind, lines, seldom)}


def _seldom(chance):
    return chance.choice(SELDOM) if chance.random() < 0.4 else None


def _rounds(chance, kind, lines, seldom):
    """Draw what happens; a seldom event is put where it can happen."""
    if seldom == "exchange":
        return _exchange_rounds(chance, lines)
    rounds = _usual_rounds(chance, kind, lines)
    if event := _at_once(chance, lines, seldom):
        confirmed, *others = rounds[0]
        return [[confirmed, event], *([others] if others else []), *rounds[1:]]
    if seldom in ("taken", "pause"):
        rounds[0] = [["confirm"], [seldom]]
    elif seldom == "vendor":
        rounds[chance.randrange(len(rounds))].insert(0, ["vendor", chance.randrange(SUPPLIERS)])
    elif seldom == "moment":
        event = _edit(chance, "more", lines)
        rounds.insert(chance.randint(1, len(rounds)), [["moment", *event[1:]]])
    elif seldom == "refuse":
        rounds.insert(chance.randint(1, len(rounds)), [["refuse"]])
    elif seldom == "again":
        # Canceled and confirmed again before the lanes have run, or after.
        turn = chance.randint(0, len(rounds) - 1)
        rounds[turn : turn + 1] = _again(chance, rounds[turn])
    elif seldom == "raise":
        event = ["buy", _place(chance, lines, PLAIN), chance.randint(1, 5)]
        rounds.insert(chance.randint(1, len(rounds)), [event])
    return rounds


def _at_once(chance, lines, seldom):
    """Return what happens while nothing was sent of what was just bought; None for the rest."""
    if seldom == "lost":
        return ["lost"]
    if seldom in ("unlink", "by hand"):
        return [seldom, _place(chance, lines)]
    if seldom == "lower" or (seldom == "raise" and chance.random() < 0.3):
        pieces = chance.randint(1, 5)
        return ["buy", _place(chance, lines, PLAIN), -pieces if seldom == "lower" else pieces]
    if seldom == "delete":
        return ["delete", _place(chance, lines), chance.random() < 0.5]
    if seldom == "replace":
        place = _place(chance, lines)
        # Of the same size: a dozen of the one are no part of a piece of the other.
        kinds = ("pack",) if lines[place][0].endswith("pack") else PLAIN
        supplier, kind = chance.randrange(SUPPLIERS), chance.choice(kinds)
        if lines[place][0] == f"{supplier}-{kind}":
            supplier = (supplier + 1) % SUPPLIERS
        return ["replace", place, f"{supplier}-{kind}", chance.random() < 0.5]
    return None


def _place(chance, lines, kinds=TAKEN):
    """Choose a line of what a supplier sells and takes."""
    places = [place for place, line in enumerate(lines) if line[0].endswith(kinds)]
    return chance.choice(places or [0])


def _again(chance, events):
    """Return the rounds in place of one after whose events a sale is canceled and drafted."""
    events = [event for event in events if event[0] not in ("cancel", "lose answer")]
    if chance.random() < 0.5:
        return [[*events, ["again"]]]
    return [events, [["cancel"]], [["again"]]] if events else [[["cancel"]], [["again"]]]


def _exchange_rounds(chance, lines):
    """What was shipped is exchanged in part; the sale may be raised afterwards."""
    places = [place for place, line in enumerate(lines) if not line[0].endswith("gone")] or [0]
    place = chance.choice(places)
    rounds = [[["confirm"]], [["ship", 1.0, 1]], [["exchange", place, chance.randint(1, 4)]]]
    if chance.random() < 0.6:
        rounds.append([_edit(chance, "more", lines, place)])
    if chance.random() < 0.3:
        rounds[-1].append(["bill"])
    return [*rounds, [["ship", 1.0, 1]]]


def _usual_rounds(chance, kind, lines):
    rounds = [[["confirm"]]]
    if chance.random() < 0.05:
        rounds[0].append(["lose answer"])
    cancelled = False
    for _event in range(chance.randint(0, 6)):
        event = _event_of(chance, kind, lines)
        if kind == "purchase" and event[0] == "edit":
            # More than the last time: what a purchaser takes back is for a person to agree on.
            lines = [list(line) for line in lines]
            lines[event[1]][1] = event[2]
        if chance.random() < 0.6 or (event[0] == "cancel" and "ship" in _names(rounds[-1])):
            rounds.append([])
        rounds[-1].append(event)
        if cancelled := event[0] == "cancel":
            break
    if not cancelled and chance.random() < 0.7:
        rounds.append([["ship", 1.0, chance.randint(1, 3)]])
    return rounds


def parts(article):
    """Return what one of an article is made of, `{article: quantity}`, down to what is bought."""
    if article not in KITS:
        return {article: 1}
    found = {}
    for part, quantity in KITS[article].items():
        for inner, count in parts(part).items():
            found[inner] = found.get(inner, 0) + quantity * count
    return found


def smaller(plan):
    """Yield plans with one thing less, each of which shows more simply what is wrong."""
    for place in range(len(plan["lines"]) if len(plan["lines"]) > 1 else 0):
        rounds = [
            [_shifted(event, place) for event in events if not _is_of(event, place)]
            for events in plan["rounds"]
        ]
        lines = plan["lines"][:place] + plan["lines"][place + 1 :]
        yield {**plan, "lines": lines, "rounds": rounds}
    for turn, events in enumerate(plan["rounds"]):
        for place, event in enumerate(events):
            if event != ["confirm"]:
                less = events[:place] + events[place + 1 :]
                rounds = plan["rounds"][:turn] + [less] + plan["rounds"][turn + 1 :]
                yield {**plan, "rounds": [events for events in rounds if events]}


def _is_of(event, place):
    return event[0] in PLACED and event[1] == place


def _shifted(event, place):
    """Return the event as it is called once the line at `place` is gone."""
    if event[0] in PLACED and event[1] > place:
        return [event[0], event[1] - 1, *event[2:]]
    return event


def _names(events):
    return {event[0] for event in events}


def _articles(chance, kind, seldom):
    """Choose one to seven articles: of one to three suppliers, sometimes a kit or own stock."""
    count = 1 if kind == "purchase" else chance.choice((1, 1, 2, 3))
    suppliers = chance.sample(range(SUPPLIERS), count)
    articles = [
        f"{chance.choice(suppliers)}-{chance.choices(ARTICLES, (8, 8, 4, 1))[0]}"
        for _line in range(chance.randint(1, 5))
    ]
    if seldom == "lost":
        # What the lost connection sells, beside what the other one does.
        articles += ["0-first", f"{SUPPLIERS - 1}-second"]
    elif seldom in ("raise", "lower"):
        articles.append(f"{suppliers[0]}-first")
    if kind != "sale" or seldom == "exchange":
        # Bought as they are, or nobody has any: a purchase names no kit, a branch has no stock.
        return articles
    kit = [chance.choice(list(KITS))] if chance.random() < 0.25 else []
    return articles + kit + ["own"] * (chance.random() < 0.3)


def _line(chance, article, kind, seldom):
    # Odoo rounds what was received to hundredths of a purchase line's unit, and what is bought to
    # those of the sale line's: no dozens by hand.
    by_hand = kind == "purchase" or seldom in ("raise", "lower")
    if chance.random() < 0.3 and not by_hand:
        return [article, chance.randint(1, 3), "dozen"]
    if article.endswith("pack"):
        return [article, DOZEN * chance.randint(1, 3), "piece"]
    return [article, chance.randint(1, 12), "piece"]


def _event_of(chance, kind, lines):
    name = chance.choices(LATER[kind], [WEIGHTS[name] for name in LATER[kind]])[0]
    if name == "ship":
        return ["ship", chance.choice((1.0, 0.5, 0.3)), chance.randint(1, 3)]
    if name == "hand":
        return ["hand", chance.choice((1.0, 0.5, 0.3))]
    if name in ("more", "less"):
        return _edit(chance, name, lines)
    if name in ("void", "correct", "deliver"):
        return [name, chance.randrange(9)]
    return [name]


def _edit(chance, name, lines, place=None):
    """Draw another quantity for a line: up to three times as much, or less."""
    place = chance.randrange(len(lines)) if place is None else place
    article, quantity, unit = lines[place]
    step = DOZEN if article.endswith("pack") and unit == "piece" else 1
    low, high = (quantity, quantity * 3) if name == "more" else (0, quantity)
    return ["edit", place, step * chance.randint(low // step, high // step)]
