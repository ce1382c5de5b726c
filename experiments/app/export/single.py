"""One HTML file with both futures inside: it plays, or is printed, without a server and asks nothing of anybody.

The page's own modules are put into it as one script; its data are JSON and the packed families, compressed.
"""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from abm.page import LOOK
from experiments.app.export.asked import Asked
from experiments.app.export.bundle import bundle
from experiments.app.export.sample import FAMILIES, local_schools, pack, read, thin

PAGE = Path(__file__).parents[1] / "page"
STYLE = re.compile(r'<link rel="stylesheet" href="/page/([\w.-]+)">')  # the page\'s style sheets
OFFLINE, HANDOUT = "offline", "handout"


def offline(of: Asked, about: dict[str, Any], shown: dict[str, Any]) -> str:
    """The two futures as a page that plays. about: the city as the page knows it; shown: language, bands, verdict."""
    body = (PAGE / "index.html").read_text(encoding="utf-8")
    body = re.search(r"<body>\n(.*)</body>", body, re.S)[1]
    body = re.sub(r"<script\b.*?</script>\n?|<aside\b.*?</aside>\n?", "", body, flags=re.S)
    return _document(of, OFFLINE, body, about, shown, range(of.session.years + 1))


def handout(of: Asked, about: dict[str, Any], shown: dict[str, Any]) -> str:
    """The two futures on A4, to be printed: all families of the first and last year."""
    body = (PAGE / "handout.html").read_text(encoding="utf-8")
    years = sorted({0, of.session.years})
    return _document(of, HANDOUT, body, about, shown, years, families=10**9)


def content(
    of: Asked, about: dict[str, Any], shown: dict[str, Any], years, families: int
) -> tuple[dict[str, Any], bytes]:
    """What the file holds: a tree for JSON, and the packed families of both futures."""
    frames = [read(future.frame(year)) for future in of.futures for year in years]
    block, packed = pack(thin(frames, families))
    zones, packed["zones"] = local_schools(
        [future.states[year].world.city.local for future in of.futures for year in years]
    )
    tree = {
        "about": about, "session": of.session.tree(), "shown": shown, "packed": packed, "name": of.name,
        "futures": [future.told() for future in of.futures],
        "all_families": max((frame.key.size for frame in frames), default=0),
        "words": {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(PAGE.glob("words/*.json"))},
    }  # fmt: skip
    return tree, block + zones


def wrap(tree: dict[str, Any], block: bytes) -> str:
    """Tree and block as text: the length of the JSON, the JSON, the block; compressed, in letters."""
    text = json.dumps(tree, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    whole = np.array([len(text)], "<u4").tobytes() + text + block
    return base64.b64encode(gzip.compress(whole, 9, mtime=0)).decode()


def unwrap(html: str) -> tuple[dict[str, Any], bytes]:
    """The tree and the block inside a file made here."""
    text = re.search(r'<script id="data" type="text/plain">([^<]*)</script>', html)[1]
    whole = gzip.decompress(base64.b64decode(text))
    length = int(np.frombuffer(whole, "<u4", 1)[0])
    return json.loads(whole[4 : 4 + length]), whole[4 + length :]


def _document(of: Asked, kind: str, body: str, about, shown, years, families: int = FAMILIES) -> str:
    script = bundle(PAGE, f"{kind}.js").replace("</", "<\\/")
    sheets = STYLE.findall((PAGE / "index.html").read_text(encoding="utf-8"))
    style = "\n".join((LOOK if name == LOOK.name else PAGE / name).read_text(encoding="utf-8") for name in sheets)
    policy = f"default-src 'none'; script-src '{_digest(script)}'; style-src 'unsafe-inline'; img-src data: blob:"
    data = wrap(*content(of, about, shown, years, families))
    light = ' class="light"' if kind == HANDOUT else ""
    language, title = str(shown.get("language", "en")), of.base.title
    return (
        f'<!doctype html>\n<html lang="{_plain(language)}"{light}>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{_plain(title)} - schoolflight</title>\n<link rel="icon" href="data:,">\n<style>\n{style}</style>\n</head>\n'
        f'<body class="{kind}">\n{body}<script id="data" type="text/plain">{data}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )  # fmt: skip


def _digest(script: str) -> str:
    """The script's name in the page's security policy: no other script runs in the file."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _plain(text: str) -> str:
    """Text for a page or an attribute."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
