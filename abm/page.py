"""What all pages are made of: one look, light or dark on screen and light on A4, drawings as lines, and one line at the foot."""

import re
from collections.abc import Iterable
from html import escape as _escape
from pathlib import Path
from typing import NamedTuple

from abm import __version__
from abm.cache_folder import DIGEST
from abm.config import Config, parameters
from abm.summary import Table

LOOK = Path(__file__).with_name("look.css")  # colours and letters, of the screen too
FORMS = Path(__file__).with_name("report.css")
MORE = "limits"  # the part of a page that says more than its foot
FORECAST = "no forecast"
WHOLE = 25  # rows up to which a table is kept on one sheet


class Foot(NamedTuple):
    """What the last line of every page says: model version, seeds, sources, assumptions, limits, and where there is more."""

    seeds: str
    sources: str
    assumptions: str
    limits: str = FORECAST
    version: str = __version__
    code: str = DIGEST

    def line(self) -> str:
        """The line, with a link to the part of the page that says more."""
        said = f"schoolflight {self.version} ({self.code[:8]})", self.seeds, *(
            f"{name}: {words}" for name, words in
            (("sources", self.sources), ("assumptions", self.assumptions), ("limits", self.limits))
        )  # fmt: skip
        return f"<footer>{escape(' · '.join(said))} · <a href='#{MORE}'>more</a></footer>"


def declared() -> tuple[int, int]:
    """How many of the model's parameters have a default that is an assumption, and how many there are."""
    own = [p for p in parameters(Config) if p.key.partition(".")[0] not in ("title", "description", "run", "city")]
    return sum(p.source.startswith("assumption") for p in own), len(own)


def escape(text: str, quote: bool = True) -> str:
    """Text for the page: nothing in it is markup, and a unit stays beside its number."""
    return _escape(text, quote).replace(" %", "\u00a0%").replace(" km", "\u00a0km")


def prose(text: str) -> str:
    """A text for the page in which `marked` words are code."""
    return re.sub(r"(``?)([^`]+)\1", r"<code>\2</code>", escape(text))


def document(title: str, parts: Iterable[str], foot: Foot, style: str = "") -> str:
    """A whole page of ``parts``, one of them named MORE; ``style``: further CSS."""
    css = "".join(path.read_text(encoding="utf-8") for path in (LOOK, FORMS))
    return (
        "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        f"<title>{escape(title)} - schoolflight</title>\n<style>\n{css}{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join([*parts, foot.line()]) + "\n</main>\n</body>\n</html>\n"
    )  # fmt: skip


def section(title: str, body: str, name: str = "") -> str:
    """A titled part of the page; with a name, the page can lead there."""
    here = f" id='{name}'" if name else ""
    return f"<section{here}><h2>{escape(title)}</h2>\n{body}</section>"


def paragraphs(texts: Iterable[str], kind: str = "") -> str:
    """Texts as paragraphs."""
    start = f"<p class='{kind}'>" if kind else "<p>"
    return "".join(f"{start}{prose(text)}</p>" for text in texts)


def bullets(texts: Iterable[str], tag: str = "ul") -> str:
    """Texts as a list."""
    return f"<{tag}>{''.join(f'<li>{prose(text)}</li>' for text in texts)}</{tag}>"


def table(t: Table) -> str:
    """A table with the scope of its headers, wide ones scroll."""
    head = "".join(f"<th scope='col'>{escape(cell)}</th>" for cell in t.head)
    rows = []
    for label, *cells in t.rows:
        inner = " class='in'" if label.startswith(" ") else ""
        tail = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        rows.append(f"<tr><th scope='row'{inner}>{escape(label.strip())}</th>{tail}</tr>")
    caption = f"<caption>{escape(t.title)}</caption>" if t.title else ""
    note = f"<p class='note'>{prose(t.note)}</p>" if t.note else ""
    body = "\n".join(rows)
    kind = "whole" if len(t.rows) <= WHOLE else "long"
    return f"<div class='{kind}'><div class='scroll'><table>{caption}<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>{note}</div>\n"


def figure(picture) -> str:
    """A figure with its caption, which is also its text for those who do not see it."""
    alt = escape(f"{picture.title}. {picture.caption}")
    drawing = picture.svg.replace("<svg", f"<svg role='img' aria-label='{alt}'", 1)
    return f"<figure>{drawing}<figcaption>{escape(picture.caption)}</figcaption></figure>\n"
