"""What all lessons share: where the scenarios lie, and a figure of the house style shown under a cell."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from abm.figures import style

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"
SVG = (
    "application/vnd.schoolflight.svg"  # the drawing as lines, for the rendered page; notebooks show the PNG beside it
)


@contextmanager
def panel(title: str, columns: int = 1, height: float = 3.2, key: tuple = (), caption: str = "", **options) -> Iterator:
    """Axes to draw on, in the house style; the figure is shown when the block ends. More than one column: a list of axes.

    key: (x, mark, words, colour) of each sign; ``options`` go to matplotlib's ``subplots``.
    """
    with style.look(title):
        figure, axes = style.sheet(title, height, 1, columns, key, **options)
        yield list(axes[0]) if columns > 1 else axes[0, 0]
        show(style.picture("lesson", title, caption, figure))


def show(picture: style.Picture) -> None:
    """Show a picture below the cell, with its title as the text for those who do not see it."""
    from IPython.display import display

    text = ". ".join(part for part in (picture.title, picture.caption) if part)
    data = {"image/png": base64.b64encode(picture.png).decode(), SVG: picture.svg, "text/plain": f"[figure: {text}]"}
    display(data, raw=True, metadata={"image/png": {"width": 760}})
