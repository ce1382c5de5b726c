"""All pictures of a run."""

import numpy as np

from abm.results import Run


def draw(run: Run, config) -> list:
    """Draw the run's figures into figures/*.png; returns their paths."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    table = run.table("indicators")
    part = table[(table.scope == "city") & (table.group == config.city.minority)]
    fig, ax = plt.subplots(figsize=(7, 4))
    for name in ("dissimilarity", "dissimilarity_nearest", "dissimilarity_residential", "dissimilarity_random"):
        values = part[part.indicator == name].pivot_table(index="year", columns="seed", values="value").to_numpy(float)
        line = ax.plot(np.arange(len(values)), np.median(values, axis=1), label=name)[0]
        ax.fill_between(
            np.arange(len(values)), *np.quantile(values, [0.1, 0.9], axis=1), alpha=0.2, color=line.get_color()
        )
    ax.legend()
    ax.set_ylim(0, None)
    path = run.folder / "figures" / "segregation.png"
    path.parent.mkdir(exist_ok=True)
    fig.savefig(path, dpi=120)
    return [path]
