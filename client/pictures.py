"""Makes a picture of our own from the bytes of a stranger.

What is stored is drawn anew: first frame, at most 1,920 pixels a side, no metadata, nothing of the
original bytes. A file that is a picture and something else at once leaves only the picture.
"""

import io
from dataclasses import dataclass, field

from PIL import GifImagePlugin, Image, ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from .picture_errors import PictureRefused
from .picture_headers import KEPT_SIDE, Header, read_header

_QUALITY = 90
# Opened by the class of what the header says, not by asking every plug-in that is loaded.
_OPENERS: dict[str, type[ImageFile.ImageFile]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
}
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.FLIP_LEFT_RIGHT,
    3: Image.ROTATE_180,
    4: Image.FLIP_TOP_BOTTOM,
    5: Image.TRANSPOSE,
    6: Image.ROTATE_270,
    7: Image.TRANSVERSE,
    8: Image.ROTATE_90,
}
# Rows of the source that are worked on at a time.
_STRIP = 128


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture that may be stored and shown: PNG where something shines through, else JPEG."""

    content: bytes = field(repr=False)
    mimetype: str
    width: int
    height: int


def render(data: bytes) -> Rendered:
    """Draw the picture anew; PictureRefused says why when that must not or cannot be done."""
    header = read_header(data)
    try:
        return _encode(_draw(header))
    except PictureRefused:
        raise
    # Pillow raises whatever its parsers stumble over, down to SystemError and struct.error.
    except Exception:
        raise PictureRefused("The picture is damaged and cannot be opened.") from None


def _draw(header: Header) -> Image.Image:
    with _OPENERS[header.kind](io.BytesIO(header.content)) as source:
        if source.size != (header.width, header.height):
            raise PictureRefused("The picture says two different things about its size.")
        orientation = source.getexif().get(_ORIENTATION) if header.kind == "JPEG" else None
        # Decodes a JPEG at 1/2, 1/4 or 1/8 where that still is large enough.
        factor = max(1.0, max(source.size) / KEPT_SIDE)
        source.draft("RGB", tuple(max(1, int(side / factor)) for side in source.size))
        source.load()
        picture = _shrink(source)
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return picture if turn is None else picture.transpose(turn)


def _shrink(source: Image.Image) -> Image.Image:
    """Bring a picture down to the size and the colours we store, strip by strip.

    Pillow's own `thumbnail` copies the whole picture twice where it is transparent.
    """
    width, height = source.size
    factor = max(1.0, max(width, height) / KEPT_SIDE)
    wide, high = max(1, round(width / factor)), max(1, round(height / factor))
    clear = source.mode in ("RGBA", "LA", "PA") or "transparency" in source.info
    colours = "RGBA" if clear else "RGB"
    picture = Image.new(colours, (wide, high))
    step = max(1, int(_STRIP / factor))
    margin = 3 * factor + 1  # as far as the filter looks beyond the strip
    for first in range(0, high, step):
        last = min(first + step, high)
        top, bottom = first * height / high, last * height / high
        above, below = max(0, int(top - margin)), min(height, int(bottom + margin) + 1)
        strip = _coloured(source.crop((0, above, width, below)), colours)
        box = (0, top - above, width, bottom - above)
        drawn = strip.resize((wide, last - first), Image.LANCZOS, box)
        picture.paste(drawn, (0, first))
    return picture


def _coloured(strip: Image.Image, colours: str) -> Image.Image:
    if strip.mode.startswith("I"):  # 16 bits of grey; Pillow would cut them off at 255
        strip = strip.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return strip.convert(colours)


def _encode(picture: Image.Image) -> Rendered:
    content = io.BytesIO()
    if picture.mode == "RGBA" and picture.getextrema()[3] == (255, 255):
        picture = picture.convert("RGB")
    if picture.mode == "RGBA":
        kind, mimetype = "PNG", "image/png"
        picture.save(content, kind)
    else:
        kind, mimetype = "JPEG", "image/jpeg"
        picture.save(content, kind, quality=_QUALITY, optimize=True)
    return Rendered(content.getvalue(), mimetype, *picture.size)
