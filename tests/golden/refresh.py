"""Write the golden numbers anew: ``python -m tests.golden.refresh``. Say why under "Numbers" in CHANGELOG.md."""

import json
from pathlib import Path

from abm.model import SchoolChoiceModel
from abm.scenario import load

FILE = Path(__file__).with_name("classroom.json")
SCENARIO = Path(__file__).parents[2] / "configs" / "classroom.toml"
YEARS = (0, 1, 5, 10)


def numbers() -> dict[str, dict[str, float | None]]:
    """All measurements of the classroom, seed 1: {year: {"indicator/group/scope": value}}; nan is null."""
    model = SchoolChoiceModel(load(SCENARIO), 1, collect=False)
    out = {}
    for year in range(max(YEARS) + 1):
        if year:
            model.step()
        if year in YEARS:
            out[str(year)] = {
                "/".join(row[:3]): None if row[3] != row[3] else float(row[3]) for row in model.indicators.rows
            }
    return out


if __name__ == "__main__":
    FILE.write_text(json.dumps(numbers(), indent=1) + "\n", encoding="utf-8")
    print(f"wrote {FILE}")
