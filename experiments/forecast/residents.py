"""Residents of small areas as they were in one year, from a file of yearly series, so that no later year gets into a fit.

The file is a list of areas as JSON, each with ``cusec``, ``barri``, ``districte``, ``location`` and series by year of
population, minors, foreigners and income (INE Atlas de renta by way of perelosantos/laboratori-de-dades).
"""

import csv
import json
from pathlib import Path

from abm.config.declare import ScenarioError

HEAD = ("cusec", "barri", "district", "lon", "lat", "pct_foreign", "foreign", "under18", "income")


def write_residents(source: Path, year: int, target: Path) -> None:
    """Write the csv table of ``year`` that a scenario reads as its small areas."""
    try:
        areas = json.loads(source.read_text(encoding="utf-8-sig"))
        lines = [_line(area, str(year)) for area in areas]
    except (OSError, ValueError) as error:
        raise ScenarioError(f"{source}: cannot be read ({error}); residents.file is a JSON list of areas") from None
    except (KeyError, TypeError) as error:
        raise ScenarioError(
            f"{source}: an area lacks {error} for {year}; leave residents out, or name another file"
        ) from None
    with target.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEAD, *lines])


def _line(area: dict, year: str) -> tuple:
    series = area["demographics"]["series"]
    people, foreign = float(series["population"][year]), float(series["pct_est"][year])
    minors, income = float(series["minors_pct"][year]), area["socioeconomic"]["renda"]["series"].get(year)
    where = area["location"]
    return (
        area["cusec"], area["barri"], area["districte"], where["lon"], where["lat"], foreign,
        round(people * foreign / 100, 1), round(people * minors / 100, 1), "" if income is None else income,
    )  # fmt: skip
