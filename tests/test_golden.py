"""A change of numbers is a visible diff: the classroom's measurements against tests/golden/classroom.json."""

import json

from tests.golden.refresh import FILE, YEARS, numbers

TOLERANCE = 1e-9  # logarithms and sums of libraries may differ in the last bits between machines


def test_the_classroom_gives_its_golden_numbers():
    """After a change that is meant: ``python -m tests.golden.refresh``, and a line in CHANGELOG.md."""
    golden, now = json.loads(FILE.read_text(encoding="utf-8")), numbers()
    assert list(golden) == [str(year) for year in YEARS]
    for year in golden:
        assert golden[year].keys() == now[year].keys(), year
        wrong = {
            key: (was, now[year][key])
            for key, was in golden[year].items()
            if (was is None) != (now[year][key] is None)
            or (was is not None and abs(was - now[year][key]) > TOLERANCE * max(1, abs(was)))
        }
        assert wrong == {}, f"year {year}: {len(wrong)} numbers changed (golden, now)"
