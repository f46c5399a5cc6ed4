"""A supplier's web server with pictures on this machine, and a lane that fetches from it."""

import io
import threading
from base64 import b64decode
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

from PIL import Image

from ...models.picture import lane as picture_lane
from ..catalog.catalog_common import CatalogCommon, product


def picture(colour, kind="PNG", size=(30, 20)):
    """Build the bytes of a picture of one colour."""
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, kind)
    return content.getvalue()


def colour_of(value):
    """Name the colour of a stored picture."""
    if not value:
        return None
    red, green, blue = Image.open(io.BytesIO(b64decode(value))).convert("RGB").getpixel((5, 5))
    return {
        (True, False, False): "red",
        (False, True, False): "lime",
        (False, False, True): "blue",
    }[red > 200, green > 200, blue > 200]


class Site(ThreadingHTTPServer):
    """A supplier's web server. `files`: {path: (status, bytes, etag)}; `asked`: what came."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.asked = {}, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path=""):
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.headers.get("If-None-Match")
        self.server.asked.append((self.path, known))
        status, body, etag = self.server.files.get(self.path, (404, b"", ""))
        if known and known == etag:
            status, body = 304, b""
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """Print nothing on the console."""


class PicturesCommon(CatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = Site()
        cls.addClassCleanup(cls.site.server_close)
        cls.addClassCleanup(cls.site.shutdown)
        # What a system administrator does for the simulator: only so may pictures come from here.
        cls.connection.api_url = cls.site.url()
        cls.connect(cls.connection)
        cls.Picture = cls.env["inventory.source.picture"]

    def setUp(self):
        super().setUp()
        self.site.files, self.site.asked = {}, []
        self.startPatcher(patch.object(picture_lane, "SPACING", 0.0))

    def serve(self, path, colour=None, status=200, body=None, etag=""):
        """Make the site serve a picture; return its address."""
        self.site.files[path] = (status, picture(colour) if colour else body or b"", etag)
        return self.site.url(path)

    def listed(self, number, *urls, **changes):
        return product(number, images=list(urls), **changes)

    def fetch(self):
        """Run the lane until it has nothing to do; return what it asked the site for."""
        self.site.asked = []
        lane = self.env["inventory.source.picture.lane"]
        while lane._run()[1]:
            continue
        self.env.invalidate_all()
        return [path for path, _etag in self.site.asked]

    def later(self, **ago):
        """Make time pass for all pictures and hosts."""
        self.env.flush_all()
        for name, column in (("picture", "due_at"), ("picture_host", "next_at")):
            self.env.cr.execute(
                f"UPDATE inventory_source_{name} SET {column} = {column} - %s",
                [timedelta(**ago)],
            )
        self.env.invalidate_all()

    def pictures(self, number):
        return self.Picture.search([("supplier_product_id", "=", self.offer(number).id)])
