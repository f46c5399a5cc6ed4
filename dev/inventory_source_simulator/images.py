"""Images of products, drawn from their id: the same bytes for the same product every time."""

import hashlib
import io
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

from fastapi import APIRouter, Request
from fastapi.exceptions import HTTPException
from fastapi.responses import Response
from PIL import Image, ImageDraw, ImageFont

from .api import Journaled, Simulated

router = APIRouter(include_in_schema=False)

_FULL, _THUMBNAIL = 600, 160
_FIRST_DAY = datetime(2026, 1, 5, 8, tzinfo=timezone.utc)


def _draw(product_id: int, name: str, side: int) -> Image.Image:
    """Draw a coloured shape with the product's number below."""
    digest = hashlib.sha256(f"{product_id}/{name}".encode()).digest()
    picture = Image.new("RGB", (side, side), tuple(200 + value % 56 for value in digest[:3]))
    pen = ImageDraw.Draw(picture)
    edge = side // 6
    box = (edge, edge, side - edge, side - 2 * edge)
    shape = (pen.ellipse, pen.rectangle)[digest[3] % 2]
    shape(box, fill=tuple(value % 160 for value in digest[4:7]), outline="black", width=3)
    label = f"{product_id} {name.partition('.')[0]}"
    font = ImageFont.load_default(size=side // 12)
    pen.text((side // 2, side - edge), label, fill="black", font=font, anchor="mm")
    return picture


def _encoded(product_id: int, name: str) -> tuple[bytes, str]:
    picture = _draw(product_id, name, _THUMBNAIL if name.startswith("t.") else _FULL)
    kind = "PNG" if name.endswith(".png") else "JPEG"
    content = io.BytesIO()
    picture.save(content, kind)
    return content.getvalue(), f"image/{kind.lower()}"


@router.get("/images/{product_id}/{name}")
async def image(
    request: Request, simulator: Simulated, entry: Journaled, product_id: int, name: str
) -> Response:
    path = f"/images/{product_id}/{name}"
    product = simulator.assortment.get(product_id)
    if not product or path not in (product["thumbnail"], *product["images"]):
        raise HTTPException(404, "There is no such image.")
    etag = f'"{hashlib.sha256(path.encode()).hexdigest()[:16]}"'
    changed = _FIRST_DAY + timedelta(minutes=product_id % 100_000)
    headers = {
        "ETag": etag,
        "Last-Modified": format_datetime(changed, usegmt=True),
        "Cache-Control": "public, max-age=86400",
    }
    entry.done = True
    known = request.headers.get("if-none-match") == etag
    if known or request.headers.get("if-modified-since") == headers["Last-Modified"]:
        return Response(status_code=304, headers=headers)
    content, kind = _encoded(product_id, name)
    return Response(content, media_type=kind, headers=headers)
