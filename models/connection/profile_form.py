"""What the form of a wire profile shows of a document; `profile_edit.py` says what an edit makes.

Everything is derived from the document each time; nothing of it is kept. The browser shows the
rows and names the place of an edit (static/src/profile_form).
"""

import json
import re
from functools import lru_cache

from ...client.errors import ProfileError
from ...client.order_view import EXAMPLE, order_view
from ...client.profile import builtin_text
from ...tools import profile_text
from ...tools.profile_text import PICKED, SOURCE
from . import profile_rows, profile_trial, profile_words
from .profile_answers import KIND, KINDS, MOST_RECORDS, Answer, evaluated, fails, reason, shown
from .profile_edit import table_pairs

_EXPRESSIONS = ("expression", "list", "whole", "reason")
_EXAMPLE_ERROR = {"call": "order", "status": "422", "headers": "Content-Type: application/json"}


@lru_cache(maxsize=16)
def faults(text):
    """Return all that is wrong with a document, as ProfileErrors."""
    try:
        places = profile_text.credentials(json.loads(text))
    except (ValueError, RecursionError):
        places = []
    refused = [ProfileError(place, CREDENTIAL) for place in places]
    return (*refused, *profile_trial.check(text))


# Read by administrators beside the sentences of the client, which are English as well.
CREDENTIAL = "this looks like a credential, and a mapping holds none"


class Form:
    """One document as the form shows it, with the answers that were pasted."""

    def __init__(self, env, text, profile, answers):
        self.env = env
        self.text = text
        self.document = json.loads(text)
        if not isinstance(self.document, dict):
            raise ValueError(env._("A mapping is a JSON object."))
        self.builtin = json.loads(builtin_text())
        self.faults = faults(text)
        self.at = {}
        for fault in self.faults:
            self.at.setdefault(fault.where, reason(fault))
        self.profile = profile  # None: it has faults
        self.answers = {kind: Answer(kind, answers.get(kind), self.document) for kind in KINDS}
        self.pages = {
            name: [self._section(name, section) for section in sections]
            for name, (_title, sections) in profile_rows.PAGES.items()
        }

    def words(self, text):
        """Translate a text of `profile_rows`."""
        return self.env._(text) if text else ""  # pylint: disable=gettext-variable

    def _choices(self, options):
        return [[value, self.words(label)] for value, label in options]

    # --- lines ---

    def _section(self, page, section):
        rows = [self._row(row) for row in section.rows if self._is_shown(row)]
        tables = [self._table(table) for table in section.tables]
        addresses = profile_trial.addresses(self.profile) if self.profile and section.call else {}
        kind = KIND.get(section.call) or KIND.get(section.name)
        return {
            "name": section.name,
            "title": self.words(section.title),
            "text": self.words(section.text),
            "address": addresses.get(section.call, ""),
            "kind": kind,
            "rows": rows,
            "tables": tables,
            "problem": self._problem_of(section, rows, tables) if page == "calls" else "",
            "answer": self._answer(kind, rows) if page == "fields" else None,
        }

    def _problem_of(self, section, rows, tables):
        """Return a fault of the section as a whole, which no line of it shows."""
        told = {row["problem"] for row in (*rows, *(r for table in tables for r in table["rows"]))}
        told |= {table["problem"] for table in tables}
        why = self.at.get(section.name, "")
        return "" if why in told else why

    def _is_shown(self, row):
        """Return whether a line says something in the way of paging that was chosen."""
        if row.place[-2:] == ("marketplaces", SOURCE):
            return bool(profile_text.get(self.document, list(row.place)))
        if row.place[-2:-1] != ("paging",) or row.place[-1] == "kind":
            return True
        kind = profile_text.get(self.document, [*row.place[:-1], "kind"])
        return bool(kind) and (row.place[-1] != "next" or kind == "cursor")

    def _row(self, row):
        place = [step for step in row.place if step is not None]
        name = ".".join(place)
        value = self._value(row, place)
        built_in = profile_text.get(self.builtin, place) if row.kind != "flag" else value
        problem = self._problem(row, place, value)
        line = {
            "id": ".".join(map(str, row.place)),
            "place": place,
            "kind": row.kind,
            "label": self.words(row.label),
            "hint": self.words(row.hint),
            "options": self._choices(row.options),
            "required": row.required,
            "picked": PICKED in place,
            "grade": profile_words.grade(name.replace(f".{PICKED}", "").replace(f".{SOURCE}", "")),
            "value": _as_text(value),
            "changed": _as_text(value) != _as_text(built_in),
            "built_in": _as_text(built_in),
            "problem": problem,
            "given": None,
            "empty": False,
        }
        if row.kind in _EXPRESSIONS and value and not problem:
            line["given"] = self._given(row, value)
            line["empty"] = row.required and not line["given"]["text"]
            if line["empty"] and self.answers[KIND[row.place[0]]].is_example and row.kind == "list":
                line["given"], line["empty"] = None, False  # see the remark of `_answer`
        return line

    def _value(self, row, place):
        if row.kind != "flag":
            return profile_text.get(self.document, place)
        holder = profile_text.get(self.document, place[:-1]) or {}
        off = row.options[1][0]
        return off if place[-1] in holder and json.dumps(holder[place[-1]]) == off else ""

    def _problem(self, row, place, value):
        """Return what is wrong with one line; a name that is picked from a list is judged alone."""
        own = ".".join(str(step) for step in place if step not in (SOURCE, PICKED))
        why = fails(value) if value and row.kind in _EXPRESSIONS else ""
        if why or PICKED in place:
            return why or self.at.get(own, "")
        if place[-1] == SOURCE and own in self.at:
            names = profile_text.get(self.document, [*place[:-1], PICKED]) or {}
            if any(fails(each) for each in names.values()):
                return ""
        is_there = len(place) == 1 or place[0] in self.document
        if row.required and is_there and value in (None, "") and place[-1] != SOURCE:
            return self.at.get(own) or self.env._("This is needed.")
        return self.at.get(own, "")

    def _given(self, row, expression):
        answer = self.answers[KIND[row.place[0]]]
        if row.kind == "whole":
            found = [evaluated(expression, answer.whole)]
        elif row.kind == "list":
            count = len(answer.records)
            text = self.env._("%(count)s records", count=count) if count > 1 else ""
            text = self.env._("1 record") if count == 1 else text
            return {"text": text, "title": text, "more": ""}
        else:
            records = answer.reasons(self.document) if row.kind == "reason" else answer.records
            if PICKED in row.place:
                records = self._entries(row.place, records)
            found = [evaluated(expression, record) for record in records]
        told = [value for value in found if value not in (None, "", [], {})]
        if not told:
            return {"text": "", "title": "", "more": ""}
        if isinstance(told[0], list) and isinstance(told[0][0], dict):
            count = len(told[0])
            text = self.env._("%(count)s entries", count=count) if count > 1 else ""
            text = text or self.env._("1 entry")
            return {**shown(told[0]), "text": shown(told[0][0])["text"], "more": text}
        more = ""
        if len(found) > 1:
            more = self.env._("in %(told)s of %(count)s", told=len(told), count=len(found))
        return {**shown(told[0]), "more": more}

    def _entries(self, place, records):
        """Return the entries of the list that a name is picked from."""
        holder = list(place[: place.index(PICKED)])
        source, _pairs = profile_text.taken(profile_text.get(self.document, holder))
        found = []
        for record in records:
            entries = evaluated(source, record) if source else record
            found += entries if isinstance(entries, list) else [entries]
        return found[:MOST_RECORDS]

    # --- tables ---

    def _table(self, table):
        pairs = table_pairs(table.kind, profile_text.get(self.document, list(table.place)))
        built_in = dict(table_pairs(table.kind, profile_text.get(self.builtin, list(table.place))))
        name = ".".join(table.place)
        checked = table.kind in ("body", "expression")
        alone = [fails(value) if checked else "" for _key, value in pairs]
        # Of a list in the body only the whole is judged: by its first line, if no other is named.
        owns = [f"{name}.{profile_text.plain_place(key)}" if key else name for key, _value in pairs]
        named = {own for own, why in zip(owns, alone, strict=True) if why}
        rows = []
        for index, (key, value) in enumerate(pairs):
            first = owns.index(owns[index]) == index and owns[index] not in named
            inner = f"{name}.{key.replace('[]', '')}"
            own = inner if first or inner != owns[index] else ""
            why = alone[index] or self.at.get(own, "") or (first and self.at.get(owns[index])) or ""
            rows.append(
                {
                    "id": f"{name}#{index}",
                    "index": index,
                    "key": key,
                    "value": _as_text(value),
                    "changed": built_in.get(key) != value,
                    "built_in": _as_text(built_in.get(key)),
                    "problem": why,
                    "given": self._posted(key, value) if table.kind == "body" and not why else None,
                }
            )
        return {
            "id": name,
            "place": list(table.place),
            "kind": table.kind,
            "title": self.words(table.title),
            "text": self.words(table.text),
            "key_label": self.words(table.key_label),
            "value_label": self.words(table.value_label),
            "options": self._choices(table.options),
            "rows": rows,
            "grade": profile_words.grade(name),
            "problem": self.at.get(name, ""),
        }

    def _posted(self, name, expression):
        """Return what stands under a name of the body in the example order.

        While something is wrong elsewhere the body cannot be made, and each name is tried alone.
        """
        if self.profile:
            value = self.example_body
            for step in profile_text.steps(name):
                if isinstance(value, list):
                    value = value[0] if value else None
                value = value.get(step) if isinstance(value, dict) else None
        else:
            view = order_view(EXAMPLE)
            value = evaluated(expression, view["lines"][0] if "[]." in name else view)
        if value in (None, "") or isinstance(value, dict | list):
            return None
        return {**shown(value), "more": ""}

    @property
    def example_body(self):
        """Return the body of the example order, read again."""
        return json.loads(profile_trial.example_request(self.profile).body)

    # --- around the lines ---

    def _answer(self, kind, rows):
        """Return what a pasted answer comes to as a whole."""
        answer = self.answers[kind]
        told = {
            "text": answer.text,
            "is_example": answer.is_example,
            "problems": [],
            "next": "",
            "remark": "",
            "names": profile_text.offered(answer.records[0]) if answer.records else [],
            "picked": self._picked_names(kind, answer),
            "lists": profile_text.lists(answer.whole),
        }
        if answer.problem:
            told["problems"] = [
                self.env._("The answer cannot be read: %(reason)s.", reason=answer.problem)
            ]
        elif (
            answer.is_example
            and any(row["empty"] or (row["kind"] == "list" and not row["value"]) for row in rows)
        ) or (answer.is_example and not answer.records):
            told["remark"] = self.env._(
                "The example is written after the built-in mapping and does not fit this one. "
                "Paste an answer of your service."
            )
            for row in rows:
                row["empty"] = False
        elif self.profile and kind != "requests":
            sample = profile_trial.check_sample(self.profile, kind, answer.text)
            told["problems"] = list(sample.problems)
            told["next"] = getattr(sample, "next", None) or ""
        return told

    def _picked_names(self, kind, answer):
        """Return the names that the lines of an order or a shipment offer, to choose from."""
        call = "create_order" if kind == "order" else kind
        lines = self._entries((call, "record", "items", PICKED), answer.records)
        return profile_text.offered(lines[0]) if lines else []

    def request(self):
        """Return what an example order would post, to the byte; None while there are faults."""
        if not self.profile:
            return None
        told = profile_trial.example_request(self.profile)
        body = told.body.decode()
        return {
            "method": told.method,
            "url": told.url,
            "headers": [list(pair) for pair in dict(told.headers).items()],
            "body": body,
            "size": len(told.body),
        }

    def meanings(self):
        """Return the list of what errors mean, each with its faults."""
        known = self.document.get("meanings")
        return [
            {
                "index": index,
                **{
                    key: _as_text(entry.get(key)) if isinstance(entry, dict) else ""
                    for key in ("call", "status", "if", "text", "means")
                },
                "problem": self._meaning_problem(index),
            }
            for index, entry in enumerate(known if isinstance(known, list) else [])
        ]

    def _meaning_problem(self, index):
        own = f"meanings.{index}"
        return next(
            (why for where, why in self.at.items() if f"{where}.".startswith(f"{own}.")), ""
        )

    def judged(self, pasted):
        """Return what a pasted error would be taken for."""
        asked = {**_EXAMPLE_ERROR, "body": self.answers["error"].text, **pasted}
        told = {"asked": asked, "word": "", "sentence": "", "details": [], "kind": "muted"}
        status = str(asked["status"]).strip()
        asks = self.profile and (asked["call"] != "requests" or self.profile.requests)
        if not asks or not re.fullmatch(r"[1-5]\d\d", status):
            return told
        error = self.profile.judge(
            asked["call"], int(status), _headers(asked["headers"]), asked["body"].encode()
        )
        if error is None:
            return {**told, "word": self.env._("A good answer"), "kind": "success"}
        name = type(error).__name__
        return {
            **told,
            "word": self.words(profile_words.JUDGED.get(name, name)),
            "sentence": str(error),
            "kind": "info" if error.outcome_known else "warning",
            "details": self._details(error, asked["call"]),
        }

    def _details(self, error, call):
        told = [error.remote_message] if error.remote_message else []
        told += [
            f"{problem.path}: {problem.message}" if problem.path else problem.message
            for problem in getattr(error, "fields", ())
        ]
        if number := getattr(error, "order_number", None):
            told.append(self.env._("It names the order number %(number)s.", number=number))
        if remote_id := getattr(error, "remote_id", None):
            told.append(self.env._("It names the order %(id)s there.", id=remote_id))
        if error.retry_after:
            told.append(
                self.env._(
                    "It is asked again after %(seconds)s seconds.", seconds=round(error.retry_after)
                )
            )
        if call == "order" and not error.outcome_known:
            told.append(
                self.env._(
                    "The order may be there: it is not sent again until a person has looked."
                )
            )
        elif error.retryable:
            told.append(self.env._("It is tried again automatically."))
        return told

    def told(self, judged):
        """Return everything the form shows of the document itself."""
        return {
            "pages": self.pages,
            "faults": self.told_faults(),
            "changed": len(
                [one for one in self.differences(builtin_text()) if one["place"] != "name"]
            ),
            "request": self.request(),
            "meanings": self.meanings(),
            "judged": self.judged(judged),
            "means": self._choices(profile_words.MEANS),
            "calls": self._choices(profile_words.ERROR_CALLS),
            "legend": [[text, self.words(what)] for text, what in profile_words.LEGEND],
            "names": {
                "body": [*profile_words.VIEW, *profile_words.VIEW_LINE],
                "call": list(profile_words.VIEW_CALL),
                "shipments": list(profile_words.VIEW_SHIPMENTS),
            },
        }

    def differences(self, other):
        """Compare with another document, by place."""
        return [
            {"place": place, "here": _as_text(here), "there": _as_text(there)}
            for place, here, there in profile_text.differences(self.document, json.loads(other))
        ]

    def told_faults(self):
        """Name each fault with the page it stands on.

        The client names the first of each section of the document; the lines know the others.
        """
        found = {fault.where: reason(fault) for fault in self.faults}
        sections = [section for page in self.pages.values() for section in page]
        lines = [row for section in sections for row in section["rows"] if row["problem"]]
        for row in lines if found else ():
            where = ".".join(str(step) for step in row["place"] if step not in (PICKED, SOURCE))
            if row["problem"] not in found.values():
                found.setdefault(where, row["problem"])
        return [
            {"place": where, "reason": why, **self._page_of(where)} for where, why in found.items()
        ]

    def _page_of(self, where):
        best = ("", "", "")
        for page, sections in self.pages.items():
            for section in sections:
                for line in (*section["rows"], *section["tables"]):
                    own = ".".join(str(s) for s in line["place"] if s not in (PICKED, SOURCE))
                    shared = own if f"{where}.".startswith(f"{own}.") else ""
                    shared = where if f"{own}.".startswith(f"{where}.") else shared
                    if len(shared) > len(best[0]):
                        best = (shared, page, section["name"])
        if where.startswith("meanings"):
            best = ("", "errors", "errors")
        page = best[1] or "json"
        title = self.words(profile_rows.PAGES[page][0]) if page != "json" else "JSON"
        return {"page": page, "page_title": title, "section": best[2]}


def _headers(text):
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name.strip().lower(): value.strip() for name, _colon, value in pairs}


def _as_text(value):
    """Write a value of the document as it stands in an input."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(each, int | str) for each in value):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
