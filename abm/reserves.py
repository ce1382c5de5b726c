"""Places reserved for a type of pupils, and the most that a school takes of one, as rules and orders have them.

``asked`` are the applications of the year; read are their types, 1: detected as vulnerable, and which schools stand outside
the match, where no such rule holds.
"""

import numpy as np

from abm.rules import Rules


def left_by_type(rules: Rules, asked, part: np.ndarray, there: np.ndarray, places: np.ndarray) -> dict:
    """Types, and the reserves and quotas still left at schools of ``part`` in the match; nothing where there are none.

    there: (school, type) pupils who hold a place already; they count.
    """
    if not limiting(rules):
        return {}
    least, most = limits(rules, asked, places)
    if not least.any() and (most >= places[:, None]).all():
        return {}
    ruled = np.zeros((places.size, 1), bool)
    ruled[:, 0] = part & ~asked.outside
    left = np.maximum(places - there.sum(axis=1), 0)
    reserves = np.where(ruled, np.maximum(least - there, 0), 0)
    reserves[:, 1] = np.minimum(reserves[:, 1], left)
    reserves[:, 0] = np.minimum(reserves[:, 0], left - reserves[:, 1])
    quotas = np.where(ruled & (most < places[:, None]), np.maximum(most - there, 0), -1)
    return {"types": asked.types, "reserves": reserves, "quotas": quotas}


def limiting(rules: Rules) -> bool:
    """Whether any rule reserves or limits places by type."""
    settings, orders = rules.admission, rules.orders
    here = settings.reserved > 0 or settings.reserved_others > 0 or settings.maximum < 1 or settings.band < 1
    return bool(here or orders.reserved or orders.maximum or orders.band)


def limits(rules: Rules, asked, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(school, type) least places kept for a type and most of a type, of all ``places``: not detected (0), detected (1).

    The band about the detected share of the applicants limits both types; the whole numbers next to that share always
    lie in it. Of several rules the strictest holds, and no more is reserved than may be taken.
    """
    reserved, maximum, band = (_by_school(rules, name, places.size) for name in ("reserved", "maximum", "band"))
    share = asked.types.mean() if asked.types.size else 0.0
    exact, a_bit = share * places, 1e-9
    low = np.minimum(np.ceil((share - band) * places - a_bit), np.floor(exact + a_bit)).clip(0)
    high = np.minimum(np.maximum(np.floor((share + band) * places + a_bit), np.ceil(exact - a_bit)), places)
    most = np.minimum(high, np.floor(maximum * places + a_bit))
    least = np.minimum(np.maximum(low, np.floor(reserved * places + 0.5)), most)
    kept = np.floor(rules.admission.reserved_others * places + 0.5)
    others = np.maximum(places - high, np.minimum(kept, places - least))
    return np.column_stack([others, least]).astype(int), np.column_stack([places - low, most]).astype(int)


def _by_school(rules: Rules, name: str, schools: int) -> np.ndarray:
    """(school,) float64 of a share: as ordered for the school, else the general one."""
    values = np.full(schools, getattr(rules.admission, name), float)
    for s, value in getattr(rules.orders, name).items():
        values[s] = value
    return values
