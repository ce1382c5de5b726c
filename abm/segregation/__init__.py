"""Segregation: how unevenly the pupils of a city are spread over its units, as functions of a head count alone.

Every function takes ``heads`` (unit, group), pupils as integers or floats. The minority is column 0 and the rest all
other columns together, except for Theil's H and M, which take any number of groups as they are. Units without pupils
change nothing. What is undefined is nan; a negative, infinite or missing count is a ValueError. A unit may be a school,
a district, a class; the caller adds up the table that it wants.

``indices`` holds the two-group indices, ``information`` M and its decompositions, ``change`` that of its change,
``allocation`` and ``dealing`` what chance gives, over the city and inside clusters; ``at_once`` all indices of a table in
one pass. What stands below the functions there are kernels, for those that measure many tables a year.
"""

from abm.segregation.allocation import (
    expected_dissimilarity,
    random_dissimilarity,
    random_expectation,
    random_tables,
)
from abm.segregation.at_once import (
    BY_CHANCE,
    GINI,
    THEIL,
    Figures,
    at_once,
    each,
    expected_at_once,
    layout,
    mean_at_once,
    within_scopes,
)
from abm.segregation.change import Change, decompose_change
from abm.segregation.dealing import Dealt, expected_dealt
from abm.segregation.indices import (
    atkinson,
    dissimilarity,
    eta_squared,
    exposure,
    gini,
    gorard,
    hutchens,
    isolation,
    shares_within,
)
from abm.segregation.information import (
    Parts,
    decompose,
    mutual_information,
    theil_h,
)

__all__ = [
    "BY_CHANCE",
    "GINI",
    "THEIL",
    "Change",
    "Dealt",
    "Figures",
    "Parts",
    "at_once",
    "atkinson",
    "decompose",
    "decompose_change",
    "each",
    "dissimilarity",
    "eta_squared",
    "expected_at_once",
    "expected_dealt",
    "expected_dissimilarity",
    "exposure",
    "gini",
    "gorard",
    "hutchens",
    "isolation",
    "layout",
    "mean_at_once",
    "mutual_information",
    "random_dissimilarity",
    "random_expectation",
    "random_tables",
    "shares_within",
    "theil_h",
    "within_scopes",
]
