"""What families believe of schools before they are wrong about them: reputation, or what the authority publishes."""

import numpy as np

from abm.rules import Rules
from abm.schools import true_quality
from abm.world import World


def beliefs(world: World, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """(school,) what the informed believe, and what is to be added for the ignorant, who trust its colour or a mean; sd."""
    schools, p = world.schools, rules.perception
    believed, none = schools.reputation, np.zeros(schools.open.size, np.float32)
    if p.growth == 0 and p.lights == 0 and p.prior == 0:
        return believed, none
    quality = true_quality(schools, world.year)
    believed = believed + np.float32(p.growth) * (quality - believed)
    published = quality if p.lights_of == "quality" else believed
    colour = np.where(schools.open, by_thirds(published, schools.open), believed)
    alike = np.float32(believed[schools.open].astype(float).mean()) if schools.open.any() else np.float32(0)
    unseen = np.float32((1 - p.lights) * p.prior) * (alike - believed)
    return believed, np.float32(p.lights) * (colour - believed) + unseen


def by_thirds(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(n,) the mean of each one's third of ``rows`` (n,) bool by ``values`` (n,); equals go by row number."""
    out = np.array(values, np.float32)
    order = np.flatnonzero(rows)[np.argsort(out[rows], kind="stable")]
    for third in np.array_split(order, 3):
        if third.size:
            out[third] = out[third].astype(float).mean()
    return out
