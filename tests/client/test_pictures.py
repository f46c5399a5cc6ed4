"""Opening pictures: what is drawn anew, what is refused, and how much memory either takes."""

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from client import pictures
from client.picture_errors import PictureRefused
from client.picture_headers import MAX_PIXELS, read_header
from client.pictures import render


def encoded(
    kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object
) -> bytes:
    content = io.BytesIO()
    Image.new(mode, size, 77 if mode in ("L", "P", "I;16", "1") else None).save(
        content, kind, **options
    )
    return content.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *more: bytes, packed: bytes = b"", colour: int = 2) -> bytes:
    """Write a PNG that says so of itself, whatever it holds."""
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", head), *more, chunk(b"IDAT", packed), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (2500, 100), (100, 4001)])
def test_the_size_is_read_as_the_decoder_reads_it(kind: str, size: tuple[int, int]) -> None:
    header = read_header(encoded(kind, size))
    assert (header.kind, header.width, header.height) == (kind, *size)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0x"}),
        ("JPEG", {"progressive": True}),
    ],
)
def test_the_size_is_read_from_every_form_of_a_format(
    kind: str, options: dict[str, object]
) -> None:
    header = read_header(encoded(kind, (123, 45), **options))
    assert (header.width, header.height) == (123, 45)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGB"), ("PNG", "L"), ("PNG", "P"), ("PNG", "1"), ("PNG", "I;16"), ("PNG", "RGBA"),
        ("PNG", "LA"), ("JPEG", "L"), ("JPEG", "RGB"), ("JPEG", "CMYK"), ("GIF", "P"),
        ("WEBP", "RGB"), ("WEBP", "RGBA"),
    ],
)  # fmt: skip
def test_a_picture_of_any_make_comes_out_as_jpeg_or_png_of_the_same_shape(
    kind: str, mode: str
) -> None:
    rendered = render(encoded(kind, (3000, 1500), mode))
    assert (rendered.width, rendered.height) == (1920, 960)
    result = opened(rendered.content)
    assert (result.format, result.size) == (rendered.mimetype[6:].upper(), (1920, 960))


def test_a_small_picture_keeps_its_size() -> None:
    assert opened(render(encoded("PNG", (40, 30))).content).size == (40, 30)


def test_what_shines_through_stays_so() -> None:
    content = io.BytesIO()
    Image.new("RGBA", (2000, 2000), (255, 0, 0, 100)).save(content, "PNG")
    result = opened(render(content.getvalue()).content)
    assert (result.format, result.mode, result.getpixel((500, 500))) == (
        "PNG", "RGBA", (255, 0, 0, 100),
    )  # fmt: skip


def test_shrinking_in_strips_gives_what_shrinking_at_once_gives() -> None:
    gradient = Image.linear_gradient("L").resize((2500, 3100)).convert("RGB")
    content = io.BytesIO()
    gradient.save(content, "PNG")
    rendered = opened(render(content.getvalue()).content)
    whole = gradient.resize(rendered.size, Image.LANCZOS)
    differences = ImageChops.difference(rendered, whole).getextrema()
    assert max(most for _least, most in differences) <= 3  # JPEG's own rounding


def test_grey_of_sixteen_bits_keeps_its_shades() -> None:
    content = io.BytesIO()
    Image.new("I;16", (10, 10), 128 * 256).save(content, "PNG")
    pixel = opened(render(content.getvalue()).content).convert("L").getpixel((5, 5))
    assert abs(pixel - 128) <= 1


def test_a_turned_photograph_is_put_upright_and_its_metadata_dropped() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "canary maker"
    content = io.BytesIO()
    Image.new("RGB", (40, 30)).save(content, "JPEG", exif=exif, comment=b"canary comment")
    rendered = render(content.getvalue())
    assert (rendered.width, rendered.height) == (30, 40)
    assert b"canary" in content.getvalue()
    assert b"canary" not in rendered.content
    assert not opened(rendered.content).getexif()


def test_of_an_animation_the_first_frame_is_taken() -> None:
    red, blue = (Image.new("RGB", (20, 20), colour) for colour in ("red", "blue"))
    for kind in ("GIF", "WEBP", "PNG"):
        content = io.BytesIO()
        red.save(content, kind, save_all=True, append_images=[blue] * 3)
        result = opened(render(content.getvalue()).content)
        assert getattr(result, "n_frames", 1) == 1
        pixel = result.convert("RGB").getpixel((10, 10))
        assert pixel[0] > 200 > 60 > pixel[2], kind


# --- not a picture, or not only ---


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg onload='alert(1)'/>",
        b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        b"\xef\xbb\xbf<html>",
        b"%PDF-1.4",
        b"BM" + bytes(100),
        b"II*\0" + bytes(100),
        b"8BPS" + bytes(100),
        b"\0\0\1\0" + bytes(100),
        b"%!PS-Adobe-3.0 EPSF",
        b"\0\0\0\x1cftypavif" + bytes(100),
        b"P6 9999 9999 255 ",
        b"RIFF\x04\0\0\0WAVEfmt ",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF",
        b"\xff\xd8\xff\xe0\x00\x00" * 100,
        encoded("PNG")[:-20],
        encoded("JPEG")[:-2],
        encoded("WEBP")[:-10],
        encoded("GIF")[:12],
        b"\n" + encoded("PNG"),
        png(0, 10),
        png(10, 10, packed=b"nonsense"),
        png(10, 10, chunk(b"IHDR", struct.pack(">IIBBBBB", 9000, 9000, 8, 2, 0, 0, 0))),
    ],
)
def test_what_is_not_a_picture_we_know_is_refused(data: bytes) -> None:
    with pytest.raises(PictureRefused):
        render(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_that_is_something_else_too_leaves_only_the_picture(kind: str) -> None:
    script = b"<script>alert('canary')</script>"
    rendered = render(encoded(kind) + script)
    assert b"canary" not in rendered.content
    assert opened(rendered.content).size == (40, 30)


def test_texts_and_profiles_of_a_png_do_not_reach_the_decoder() -> None:
    bomb = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000)))
    whole = encoded("PNG")
    with_bomb = whole[:33] + bomb + chunk(b"iCCP", b"p\0\0junk") + whole[33:]
    assert read_header(with_bomb).content == read_header(whole).content
    assert render(with_bomb).content == render(whole).content


def test_every_cut_of_a_picture_is_refused_or_rendered_and_nothing_else_happens() -> None:
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        data = encoded(kind, (9, 9))
        for position in range(len(data)):
            for broken in (
                data[:position],
                data[:position] + b"\xff\x00\xff" + data[position + 3 :],
            ):
                try:
                    render(broken)
                except PictureRefused:
                    continue


# --- bombs ---


def gif_bomb() -> bytes:
    """Write 1 x 1 for the screen, and 60,000 x 60,000 for the frame on it."""
    small = bytearray(encoded("GIF", (1, 1)))
    frame = small.index(b",")
    small[frame + 5 : frame + 9] = struct.pack("<HH", 60_000, 60_000)
    return bytes(small)


def jpeg_sized(width: int, height: int, **options: object) -> bytes:
    """Take a small JPEG and have it say another size."""
    data = bytearray(encoded("JPEG", (8, 8), **options))
    frame = data.index(b"\xff\xc2" if options.get("progressive") else b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def webp_sized(width: int, height: int) -> bytes:
    data = bytearray(encoded("WEBP", (8, 8), lossless=True))
    struct.pack_into("<I", data, 21, (width - 1) | (height - 1) << 14)
    return bytes(data)


def zeros(width: int, height: int) -> bytes:
    packer, row = zlib.compressobj(), bytes(width * 3 + 1)
    return b"".join(packer.compress(row) for _number in range(height)) + packer.flush()


def scans() -> bytes:
    data = encoded("JPEG", (2000, 2000), progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * 200 + data[-2:]


BOMBS: dict[str, Callable[[], bytes]] = {
    "png 169 Mpx": lambda: png(13_000, 13_000, packed=zeros(13_000, 13_000)),
    "png 400 Mpx": lambda: png(20_000, 20_000, packed=zeros(20_000, 2_000)),
    "png 2^31": lambda: png(2**31 - 1, 2**31 - 1),
    "png long side": lambda: png(10_001, 10, packed=zeros(10_001, 10)),
    "png 25 Mpx and one": lambda: png(MAX_PIXELS // 2500 + 1, 2500, packed=zeros(10_001, 2500)),
    "png 25 Mpx of true colour": lambda: png(5000, 5000, packed=zeros(5000, 5000)),
    "png of two sizes": lambda: png(
        10, 10, chunk(b"IHDR", struct.pack(">IIBBBBB", 13_000, 13_000, 8, 2, 0, 0, 0))
    ),
    "png with packed texts": lambda: png(
        10,
        10,
        *[chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000)))] * 200,
        packed=zeros(10, 10),
    ),
    "png that unpacks to more than it says": lambda: png(10, 10, packed=zeros(13_000, 5_000)),
    "gif frame": gif_bomb,
    "gif screen": lambda: b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + encoded("GIF")[10:],
    "jpeg 65535": lambda: jpeg_sized(65_535, 65_535),
    "jpeg progressive 25 Mpx": lambda: jpeg_sized(5_000, 5_000, progressive=True, subsampling=0),
    "jpeg of thousands of scans": scans,
    "webp 256 Mpx": lambda: webp_sized(16_000, 16_000),
    "webp 25 Mpx": lambda: webp_sized(5_000, 5_000),
    "webp canvas": lambda: encoded("WEBP", exif=b"Exif\0\0x").replace(
        struct.pack("<I", 39)[:3] + struct.pack("<I", 29)[:3], b"\xff\xff\xff" * 2
    ),
}
LARGEST: dict[str, Callable[[], bytes]] = {
    "png 22 Mpx": lambda: encoded("PNG", (4690, 4690), "RGBA"),
    "png 25 Mpx of grey": lambda: encoded("PNG", (5000, 5000), "L"),
    "jpeg 25 Mpx": lambda: encoded("JPEG", (5000, 5000)),
    "jpeg progressive 12 Mpx": lambda: encoded(
        "JPEG", (4000, 3000), progressive=True, subsampling=0
    ),
    "webp 5 Mpx": lambda: encoded("WEBP", (2340, 2340), "RGBA"),
    "gif 25 Mpx": lambda: encoded("GIF", (5000, 5000), "P"),
}
MEASURE = """
import re, sys
from client.pictures import render
from client.picture_errors import PictureRefused
try:
    print(render(open(sys.argv[1], "rb").read()).width)
except PictureRefused as refused:
    print(refused)
# Not getrusage: its figure survives exec and is that of the tests.
peak = re.search(r"VmHWM:\\s*([0-9]+) kB", open("/proc/self/status").read())
print(int(peak[1]) // 1024)
"""


def measured(data: bytes, folder: Path) -> tuple[str, int]:
    """Render in a process of its own; return what came of it, and its peak memory in MB."""
    (folder / "bomb").write_bytes(data)
    root = Path(pictures.__file__).parent.parent
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder / "bomb")],
        cwd=root, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    outcome, peak = run.stdout.splitlines()
    return outcome, int(peak)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_does_not_go_off(name: str, tmp_path: Path) -> None:
    outcome, peak = measured(BOMBS[name](), tmp_path)
    assert peak < 150, f"{peak} MB"
    harmless = ("png with packed texts", "png that unpacks to more than it says")
    assert outcome == "10" if name in harmless else outcome.endswith(".")


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_that_is_opened_fits_too(name: str, tmp_path: Path) -> None:
    outcome, peak = measured(LARGEST[name](), tmp_path)
    assert (outcome, peak < 150) == ("1920", True), f"{outcome} {peak} MB"
