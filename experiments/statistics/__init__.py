"""The statistics of comparing policies: pure functions of arrays of paired differences, no model in them.

`pairs` effects and their intervals · `student` two kinds of interval · `stopping` seeds until precise · `layered` seeds and
parameter sets apart · `multiplicity` many comparisons · `verdicts` plain words · `price` euro per point, efficient
frontier · `peaks` two basins · `sampling` parameter sets · imported by their names: `shrinkage` effects behind noisy means,
`tipping` points past which a majority leaves (it serves replications).
"""

from experiments.statistics.layered import Layers, layers
from experiments.statistics.multiplicity import discoveries, selected_level
from experiments.statistics.pairs import (
    PERCENT,
    Estimate,
    Pairing,
    correlation,
    interaction,
    moments,
    paired,
    quantiles,
)
from experiments.statistics.peaks import Basins, Switched, basins, switched
from experiments.statistics.price import Ratio, frontier, ratio
from experiments.statistics.sampling import factors
from experiments.statistics.stopping import FEWEST, along, more_seeds, precise, sequence, unseen
from experiments.statistics.student import SEQUENTIAL, STUDENT, Method
from experiments.statistics.verdicts import (
    DISSENT,
    LOWERS,
    RAISES,
    SMALL,
    SMALLEST,
    UNKNOWN,
    VERDICTS,
    Judgement,
    judge,
    sentence,
    verdict,
)

__all__ = [
    "DISSENT", "FEWEST", "LOWERS", "PERCENT", "RAISES", "SEQUENTIAL", "SMALL", "SMALLEST", "STUDENT", "UNKNOWN", "VERDICTS",
    "Basins", "Estimate", "Judgement", "Layers", "Method", "Pairing", "Ratio", "Switched",
    "along", "basins", "correlation", "discoveries", "factors", "frontier", "interaction", "judge", "layers", "moments",
    "more_seeds", "paired", "precise", "quantiles", "ratio", "selected_level", "sentence", "sequence", "switched", "unseen",
    "verdict",
]  # fmt: skip
