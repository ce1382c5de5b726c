"""Both maps side by side as a picture, drawn with numpy: the page's map (page/map.js) in small, for films."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from abm import __version__
from experiments.app.export.asked import Asked
from experiments.app.export.sample import Frame, read
from experiments.app.frames import AWAY, MINORITY

WIDTH, MAP, EDGE = 644, 314, 6  # pixels; even, as films want it
TOP, BELOW = 74, 98  # above the maps: title, year, captions; below: legend and source
INK, MUTED, PAPER, SOFT, LINE = (27, 31, 36), (90, 100, 111), (255, 255, 254), (243, 245, 246), (208, 212, 216)
HOME = np.array([(160, 196, 222), (232, 186, 148)], np.uint8)  # children at their local school: majority, minority
GONE = np.array([(0, 114, 178), (200, 84, 0)], np.uint8)  # those at another one
FEW, SOME = 2_000, 20_000  # families, below which dots are larger
JITTER = 0.14  # km round an address point over which its families are spread
DISCS = 0.075  # share of the city that the discs of its schools cover
ON_WAY = 0.85  # how far towards its school a family is drawn


class Scene:
    """All that stays from year to year: the ground, the words, the scale."""

    def __init__(self, of: Asked, language: str, say: Callable[..., str]):
        self.of, self.say, self.language = of, say, language
        world = of.futures[0].states[0].world
        self.city, x, y = world.city, world.city.place_x, world.city.place_y
        span = max(np.ptp(x), np.ptp(y)) * 1.08 + 0.4
        self.scale = MAP / span
        self.area = np.ptp(x) * np.ptp(y) * self.scale**2  # pixels that the city fills
        self.pupils = max(sum(of.futures[0].schools[0]["pupils"]), 1)
        self.left, self.top = (x.min() + x.max() - span) / 2, (y.min() + y.max() + span) / 2
        self.ground = self._ground()

    def picture(self, year: int) -> Image.Image:
        """The year: both maps, the year large, each future's segregation."""
        whole = Image.new("RGB", (WIDTH, TOP + MAP + BELOW), PAPER)
        pen = ImageDraw.Draw(whole)
        self._text(pen, year)
        for side, future in enumerate(self.of.futures):
            at = (EDGE + side * (MAP + EDGE), TOP)
            whole.paste(self._map(read(future.frame(year)), future.schools[year]), at)
            name = self.say("with_policies" if side else "baseline")
            told = self.say("d_is", value=_decimal(future.lines["D"][year], self.language))
            pen.text((at[0], TOP - 20), name, INK, font(13, True))
            pen.text((at[0] + MAP, TOP - 20), told, MUTED, font(13), anchor="ra")
        return whole

    def _text(self, pen: ImageDraw.ImageDraw, year: int) -> None:
        """Title and year above, legend and source below."""
        config, low = self.of.base.city, TOP + MAP + 8
        pen.text((EDGE, 8), _fit(self._word("title", self.of.base.title), 400, 15), INK, font(15, True))
        chosen = dict.fromkeys(e["kind"] for e in self.of.session.policies)
        kinds = ", ".join(self._word("policy", kind) for kind in chosen)
        pen.text((EDGE, 29), _fit(kinds, 430, 12), MUTED, font(12))
        pen.text((WIDTH - EDGE, 4), self.say("year", year=year), INK, font(30, True), anchor="ra")
        at = EDGE
        for paint, word in zip(GONE, (config.groups[0], config.minority), strict=True):
            pen.rectangle((at, low + 3, at + 8, low + 11), tuple(int(v) for v in paint))
            text = self.say("film_family", group=self._word("group", word))
            pen.text((at + 13, low), text, INK, font(12))
            at += 13 + int(font(12).getlength(text)) + 16
        minority = self._word("group", config.minority)
        for k, part in enumerate(_lines([self.say("film_away"), self.say("film_school", group=minority)])):
            pen.text((EDGE, low + 19 + 15 * k), part, MUTED, font(11))
        line = self.say(
            "line", version=__version__, title=self._word("title", self.of.base.title), seed=self.of.session.seed
        )
        pen.text((EDGE, low + 74), _fit(f"{line} · {self.say('limit.short')}", WIDTH - 2 * EDGE, 10), MUTED, font(10))

    def _word(self, family: str, name: str) -> str:
        """The reader's word for a name that is declared in English; the name itself where there is none."""
        word = self.say(f"{family}.{name}")
        return name.replace("_", " ") if word == f"{family}.{name}" else word

    def _ground(self) -> np.ndarray:
        """Outlines of areas."""
        picture = Image.new("RGB", (MAP, MAP), SOFT)
        pen = ImageDraw.Draw(picture)
        for rings in self.city.outlines:
            for ring in rings:
                spots = np.asarray(ring, float)
                column, row = (spots[:, 0] - self.left) * self.scale, (self.top - spots[:, 1]) * self.scale
                pen.line([*zip(column, row, strict=True), (column[0], row[0])], LINE)
        return np.asarray(picture)

    def _map(self, frame: Frame, schools: dict[str, list]) -> Image.Image:
        pixels = self.ground.copy()
        x, y = self._spots(frame, schools)
        column, row = ((x - self.left) * self.scale).astype(int), ((self.top - y) * self.scale).astype(int)
        minority, away = (frame.flags & MINORITY) > 0, ((frame.flags & AWAY) > 0) & (frame.school >= 0)
        paint = np.where(away[:, None], GONE[minority.astype(int)], HOME[minority.astype(int)])
        inside = (column >= 0) & (row >= 0) & (column < MAP - 2) & (row < MAP - 2)
        side = 3 if frame.key.size < FEW else 2 if frame.key.size < SOME else 1  # pixels of a dot
        for late in (False, True):  # those on their way lie above
            which = inside & (away == late)
            for shift in range(side * side):
                pixels[row[which] + shift // side, column[which] + shift % side] = paint[which]
        return self._discs(pixels, schools)

    def _spots(self, frame: Frame, schools: dict[str, list]) -> tuple[np.ndarray, np.ndarray]:
        """Where each family is drawn, km: round its address point, or on the way to its school."""
        out = []
        for axis, factor, homes in (("x", 2654435761, self.city.place_x), ("y", 2246822519, self.city.place_y)):
            hashed = (frame.key.astype(np.uint64) * np.uint64(factor)) >> np.uint64(16)
            spot = homes[frame.place] + JITTER * ((hashed & np.uint64(1023)) / 512.0 - 1)
            away = ((frame.flags & AWAY) > 0) & (frame.school >= 0)
            site = np.asarray(schools[axis], float)[np.maximum(frame.school, 0)]
            out.append(np.where(away, spot + ON_WAY * (site - spot), spot))
        return out[0], out[1]

    def _size(self, pupils: float) -> float:
        """A disc's radius in pixels."""
        return min(max(2.0, np.sqrt(DISCS * self.area * pupils / self.pupils / np.pi)), MAP / 12)

    def _discs(self, pixels: np.ndarray, schools: dict[str, list]) -> Image.Image:
        """Schools: size by pupils, a slice for the minority; drawn three times as large, for smooth edges."""
        fine = 3
        picture = Image.fromarray(pixels).resize((MAP * fine, MAP * fine), Image.Resampling.NEAREST)
        pen = ImageDraw.Draw(picture)
        for s in range(len(schools["x"])):
            if not schools["open"][s]:
                continue
            c, r = (schools["x"][s] - self.left) * self.scale * fine, (self.top - schools["y"][s]) * self.scale * fine
            size = fine * self._size(schools["pupils"][s])
            box = (c - size, r - size, c + size, r + size)
            pen.ellipse(box, (248, 248, 248))
            share = schools["share"][s]
            if share > 0:
                pen.pieslice(box, -90, -90 + 360 * share, tuple(int(v) for v in GONE[1]))
            pen.ellipse(box, None, INK if schools["theme"][s] else (130, 134, 138), fine if schools["theme"][s] else 2)
        return picture.resize((MAP, MAP), Image.Resampling.BOX)


@cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The letters that come with matplotlib, which know all languages of the page."""
    import matplotlib

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)


def _fit(text: str, width: int, size: int) -> str:
    """The text, cut where it is too long."""
    if font(size, True).getlength(text) <= width:
        return text
    while text and font(size, True).getlength(text + " …") > width:
        text = text[:-1]
    return text.rstrip(" ,") + " …"


def _lines(texts: list[str], most: int = 3) -> list[str]:
    """Texts in lines as wide as the picture; the last one is cut where they are too many."""
    lines: list[str] = []
    for text in texts:
        lines.append("")
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if font(11).getlength(longer) > WIDTH - 2 * EDGE:
                lines.append(word)
            else:
                lines[-1] = longer
    return (
        lines if len(lines) <= most else [*lines[: most - 1], _fit(" ".join(lines[most - 1 :]), WIDTH - 2 * EDGE, 11)]
    )


def _decimal(value: float, language: str) -> str:
    """A number with three digits; all languages of the page but English write a comma."""
    return f"{value:.3f}" if language == "en" else f"{value:.3f}".replace(".", ",")
