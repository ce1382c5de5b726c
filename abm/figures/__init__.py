"""All pictures of a run: drawn into figures/*.png, and as SVG text for the page."""

from abm.config import Config
from abm.figures import city_map, flows, lines, schools
from abm.figures.style import Picture
from abm.results import Run
from abm.summary import Numbers

FIGURES = (
    lines.segregation, schools.distribution, city_map.city_map, flows.flows, lines.flight, schools.beside_catchment, lines.access,
)  # fmt: skip


def draw(run: Run, config: Config, numbers: Numbers | None = None) -> list[Picture]:
    """Draw the run's figures, save them in figures/*.png and return them, with titles, captions and SVG."""
    numbers = numbers or Numbers(run, config)
    pictures = [picture for make in FIGURES if (picture := make(numbers)) is not None]
    folder = run.folder / "figures"
    folder.mkdir(exist_ok=True)
    for picture in pictures:
        (folder / f"{picture.name}.png").write_bytes(picture.png)
    return pictures


__all__ = ["FIGURES", "Picture", "draw"]
