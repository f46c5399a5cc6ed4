"""Reads what a picture says about itself, before anything decodes it.

A file of a few kilobytes can unfold to gigabytes. So kind, size and the memory a decoder will need
are taken from the file's own structure, here, in a few lines that allocate nothing. What the file
calls itself (its name, its Content-Type) is not asked.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from .picture_errors import PictureRefused

MAX_PIXELS = 25_000_000
MAX_SIDE = 10_000
# What decoding may take; with the process, our own result and the file the peak is under 150 MB.
# So the last of the 25 Mpx are for grey, palettes and ordinary JPEG: true-colour PNG ends at 22.
MAX_MEMORY = 88_000_000
# The longer side of what is kept: a JPEG is decoded at the scale that is just enough for it.
KEPT_SIDE = 1920
# A progressive JPEG of ordinary make has about ten; each costs a walk over the whole picture.
MAX_SCANS = 64


@dataclass(frozen=True, slots=True)
class Header:
    """What a file is (`PNG`, `JPEG`, `GIF`, `WEBP`), and what decoding it takes in bytes.

    `content` is what may be given to the decoder: of a PNG only the parts that make the picture.
    """

    kind: str
    width: int
    height: int
    memory: int
    content: bytes


def read_header(data: bytes) -> Header:
    """Read the head of a picture; PictureRefused when it is none of the four, or too large."""
    read = next((reader for magic, reader in _READERS if data.startswith(magic)), None)
    if read is None:
        raise PictureRefused("The file is not a PNG, JPEG, GIF or WEBP picture.")
    try:
        header = read(data)
    except (struct.error, IndexError):
        raise _broken() from None
    width, height = header.width, header.height
    if not width or not height:
        raise _broken()
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise PictureRefused(
            f"The picture has {width:,} x {height:,} pixels; at most {MAX_SIDE:,} a side and "
            f"{MAX_PIXELS // 1_000_000} million in all are opened."
        )
    if header.memory > MAX_MEMORY:
        raise PictureRefused(
            f"The picture ({header.kind}, {width:,} x {height:,}) takes too much memory to open."
        )
    return header


def _broken() -> PictureRefused:
    return PictureRefused("The picture is damaged or incomplete.")


# --- PNG: chunks of length, name, data, checksum ---

_PNG = b"\x89PNG\r\n\x1a\n"
# Texts, profiles and animations can be packed bombs of their own, and the shop needs none of them.
_PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


def _read_png(data: bytes) -> Header:
    kept, position, name = [_PNG], len(_PNG), b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if end > len(data) or (position == 8) != (name == b"IHDR"):
            raise _broken()
        if name in _PNG_KEPT:
            kept.append(data[position:end])
        position = end
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    # Palette and grey of up to 8 bits take one byte a pixel, everything else four.
    size = 1 if colour in (0, 3) and depth <= 8 else 4
    return Header("PNG", width, height, width * height * size, b"".join(kept))


# --- JPEG: segments of marker, length, data, up to the first scan ---

_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive; others nobody uses on the web
_OTHER_FRAMES = (0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))


def _read_jpeg(data: bytes) -> Header:
    position, frame = 2, None
    while True:
        if data[position] != 0xFF:
            raise _broken()
        marker = data[position + 1]
        if marker == 0xFF:  # padding
            position += 1
            continue
        if marker in _OTHER_FRAMES:
            raise PictureRefused("The picture is a kind of JPEG that is not opened.")
        (length,) = struct.unpack_from(">H", data, position + 2)
        if marker in _FRAMES:
            if frame:
                raise _broken()
            frame = marker, position
        elif marker == 0xDA:
            break
        position += 2 + length
    # In the packed data FF is always followed by something else: each of these begins a scan.
    scans = data.count(b"\xff\xda", position)
    if frame is None or b"\xff\xd9" not in data[position:]:
        raise _broken()
    if scans > MAX_SCANS:
        raise PictureRefused("The picture is made of more scans than any camera makes.")
    marker, start = frame
    return _jpeg_header(data, start, whole=marker == 0xC2 or scans > 1)


def _jpeg_header(data: bytes, position: int, *, whole: bool) -> Header:
    height, width, components = struct.unpack_from(">HHB", data, position + 5)
    factors = [data[position + 11 + 3 * number] for number in range(components)]
    samples = [(factor >> 4) * (factor & 15) for factor in factors]
    largest = max((factor >> 4 for factor in factors), default=0) * max(
        (factor & 15 for factor in factors), default=0
    )
    if not largest:
        raise _broken()
    # In several scans: all coefficients, two bytes each, wait in memory.
    waiting = 2 * width * height * sum(samples) // largest if whole else 0
    enough = max(width, height) // KEPT_SIDE
    scale = next(scale for scale in (8, 4, 2, 1) if scale <= max(enough, 1))
    return Header("JPEG", width, height, waiting + 4 * width * height // scale**2, data)


# --- GIF: the screen, then frames, the first of which may be larger than the screen ---


def _read_gif(data: bytes) -> Header:
    width, height = struct.unpack_from("<HH", data, 6)
    return Header("GIF", width, height, width * height, data)


# --- WEBP: RIFF chunks; the first tells the size in one of three ways ---


def _read_webp(data: bytes) -> Header:
    (length, form, chunk) = struct.unpack_from("<I4s4s", data, 4)
    if form != b"WEBP" or length + 8 > len(data):
        raise _broken()
    if chunk == b"VP8X":
        low_w, high_w, low_h, high_h = struct.unpack_from("<HBHB", data, 24)
        width, height = (low_w | high_w << 16) + 1, (low_h | high_h << 16) + 1
    elif chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        width, height = width & 0x3FFF, height & 0x3FFF
    else:
        raise _broken()
    # The decoder keeps four copies of it (two canvases, the frame, the picture).
    return Header("WEBP", width, height, 16 * width * height, data)


_READERS: tuple[tuple[bytes, Callable[[bytes], Header]], ...] = (
    (_PNG, _read_png),
    (b"\xff\xd8\xff", _read_jpeg),
    (b"GIF87a", _read_gif),
    (b"GIF89a", _read_gif),
    (b"RIFF", _read_webp),
)
