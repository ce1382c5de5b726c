"""All pictures of a comparison and of a league: saved as figures/*.svg, and as SVG text for the page."""

from collections.abc import Iterable
from pathlib import Path

from abm.figures.style import VARIABLES, Picture
from abm.results import write
from experiments.compare.figures.forest import forest
from experiments.compare.figures.frontier import frontier
from experiments.compare.figures.gains import gains
from experiments.compare.figures.peaks import peaks
from experiments.compare.figures.trajectories import trajectories
from experiments.compare.result import Result

FIGURES = (forest, trajectories, frontier, gains, peaks)


def draw(r: Result, folder: Path) -> dict[str, list[Picture]]:
    """The pictures of a comparison by kind, each saved in ``folder``/figures."""
    made = {make.__name__: make(r) for make in FIGURES}
    save((picture for pictures in made.values() for picture in pictures), folder)
    return made


def save(pictures: Iterable[Picture], folder: Path, png: bool = False) -> None:
    """Write pictures as figures/*.svg, and as *.png into ``folder`` if asked; those of an earlier, larger comparison go."""
    home = folder / "figures"
    home.mkdir(parents=True, exist_ok=True)
    for old in home.glob("*.svg"):
        old.unlink()
    for picture in pictures:
        write(home / f"{picture.name}.svg", standalone(picture))
        if png:
            (folder / f"{picture.name}.png").write_bytes(picture.png)


def standalone(picture: Picture) -> str:
    """The SVG of a picture as a file of its own: fixed colours and a white ground, title and text inside."""
    svg = picture.svg
    for colour, variable in VARIABLES.items():
        svg = svg.replace(f"var(--{variable})", colour)
    words = f"<title>{_escape(picture.title)}</title><desc>{_escape(picture.caption)}</desc>"
    head, _, body = svg.partition(">")
    ground = "<rect width='100%' height='100%' fill='#fffffe'/>"
    head = head.replace("<svg", "<svg xmlns='http://www.w3.org/2000/svg'", 1)
    return f"{head}>{words}{ground}{body}\n"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
