"""A person at Odoo: a session over HTTP and JSON-RPC, as the web client uses it."""

from typing import Any

import requests


class OdooError(Exception):
    """Odoo refused; the sentence is the one the person would read."""


class Person:
    """One login; `requests.Session` keeps the cookies, so pages can be visited with them too."""

    def __init__(self, url: str, database: str, login: str, password: str):
        self.url = url
        self.browser = requests.Session()
        credentials = {"db": database, "login": login, "password": password}
        self.uid = self._post("/web/session/authenticate", credentials)["uid"]
        if not self.uid:
            raise OdooError(f"{login} cannot log in to {database}")

    def _post(self, path: str, parameters: dict[str, Any]) -> Any:
        body = {"jsonrpc": "2.0", "method": "call", "params": parameters}
        answer = self.browser.post(self.url + path, json=body, timeout=300)
        answer.raise_for_status()
        content = answer.json()
        if "error" in content:
            error = content["error"]
            raise OdooError(error.get("data", {}).get("message") or error["message"])
        return content.get("result")

    def call(self, model: str, method: str, *arguments: Any, **options: Any) -> Any:
        """Call a public method; `arguments` begin with the ids where it works on records."""
        parameters = {"model": model, "method": method, "args": arguments, "kwargs": options}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", parameters)

    def create(self, model: str, **values: Any) -> int:
        return self.call(model, "create", [values])[0]

    def read(self, model: str, record: int, *fields: str) -> dict[str, Any]:
        return self.call(model, "read", [record], list(fields))[0]

    def search(self, model: str, domain: list[Any], *fields: str, **options: Any) -> list[dict]:
        return self.call(model, "search_read", domain, list(fields), **options)

    def id_of(self, xmlid: str) -> int:
        module, name = xmlid.split(".")
        domain = [("module", "=", module), ("name", "=", name)]
        return self.search("ir.model.data", domain, "res_id")[0]["res_id"]
