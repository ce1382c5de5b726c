"""The city by composition: homes by small area and schools on top, at the start and at the end."""

import numpy as np
from contourpy import contour_generator
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import Normalize
from matplotlib.lines import Line2D
from matplotlib.path import Path
from scipy.spatial import cKDTree

from abm.figures.style import GRID, INK, MARKER, MUTED, PAPER, SECTOR_NAME, SHARE, as_percent, look, picture, sheet
from abm.summary import Numbers

CELLS = 160  # along the longer side of the city, where small areas have no outlines
DISCS = 16000  # square points of all schools' discs, if all were as large as the largest


def city_map(n: Numbers):
    """Homes and schools by the minority's share, start beside end; None where schools have no positions."""
    table = n.schools[n.schools.seed == n.typical]
    if table.empty:
        return None
    title = f"Where {n.sides[1]} pupils live, and who is in each school"
    homes = _shares(n)
    scale = _scale(homes, table)
    with look("map"):
        figure, axes = sheet(title, _height(n, table), 1, len(n.moments), sharex=True, sharey=True)
        for ax, (year, words) in zip(axes[0], n.moments, strict=True):
            if homes is not None:
                _homes(ax, n.plan, homes, scale)
            _schools(ax, table[table.year == year], table.pupils.max(), scale)
            ax.set_title(words)
            ax.set_aspect("equal")
            ax.axis("off")
        _scale_bar(axes[0, 0])
        _keys(figure, axes, n, table, scale)
        return picture("map", title, _caption(n, homes is not None), figure)


def _height(n: Numbers, table) -> float:
    """Inches of the figure, by the shape of the city."""
    x, y = table.x_km.to_numpy(), table.y_km.to_numpy()
    if n.plan is not None:
        corners = [ring for rings in n.plan.outlines for ring in rings] or [
            np.stack([n.plan.place_x, n.plan.place_y], 1)
        ]
        x, y = np.concatenate([x, *(c[:, 0] for c in corners)]), np.concatenate([y, *(c[:, 1] for c in corners)])
    return float(np.clip(1.7 + 3.2 * np.ptp(y) / max(np.ptp(x), 1e-9), 3.0, 5.5))


def _shares(n: Numbers) -> np.ndarray | None:
    """(area,) minority share of the pupils who live there at the start, not-a-number where none do."""
    if n.plan is None:
        return None
    total = n.plan.pupils.sum(axis=1)
    return np.where(total > 0, n.plan.pupils[:, 1:].sum(axis=1) / np.maximum(total, 1), np.nan)


def _scale(homes: np.ndarray | None, table) -> Normalize:
    """Colours from zero to the 98 % quantile of what is shown, rounded up to a tenth."""
    values = [table.minority_share.to_numpy(), *([] if homes is None else [homes[np.isfinite(homes)]])]
    top = np.quantile(np.concatenate(values), 0.98)
    return Normalize(0, min(1.0, max(0.1, np.ceil(top * 10 - 1e-9) / 10)))


def _homes(ax, plan, homes: np.ndarray, scale: Normalize) -> None:
    """Small areas as their outlines; without outlines as the ground nearest to their places, where pupils live."""
    known = any(plan.outlines)
    for a, rings in enumerate(plan.outlines if known else _grounds(plan)):
        if rings and (known or np.isfinite(homes[a])):
            colour = SHARE(scale(homes[a])) if np.isfinite(homes[a]) else GRID
            edge = PAPER if known else colour
            ax.add_collection(PathCollection([_path(rings)], facecolors=[colour], edgecolors=[edge], linewidths=0.3))
    ax.autoscale_view()


def _grounds(plan) -> list[list[np.ndarray]]:
    """(area,) rings around the ground that is nearest to the places of each area, holes included."""
    x, y = plan.place_x, plan.place_y
    reach = 1.6 * np.median(cKDTree(np.stack([x, y], 1)).query(np.stack([x, y], 1), k=min(6, x.size))[0][:, -1])
    step = max(np.ptp(x), np.ptp(y), reach) / CELLS
    across, up = np.arange(x.min() - reach, x.max() + reach, step), np.arange(y.min() - reach, y.max() + reach, step)
    gap, near = cKDTree(np.stack([x, y], 1)).query(np.stack(np.meshgrid(across, up), -1), distance_upper_bound=reach)
    area = np.where(np.isfinite(gap), np.append(plan.place_area, -1)[near], -1)
    return [_rings(area == a, across, up) for a in range(plan.pupils.shape[0])]


def _rings(inside: np.ndarray, across: np.ndarray, up: np.ndarray) -> list[np.ndarray]:
    """Rings (point, 2) around the cells of a mask (up, across), without the points on straight stretches."""
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return []
    low, left = rows[0], columns[0]
    part = np.pad(inside[low : rows[-1] + 1, left : columns[-1] + 1], 1).astype(float)
    step = across[1] - across[0]
    out = []
    for line in contour_generator(z=part).lines(0.5):
        ring = line[:-1]
        (x0, y0), (x1, y1) = (ring - np.roll(ring, 1, axis=0)).T, (np.roll(ring, -1, axis=0) - ring).T
        out.append(ring[np.abs(x0 * y1 - y0 * x1) > 1e-9] * step + (across[left] - step, up[low] - step))
    return out


def _path(rings) -> Path:
    """A compound path of rings, holes included."""
    closed = [np.vstack([ring, ring[:1]]) for ring in rings]
    codes = [[Path.MOVETO] + [Path.LINETO] * (len(ring) - 2) + [Path.CLOSEPOLY] for ring in closed]
    return Path(np.concatenate(closed), np.concatenate(codes))


def _schools(ax, table, largest: float, scale: Normalize) -> None:
    """Schools by size and minority share, sectors by shape; large ones first, so that none is hidden."""
    table = table.sort_values("pupils", ascending=False)
    for sector, marker in MARKER.items():
        rows = table[table.sector == sector]
        size = _size(rows.pupils, largest, len(table))
        ax.scatter(rows.x_km, rows.y_km, s=size, marker=marker, color=PAPER, edgecolors=PAPER, linewidths=2, zorder=3)
        ax.scatter(
            rows.x_km, rows.y_km, s=size, c=SHARE(scale(rows.minority_share)),
            marker=marker, edgecolors=INK, linewidths=0.6, zorder=3,
        )  # fmt: skip


def _size(pupils, largest: float, schools: float):
    """Square points of a school's disc: smaller where there are many schools."""
    return 6 + min(DISCS / schools, 140) * pupils / largest


def _scale_bar(ax) -> None:
    """A bar of a round number of kilometres at the lower left."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    wanted = (right - left) / 4
    power = 10 ** np.floor(np.log10(wanted))
    km = power * max(step for step in (1, 2, 5) if step * power <= wanted)
    y = low - 0.04 * (high - low)
    ax.plot([left, left + km], [y, y], color=INK, linewidth=2)
    ax.set_xlim(left, right)
    ax.set_ylim(low - 0.07 * (high - low), high)
    ax.annotate(f"{km:g} km", (left + km, y), (4, 0), textcoords="offset points", va="center")


def _keys(figure, axes, n: Numbers, table, scale: Normalize) -> None:
    """The scale of colours and the meaning of shapes and sizes."""
    bar = figure.colorbar(
        ScalarMappable(scale, SHARE), ax=axes, location="bottom", fraction=0.04, aspect=45, pad=0.02, extend="max",
        format=as_percent,
    )  # fmt: skip
    bar.set_label(f"share of {n.sides[1]} pupils, in homes and in schools")
    bar.outline.set_visible(False)
    marks = [
        Line2D(
            [], [], marker=MARKER[s], color="none", markerfacecolor="none", markeredgecolor=INK, label=SECTOR_NAME[s]
        )
        for s in MARKER
        if (table.sector == s).any()
    ]
    sizes = {float(f"{pupils:.1g}"): pupils for pupils in (table.pupils.max(), table.pupils.median())}
    for about, pupils in sizes.items():
        size = np.sqrt(_size(pupils, table.pupils.max(), len(table) / len(n.moments)))
        text = f"{about:,.0f} pupils"
        marks.append(Line2D([], [], marker="o", color="none", markeredgecolor=MUTED, markersize=size, label=text))
    figure.legend(handles=marks, loc="outside lower center", ncols=len(marks), frameon=False, handletextpad=0.3)


def _caption(n: Numbers, homes: bool) -> str:
    ground = (
        f"Ground: share of {n.sides[1]} pupils among those who live there at the start, by {n.resolution}. "
        if homes
        else "The homes are not shown: the city's tables are not at hand. "
    )
    made = "Sites of homes and schools are made up. " if n.config.city.kind != "tables" else ""
    return (
        f"{ground}Discs: schools by number of pupils and share of {n.sides[1]} pupils. {made}One run, seed {n.typical}, whose D "
        f"at the end is nearest to the median of {len(n.seeds)}. It shows a pattern, not the future of any school. "
        "Source: this run of the model."
    )
