"""How this server reaches others, by its configuration: through a proxy, trusting which CAs."""

import base64
import functools
import ssl
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from odoo.tools import config

PROXY = "inventory_source_proxy"
CA_BUNDLE = "inventory_source_ca_bundle"
FROM_ENVIRONMENT = "environment"


Proxy = tuple[tuple[str, int] | None, str]


def proxy(host: str, port: int) -> Proxy:
    """Return where the proxy listens that a server is reached by, and the header line it wants.

    `None, ""`: it is reached without one. The environment is read only when that is configured.

    :raise ValueError: what is set is no proxy; a clause for people
    """
    setting, where = _option(PROXY), f"{PROXY} in odoo.conf"
    if setting == FROM_ENVIRONMENT:
        if proxy_bypass(f"{host}:{port}"):
            return None, ""
        setting, where = getproxies_environment().get("https", ""), "HTTPS_PROXY"
    return _proxy(setting, where) if setting else (None, "")


def ca_bundle() -> str:
    """Return the file of the certificate authorities to trust; "": those that Python brings.

    :raise ValueError: there is none; a clause for people
    """
    path = _option(CA_BUNDLE)
    if path:
        _check_bundle(path)
    return path


def _option(name: str) -> str:
    return str(config.get(name) or "").strip()


def _proxy(setting: str, where: str) -> Proxy:
    # It may hold a password: what is wrong is never quoted.
    wrong = ValueError(f"{where} has to read http://host:port or http://user:password@host:port")
    try:
        parts = urlsplit(setting if "://" in setting else f"http://{setting}")
        port = parts.port or 80
    except ValueError:
        raise wrong from None
    rest = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme != "http" or not parts.hostname or rest or not setting.isprintable():
        raise wrong
    return (parts.hostname, port), _header(parts)


def _header(parts: SplitResult) -> str:
    if parts.username is None:
        return ""
    known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Proxy-Authorization: Basic {base64.b64encode(known.encode()).decode()}\r\n"


@functools.cache
def _check_bundle(path: str) -> None:
    try:
        ssl.create_default_context(cafile=path)
    except OSError:
        raise ValueError(
            f"the file that {CA_BUNDLE} in odoo.conf names has no certificates that can be read"
        ) from None
