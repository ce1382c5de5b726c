"""A film of both futures, a picture a year, for slides: an animated GIF, or an MP4 where ffmpeg is on the machine."""

import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image

from abm.config.declare import ScenarioError
from experiments.app.export.asked import Asked
from experiments.app.export.drawing import Scene
from experiments.app.export.single import PAGE

KINDS = ("gif", "mp4")
SECOND = 1000  # milliseconds a year is shown
LAST = 3000  # and the last one
COLOURS = 64  # of the GIF: the drawing has few


def film(of: Asked, kind: str, language: str, progress: Callable[[int, int], None] = lambda done, total: None) -> bytes:
    """The film's file. ScenarioError where it cannot be made here."""
    if kind == "mp4" and not shutil.which("ffmpeg"):
        raise ScenarioError(
            "a film as MP4 needs ffmpeg, which is not on this machine; take the GIF, or install it (Debian: apt install ffmpeg)"
        )
    pictures = list(_pictures(of, language, progress))
    return _gif(pictures) if kind == "gif" else _mp4(pictures)


def words(language: str) -> Callable[..., str]:
    """The page's words in a language, English where one is missing."""
    known: dict[str, str] = {}
    for name in dict.fromkeys(("en", language)):
        path = PAGE / "words" / f"{name}.json"
        if name.isalpha() and path.is_file():
            known |= json.loads(path.read_text(encoding="utf-8"))

    def say(key: str, **values: Any) -> str:
        text = known.get(key, key)
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    return say


def _pictures(of: Asked, language: str, progress: Callable[[int, int], None]) -> Iterator[Image.Image]:
    scene, total = Scene(of, language, words(language)), of.session.years + 1
    for year in range(total):
        progress(year, total)
        yield scene.picture(year)
    progress(total, total)


def _gif(pictures: list[Image.Image]) -> bytes:
    """All pictures with the colours of the last one, so that nothing flickers."""
    palette = pictures[-1].quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    for k, picture in enumerate(small):
        picture.info.pop("transparency", None)
        picture.info["comment"] = f"year {k}".encode()
    out, times = io.BytesIO(), [SECOND] * (len(small) - 1) + [LAST]
    small[0].save(out, "GIF", save_all=True, append_images=small[1:], duration=times, loop=0, disposal=1)
    return out.getvalue()


def _mp4(pictures: list[Image.Image]) -> bytes:
    """The pictures through ffmpeg; the last one is held."""
    import tempfile
    from pathlib import Path

    width, height = pictures[0].size
    held = pictures + [pictures[-1]] * (LAST // SECOND - 1)
    raw = b"".join(np.asarray(picture.convert("RGB")).tobytes() for picture in held)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        command = [
            "ffmpeg",
            "-loglevel",
            "error",
            "-y",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-s",
            f"{width}x{height}",
        ]
        command += [
            "-r",
            f"1000/{SECOND}",
            "-i",
            "-",
            "-r",
            "25",
            "-pix_fmt",
            "yuv420p",
            "-movflags",
            "+faststart",
            str(path),
        ]
        done = subprocess.run(command, input=raw, capture_output=True, check=False)
        if done.returncode:
            raise ScenarioError(f"ffmpeg could not make the film: {done.stderr.decode(errors='replace').strip()}")
        return path.read_bytes()
