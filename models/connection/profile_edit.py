"""What an edit in the form of a wire profile makes of its document."""

import json

from ...tools import profile_text


def table_pairs(kind, value):
    """Return the lines of a table: names beside their values."""
    if kind == "body":
        return profile_text.flattened(value) if value else []
    return list(value.items()) if isinstance(value, dict) else []


def edited(env, text, edit):
    """Return the document as an edit leaves it.

    :param edit: `op` and where: `set` a `place`; `add`, `remove`, `key` or `value` of the line
        `index` of a table at `place`, by its `name` where one is told; `move` an entry of a list
    :raise ValueError: why it cannot be done, for a person
    """
    document = json.loads(text)
    try:
        document = _edited(env, document, edit)
    except profile_text.Unwritable as error:
        raise ValueError(
            env._(
                "“%(expression)s” is no expression: a bracket, a quote or a comma is left over.",
                expression=str(error),
            )
        ) from None
    return profile_text.written(document) + "\n"


def _edited(env, document, edit):
    place, op = list(edit["place"]), edit["op"]
    if op == "set":
        return _set(document, place, edit["kind"], edit["value"])
    if edit["kind"] == "meanings":
        meanings = _meanings(document.get("meanings") or [], edit)
        return profile_text.put(document, ["meanings"], meanings or None)
    pairs = table_pairs(edit["kind"], profile_text.get(document, place))
    _edit_pairs(pairs, edit)
    return profile_text.put(document, place, _joined(env, edit["kind"], pairs) or None)


def _set(document, place, kind, value):
    value = value.strip()
    if kind == "flag" and value:
        holder = profile_text.get(document, place[:-1])
        holder[place[-1]] = json.loads(value)
        return document
    if place == ["requests", "path"]:
        # Read like the answer to the order, until somebody says otherwise.
        record = json.loads(json.dumps(document["create_order"]["record"]))
        document["requests"] = {"record": record, **(document.get("requests") or {}), "path": value}
        if not value:
            del document["requests"]
        return document
    if place[-2:] == ["paging", "kind"] and not value:
        return profile_text.put(document, place[:-1], None)
    return profile_text.put(document, place, _typed(kind, value))


def _typed(kind, value):
    if not value:
        return None
    if kind == "number":
        return int(value) if value.isdecimal() else value
    if kind in ("statuses", "status", "texts"):
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if kind != "texts":
            parts = [int(part) if part.isdecimal() else part for part in parts]
        return parts[0] if kind != "statuses" and len(parts) == 1 else parts
    return value


def _edit_pairs(pairs, edit):
    op = edit["op"]
    if op == "add":
        pairs.append((edit["key"].strip(), edit["value"].strip()))
    elif op == "remove":
        name = edit.get("name") or pairs[edit["index"]][0]
        inside = f"{name}." if name.endswith("[]") else None  # the list, and what is in it
        pairs[:] = [
            pair
            for pair in pairs
            if pair[0] != name and not (inside and pair[0].startswith(inside))
        ]
    else:
        index = _index(pairs, edit)
        key, value = pairs[index]
        new = edit["value"].strip()
        pairs[index] = (new, value) if op == "key" else (key, new)
        if op == "key" and key.endswith("[]") and new.endswith("[]"):  # with what is in it
            pairs[:] = [
                (f"{new}{name.removeprefix(key)}" if name.startswith(f"{key}.") else name, value)
                for name, value in pairs
            ]


def _index(pairs, edit):
    """Return which line is meant: an edit before may have moved it since the person saw it."""
    names = [name for name, _value in pairs]
    name = edit.get("name")
    return names.index(name) if name in names else edit["index"]


def _joined(env, kind, pairs):
    names = [name for name, _value in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(env._("“%(name)s” is there already.", name=twice))
    if kind != "body":
        if "" in names:
            raise ValueError(env._("Each line needs a name."))
        return dict(pairs)
    try:
        return profile_text.built(pairs)
    except profile_text.Unwritable:
        raise
    except ValueError as error:
        raise ValueError(
            env._("“%(name)s” cannot stand beside the other names of the body.", name=str(error))
        ) from None


def _meanings(known, edit):
    op, index = edit["op"], edit.get("index")
    if op == "add":
        return [*known, {"status": 422, "means": "invalid"}]
    if op == "remove":
        return known[:index] + known[index + 1 :]
    before = max(index - 1, 0)  # move: one up
    known[before], known[index] = known[index], known[before]
    return known
