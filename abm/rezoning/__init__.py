"""Other zones than the city's own: what a good drawing is, a solver that finds one, a checker that knows no solver.

``problem`` says what may be drawn, ``zones`` and ``sectors`` make such problems, ``solver`` draws, ``checks`` controls, ``store``
remembers drawings, ``pairs`` joins zones two by two. Policies order what is drawn here.
"""

from abm.rezoning.pairs import pair, touching
from abm.rezoning.problem import Problem, Units, balance, dissimilarity, moved_share, present, tilts, units
from abm.rezoning.sectors import drawn_sectors
from abm.rezoning.store import solved
from abm.rezoning.zones import zone_problem

__all__ = [
    "Problem", "Units", "balance", "dissimilarity", "moved_share", "pair", "drawn_sectors", "present", "solved", "tilts",
    "touching", "units", "zone_problem",
]  # fmt: skip
