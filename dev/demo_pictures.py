"""Draw the pictures of the demo data into `demo/pictures/`: dev/python dev/demo_pictures.py.

Flat shapes on a pale ground, a few kB each, all our own. Coordinates are of a square of 100.
"""

from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parents[1] / "demo" / "pictures"
SIZE, SMOOTH, COLORS = 384, 4, 64
GROUND, INK, PALE, METAL, WOOD, GOLD = (
    *("#f3f0ea", "#37424a", "#fffdf8", "#aab4ba", "#b98452", "#e8b54a"),
)


class Sheet:
    """A square of 100 to draw on; what is drawn later lies on top."""

    def __init__(self, ground: str = GROUND) -> None:
        side = SIZE * SMOOTH
        self.image = Image.new("RGB", (side, side), "#ffffff")
        self.pen = ImageDraw.Draw(self.image)
        self.round(2, 2, 98, 98, 8, ground)
        self.oval(18, 84, 82, 91, "#ddd7cb")

    def _at(self, *places: float) -> list[float]:
        return [place * SIZE * SMOOTH / 100 for place in places]

    def box(self, left: float, top: float, right: float, bottom: float, color: str) -> None:
        self.pen.rectangle(self._at(left, top, right, bottom), fill=color)

    def round(
        self, left: float, top: float, right: float, bottom: float, radius: float, color: str
    ) -> None:
        self.pen.rounded_rectangle(self._at(left, top, right, bottom), *self._at(radius), color)

    def oval(self, left: float, top: float, right: float, bottom: float, color: str) -> None:
        self.pen.ellipse(self._at(left, top, right, bottom), fill=color)

    def ring(
        self, left: float, top: float, right: float, bottom: float, width: float, color: str
    ) -> None:
        self.pen.ellipse(
            self._at(left, top, right, bottom), outline=color, width=round(*self._at(width))
        )

    def arc(
        self, box: tuple[float, float, float, float], begin: int, end: int, width: float, color: str
    ) -> None:
        self.pen.arc(self._at(*box), begin, end, color, round(*self._at(width)))

    def pie(self, box: tuple[float, float, float, float], begin: int, end: int, color: str) -> None:
        self.pen.pieslice(self._at(*box), begin, end, color)

    def shape(self, color: str, *corners: float) -> None:
        self.pen.polygon(self._at(*corners), fill=color)

    def line(self, color: str, width: float, *points: float) -> None:
        self.pen.line(self._at(*points), color, round(*self._at(width)), joint="curve")

    def save(self, name: str) -> None:
        small = self.image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
        few = small.quantize(COLORS, dither=Image.Dither.NONE)
        few.save(FOLDER / f"{name}.png", optimize=True)


def darker(color: str, share: float = 0.82) -> str:
    parts = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(part * share):02x}" for part in parts)


def jacket(on: Sheet, color: str) -> None:
    dark = darker(color)
    on.shape(dark, 28, 30, 10, 66, 21, 72, 34, 48)
    on.shape(dark, 72, 30, 90, 66, 79, 72, 66, 48)
    on.shape(color, 38, 19, 62, 19, 75, 29, 73, 86, 27, 86, 25, 29)
    on.shape(dark, 38, 19, 62, 19, 57, 29, 43, 29)
    on.line(PALE, 1.4, 50, 24, 50, 86)
    on.line(darker(dark), 1.2, 33, 64, 42, 62)
    on.line(darker(dark), 1.2, 67, 64, 58, 62)


def bottle(on: Sheet, color: str) -> None:
    on.round(43, 10, 57, 19, 3, INK)
    on.round(41, 18, 59, 27, 3, METAL)
    on.round(34, 25, 66, 88, 9, color)
    on.round(38, 30, 43, 80, 2.5, "#ffffff")
    on.box(34, 56, 66, 60, darker(color))
    on.shape(PALE, 50, 38, 58, 51, 42, 51)


def daypack(on: Sheet, color: str) -> None:
    dark = darker(color)
    on.arc((40, 8, 60, 30), 180, 360, 3, dark)
    on.round(19, 48, 81, 80, 8, dark)
    on.round(26, 18, 74, 88, 15, color)
    on.round(32, 54, 68, 82, 6, dark)
    on.line(PALE, 1.4, 35, 61, 65, 61)
    on.line(dark, 1.6, 29, 42, 71, 42)
    on.round(46, 38, 54, 46, 2, GOLD)


def lantern(on: Sheet, color: str) -> None:
    on.arc((34, 8, 66, 44), 180, 360, 2.2, INK)
    on.shape(color, 36, 26, 64, 26, 70, 35, 30, 35)
    on.round(34, 34, 66, 72, 3, "#fdf0c4")
    on.oval(42, 42, 58, 68, GOLD)
    on.oval(46, 50, 54, 66, PALE)
    on.box(34, 34, 36.5, 72, INK)
    on.box(63.5, 34, 66, 72, INK)
    on.round(29, 71, 71, 86, 4, color)
    on.oval(47, 75, 53, 81, darker(color))


def tent(on: Sheet, color: str) -> None:
    on.shape(darker(color), 50, 22, 92, 86, 66, 86)
    on.shape(color, 50, 22, 8, 86, 66, 86)
    on.shape(INK, 44, 46, 28, 86, 54, 86)
    on.shape(GOLD, 44, 46, 54, 86, 58, 86)
    on.line(WOOD, 1.6, 50, 14, 50, 24)
    on.shape("#d9643a", 50, 13, 62, 17, 50, 21)


def mug(on: Sheet, color: str) -> None:
    on.ring(60, 40, 88, 70, 5, color)
    on.round(20, 30, 70, 86, 7, color)
    on.oval(20, 25, 70, 37, darker(color, 0.7))
    on.oval(23, 27, 67, 35, "#5b3d2b")
    on.shape(PALE, 45, 48, 58, 68, 32, 68)
    on.shape(PALE, 56, 55, 64, 68, 47, 68)


def chair(on: Sheet, color: str) -> None:
    on.line(METAL, 2.6, 24, 16, 62, 86)
    on.line(METAL, 2.6, 78, 52, 38, 86)
    on.line(METAL, 2.6, 34, 52, 70, 86)
    on.shape(color, 23, 16, 62, 12, 72, 48, 38, 52)
    on.shape(darker(color), 38, 52, 72, 48, 82, 55, 46, 61)
    on.line(WOOD, 3.4, 30, 40, 48, 38)
    on.line(WOOD, 3.4, 70, 36, 86, 38)


def headlamp(on: Sheet, color: str) -> None:
    on.arc((14, 22, 86, 82), 150, 390, 8, darker(color))
    on.arc((14, 22, 86, 82), 165, 375, 3, color)
    on.round(32, 46, 68, 78, 9, INK)
    on.oval(38, 50, 62, 74, METAL)
    on.oval(42, 54, 58, 70, "#fdf0c4")
    on.shape(GOLD, 50, 58, 50, 66, 42, 62)


def poles(on: Sheet, color: str) -> None:
    for left, foot in ((34, 26), (66, 74)):
        on.line(METAL, 2.2, left, 34, foot, 86)
        on.line(color, 3.2, left, 34, (left + foot) / 2, 58)
        on.round(left - 4, 14, left + 4, 36, 3.5, INK)
        on.arc((left - 8, 30, left + 8, 46), 20, 160, 1.6, WOOD)
        on.oval(foot - 6, 77, foot + 6, 81, INK)


def skillet(on: Sheet, _color: str) -> None:
    on.line(INK, 7, 62, 62, 90, 84)
    on.oval(10, 16, 74, 80, INK)
    on.oval(15, 21, 69, 75, "#4f5b64")
    on.oval(28, 33, 58, 63, PALE)
    on.oval(37, 42, 50, 55, GOLD)


def compass(on: Sheet, color: str) -> None:
    on.ring(43, 6, 57, 20, 2.4, METAL)
    on.oval(18, 16, 82, 88, color)
    on.oval(24, 22, 76, 82, PALE)
    for corners in ((50, 25, 50, 30), (50, 74, 50, 79), (27, 52, 32, 52), (68, 52, 73, 52)):
        on.line(INK, 1.6, *corners)
    on.shape("#c9462f", 50, 32, 55, 52, 45, 52)
    on.shape(METAL, 50, 72, 55, 52, 45, 52)
    on.oval(47, 49, 53, 55, INK)


def bowl(on: Sheet, color: str) -> None:
    on.round(38, 78, 62, 86, 2, darker(color, 0.7))
    on.pie((12, 6, 88, 84), 0, 180, color)
    on.oval(12, 36, 88, 54, darker(color, 0.86))
    on.oval(17, 39, 83, 52, darker(color, 0.72))
    on.arc((17, 8, 83, 78), 40, 100, 1.8, PALE)


def pillow(on: Sheet, color: str) -> None:
    on.shape(darker(color), 14, 24, 50, 20, 86, 24, 83, 54, 86, 86, 50, 82, 14, 86, 17, 54)
    on.shape(color, 17, 27, 50, 23, 83, 27, 80, 54, 83, 83, 50, 79, 17, 83, 20, 54)
    for height in (38, 46, 54, 62, 70):
        on.line(PALE, 1.2, 24, height, 76, height)


def coffee(on: Sheet, color: str) -> None:
    on.shape(PALE, 26, 14, 74, 14, 56, 44, 44, 44)
    on.shape("#6b452d", 31, 20, 69, 20, 58, 38, 42, 38)
    on.round(38, 42, 62, 50, 2, WOOD)
    on.shape("#dfe9ec", 43, 49, 57, 49, 74, 86, 26, 86)
    on.shape(color, 36, 66, 64, 66, 73, 86, 27, 86)


def knife(on: Sheet, _color: str) -> None:
    on.shape("#cfd6da", 10, 46, 60, 36, 60, 58, 34, 58)
    on.shape(METAL, 10, 46, 60, 54, 60, 58, 34, 58)
    on.round(58, 35, 64, 60, 1, INK)
    on.round(63, 39, 92, 56, 5, WOOD)
    for place in (70, 78, 86):
        on.oval(place - 1.6, 46, place + 1.6, 49.2, PALE)


def lamp(on: Sheet, color: str) -> None:
    on.shape("#fdf0c4", 34, 16, 66, 16, 80, 50, 20, 50)
    on.shape("#f6df9c", 52, 16, 66, 16, 80, 50, 58, 50)
    on.box(48.5, 50, 51.5, 60, INK)
    on.oval(36, 56, 64, 84, color)
    on.round(34, 82, 66, 88, 2, WOOD)


def clock(on: Sheet, color: str) -> None:
    on.oval(14, 14, 86, 86, color)
    on.oval(20, 20, 80, 80, PALE)
    for corners in ((50, 23, 50, 29), (50, 71, 50, 77), (23, 50, 29, 50), (71, 50, 77, 50)):
        on.line(INK, 1.8, *corners)
    on.line(INK, 3, 50, 50, 50, 32)
    on.line(INK, 2.2, 50, 50, 63, 58)
    on.oval(47.5, 47.5, 52.5, 52.5, "#c9462f")


def candle(on: Sheet, color: str) -> None:
    on.oval(44, 12, 56, 34, GOLD)
    on.oval(47, 20, 53, 33, PALE)
    on.line(INK, 1.4, 50, 30, 50, 40)
    on.round(28, 40, 72, 88, 5, color)
    on.oval(28, 36, 72, 46, darker(color, 0.88))
    on.round(34, 56, 66, 76, 2, PALE)
    on.line(INK, 1.2, 40, 63, 60, 63)
    on.line(METAL, 1.2, 43, 69, 57, 69)


def kettle(on: Sheet, color: str) -> None:
    on.arc((28, 10, 72, 62), 185, 355, 4, INK)
    on.shape(darker(color), 68, 52, 90, 38, 92, 43, 74, 70)
    on.pie((18, 34, 78, 118), 180, 360, color)
    on.round(18, 72, 78, 87, 5, color)
    on.round(38, 31, 58, 38, 2, darker(color))
    on.oval(45, 24, 51, 31, WOOD)
    on.arc((25, 42, 71, 100), 195, 240, 2, PALE)


def board(on: Sheet, _color: str) -> None:
    on.round(20, 28, 80, 88, 9, WOOD)
    on.round(42, 10, 58, 40, 7, WOOD)
    on.oval(47, 15, 53, 21, GROUND)
    for place in (34, 48, 62):
        on.line(darker(WOOD), 1.2, place, 36, place + 3, 82)
    on.oval(52, 56, 72, 76, "#c9462f")
    on.line("#5d7d4a", 2, 62, 57, 66, 50)


def vase(on: Sheet, color: str) -> None:
    for tip, height in ((38, 18), (50, 10), (63, 20)):
        on.line("#5d7d4a", 1.6, 50, 48, tip, height)
        on.oval(tip - 4.5, height - 5, tip + 4.5, height + 5, "#d98c6a")
    on.shape(color, 42, 42, 58, 42, 56, 52, 44, 52)
    on.oval(30, 48, 70, 88, color)
    on.arc((34, 52, 66, 84), 120, 200, 2, PALE)


def blanket(on: Sheet, color: str) -> None:
    for top, shade in ((66, 0.74), (48, 0.86), (30, 1)):
        on.round(16, top, 84, top + 20, 8, darker(color, shade))
        on.line(PALE, 1.3, 26, top + 6, 74, top + 6)
        on.line(GOLD, 1.3, 26, top + 11, 74, top + 11)


def frame(on: Sheet, color: str) -> None:
    on.box(20, 14, 80, 86, color)
    on.box(26, 20, 74, 80, PALE)
    on.box(33, 28, 67, 72, "#bfd9e6")
    on.oval(54, 32, 63, 41, GOLD)
    on.shape("#5d7d4a", 33, 72, 33, 60, 46, 46, 58, 62, 67, 54, 67, 72)


def stove(on: Sheet, color: str) -> None:
    on.round(34, 56, 66, 88, 7, color)
    on.box(34, 66, 66, 74, darker(color))
    on.box(46, 44, 54, 57, METAL)
    on.line(INK, 2.4, 54, 50, 66, 50)
    on.oval(64, 47, 70, 53, INK)
    on.round(38, 36, 62, 44, 2, INK)
    for left in (41, 48, 55):
        on.shape(GOLD, left, 36, left + 2, 25, left + 4, 36)
    on.line(INK, 2.2, 24, 24, 36, 38)
    on.line(INK, 2.2, 76, 24, 64, 38)


def hammock(on: Sheet, color: str) -> None:
    on.box(10, 18, 15, 88, WOOD)
    on.box(85, 18, 90, 88, WOOD)
    on.line(INK, 1.4, 15, 30, 26, 46)
    on.line(INK, 1.4, 85, 30, 74, 46)
    on.pie((22, 20, 78, 76), 0, 180, color)
    on.pie((22, 34, 78, 62), 0, 180, darker(color))


def garland(on: Sheet, color: str) -> None:
    on.arc((8, -30, 92, 58), 20, 160, 1.6, WOOD)
    for left, top in ((13, 33), (27, 44), (42, 49), (57, 44), (71, 33)):
        on.oval(left, top, left + 16, top + 16, color)
        on.ring(left + 3, top + 3, left + 13, top + 13, 1.2, PALE)
        on.line(PALE, 1, left + 8, top + 3, left + 8, top + 13)
        on.line(PALE, 1, left + 3, top + 8, left + 13, top + 8)


def wreath(on: Sheet, color: str) -> None:
    on.ring(22, 18, 78, 74, 11, color)
    for left, top in (
        (22, 40),
        (30, 22),
        (46, 17),
        (62, 24),
        (69, 42),
        (60, 58),
        (44, 64),
        (28, 57),
    ):
        on.oval(left, top, left + 10, top + 7, darker(color))
    on.shape("#bf4238", 50, 70, 36, 62, 36, 82)
    on.shape("#bf4238", 50, 70, 64, 62, 64, 82)
    on.oval(46, 66, 54, 74, "#9c352d")


def stocking(on: Sheet, color: str) -> None:
    on.arc((54, 8, 66, 22), 90, 400, 1.6, INK)
    on.box(40, 20, 64, 66, color)
    on.round(20, 58, 64, 84, 12, color)
    on.box(40, 50, 64, 62, color)
    on.round(36, 14, 68, 27, 3, PALE)
    for top in (34, 46):
        on.line(PALE, 2, 40, top, 46, top + 5, 52, top, 58, top + 5, 64, top)


def sparkler(on: Sheet, color: str) -> None:
    on.round(28, 40, 72, 88, 3, color)
    on.box(28, 52, 72, 76, darker(color))
    for left, top in ((38, 20), (50, 12), (62, 20)):
        on.line(METAL, 1.4, left, 40, left, top)
        for right, down in ((6, 0), (4, 4), (0, 6), (-4, 4), (-6, 0), (-4, -4), (0, -6), (4, -4)):
            on.line(GOLD, 1, left, top, left + right, top + down)


def hatchet(on: Sheet, color: str) -> None:
    on.shape(WOOD, 46, 18, 53, 18, 57, 88, 48, 88)
    on.shape(color, 42, 22, 62, 22, 62, 40, 42, 40)
    on.shape(METAL, 42, 22, 42, 40, 24, 50, 20, 33, 24, 16)
    on.box(62, 26, 68, 36, darker(color))


PICTURES: dict[str, tuple[Callable[[Sheet, str], None], str]] = {
    "jacket-pine": (jacket, "#2f6b57"),
    "jacket-rust": (jacket, "#b5532f"),
    "bottle-blue": (bottle, "#3a74a8"),
    "bottle-red": (bottle, "#bf4238"),
    "bottle-sage": (bottle, "#8fa67f"),
    "daypack-slate": (daypack, "#55677a"),
    "daypack-orange": (daypack, "#dd7a33"),
    "lantern": (lantern, "#2f6b57"),
    "tent": (tent, "#6f9a56"),
    "mug": (mug, "#3a5f7d"),
    "chair": (chair, "#b5532f"),
    "headlamp": (headlamp, "#dd7a33"),
    "poles": (poles, "#bf4238"),
    "skillet": (skillet, INK),
    "compass": (compass, GOLD),
    "bowl-cream": (bowl, "#e6d7b8"),
    "bowl-teal": (bowl, "#3f8a8c"),
    "bowl-charcoal": (bowl, "#59616a"),
    "pillow-sand": (pillow, "#d3b98f"),
    "pillow-navy": (pillow, "#39507a"),
    "coffee": (coffee, "#5b3d2b"),
    "knife": (knife, METAL),
    "lamp": (lamp, "#3f8a8c"),
    "clock": (clock, "#8c5a3a"),
    "candle": (candle, "#c98f7a"),
    "kettle": (kettle, "#bf4238"),
    "board": (board, WOOD),
    "vase": (vase, "#5f86a6"),
    "blanket": (blanket, "#7b8f5d"),
    "frame": (frame, "#6b4a33"),
    "stove": (stove, "#3a74a8"),
    "hammock": (hammock, "#dd7a33"),
    "garland": (garland, "#d98a3d"),
    "wreath": (wreath, "#7fa08a"),
    "stocking": (stocking, "#bf4238"),
    "sparkler": (sparkler, "#39507a"),
    "hatchet": (hatchet, INK),
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (draw, color) in PICTURES.items():
        sheet = Sheet()
        draw(sheet, color)
        sheet.save(name)


if __name__ == "__main__":
    main()
