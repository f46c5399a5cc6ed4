"""Orders of random shape as plain data: what is sold, and what happens to it in which round.

A plan is `{"number", "lines", "rounds"}`. A line is `[article, quantity, unit]`; an article is
"own", a kit or "<supplier>-<kind>". A round is a list of events, `[name, *values]`; after it the
lanes run. The same seed and number give the same plan, whatever else is played with it.
"""

import random

SUPPLIERS = 3
# What a supplier sells: two articles by the piece, one by the dozen only, one it will reject.
ARTICLES = ("first", "second", "pack", "gone")
# What a kit is made of; each is sold by the piece. The second one holds the first.
KITS = {
    "pair": {"0-first": 2, "1-second": 1},
    "set": {"pair": 1, "2-first": 3},
}
DOZEN = 12


def make(seed, number):
    """Return the plan of one order."""
    chance = random.Random(f"{seed}/{number}")
    lines = [_line(chance, article) for article in _articles(chance)]
    rounds = [[["confirm"]]]
    if chance.random() < 0.05:
        rounds[0].append(["lose answer"])
    cancelled = False
    for _event in range(chance.randint(0, 6)):
        event = _event_of(chance, lines)
        if chance.random() < 0.6 or (event[0] == "cancel" and "ship" in _names(rounds[-1])):
            rounds.append([])
        rounds[-1].append(event)
        if cancelled := event[0] == "cancel":
            break
    if not cancelled and chance.random() < 0.7:
        rounds.append([["ship", 1.0, chance.randint(1, 3)]])
    return {"number": number, "lines": lines, "rounds": rounds}


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
            [_shifted(event, place) for event in events if event[:2] != ["edit", place]]
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


def _shifted(event, place):
    """Return the event as it is called once the line at `place` is gone."""
    if event[0] == "edit" and event[1] > place:
        return ["edit", event[1] - 1, *event[2:]]
    return event


def _names(events):
    return {event[0] for event in events}


def _articles(chance):
    """Choose one to seven articles: of one to three suppliers, sometimes a kit or own stock."""
    suppliers = chance.sample(range(SUPPLIERS), chance.choice((1, 1, 2, 3)))
    articles = [
        f"{chance.choice(suppliers)}-{chance.choices(ARTICLES, (8, 8, 4, 1))[0]}"
        for _line in range(chance.randint(1, 5))
    ]
    kit = [chance.choice(list(KITS))] if chance.random() < 0.25 else []
    return articles + kit + ["own"] * (chance.random() < 0.3)


def _line(chance, article):
    if chance.random() < 0.3:
        return [article, chance.randint(1, 3), "dozen"]
    if article.endswith("pack"):
        return [article, DOZEN * chance.randint(1, 3), "piece"]
    return [article, chance.randint(1, 12), "piece"]


def _event_of(chance, lines):
    name = chance.choices(
        ("ship", "hand", "more", "less", "void", "correct", "deliver", "bill", "wait", "cancel"),
        (7, 2, 4, 3, 2, 2, 2, 2, 1, 1),
    )[0]
    if name == "ship":
        return ["ship", chance.choice((1.0, 0.5, 0.3)), chance.randint(1, 3)]
    if name == "hand":
        return ["hand", chance.choice((1.0, 0.5, 0.3))]
    if name in ("more", "less"):
        place = chance.randrange(len(lines))
        article, quantity, unit = lines[place]
        step = DOZEN if article.endswith("pack") and unit == "piece" else 1
        low, high = (quantity, quantity * 3) if name == "more" else (0, quantity)
        return ["edit", place, step * chance.randint(low // step, high // step)]
    if name in ("void", "correct", "deliver"):
        return [name, chance.randrange(9)]
    return [name]
