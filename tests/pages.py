"""What holds for every page that the project writes, looked at in its text and, where there is a browser, on paper."""

import re
import shutil
from html import unescape

WIDE, HIGH = 688, 1025  # pixels of A4 within its margins
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PAPER = """() => {
  const wide = innerWidth, right = (e) => e.getBoundingClientRect().right, foot = document.querySelector("footer");
  return {
    background: getComputedStyle(document.body).backgroundColor,
    scheme: getComputedStyle(document.documentElement).colorScheme,
    over: document.documentElement.scrollWidth - wide,
    cut: [...document.querySelectorAll("table, figure, pre, svg, p, li")].filter((e) => right(e) > wide + 1).map((e) => e.tagName + e.textContent.slice(0, 60)),
    tall: [...document.querySelectorAll("figure")].map((e) => e.getBoundingClientRect().height),
    foot: foot && (foot.clientHeight - parseFloat(getComputedStyle(foot).paddingTop)) / parseFloat(getComputedStyle(foot).lineHeight),
  };
}"""


def sound(html: str) -> None:
    """One line at the foot that says all and leads on; drawings as lines; nothing fetched; a look for paper."""
    feet = re.findall(r"<footer>(.*?)</footer>", html, re.S)
    assert len(feet) == 1 and "\n" not in feet[0]
    said = unescape(re.sub(r"<[^>]+>", "", feet[0]))
    version, _seeds, *rest, more = said.split(" · ")
    assert re.fullmatch(r"schoolflight \S+ \(\w{8}\)", version) and more == "more"
    assert [part.partition(": ")[0] for part in rest] == ["sources", "assumptions", "limits"]
    target = re.search(r"<a href='#(\w+)'>more</a>", feet[0])[1]
    assert html.count(f"id='{target}'") == 1
    assert "<img" not in html and "<image" not in html and "data:image" not in html
    assert not re.search(
        r"(?:src|href)\s*=\s*['\"]?(?!['\"]?(?:#|data:))", re.sub(r"<pre.*?</pre>", "", html, flags=re.S)
    )
    assert "@media print" in html and "@page { size: A4" in html
    assert "prefers-color-scheme: dark" in html
    assert all("screen" in rule for rule in re.findall(r"@media [^{]*prefers-color-scheme: dark[^{]*", html))


def chromium() -> str | None:
    """The browser of this machine, if there is one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def printed(browser, address: str, most: int) -> None:
    """Print a page for a reader of dark screens: A4, light, nothing cut, no figure higher than a sheet, ``most`` sheets."""
    page = browser.new_page(viewport={"width": WIDE, "height": HIGH}, color_scheme="dark")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.emulate_media(media="print", color_scheme="dark")
    seen = page.evaluate(PAPER)
    assert seen["background"] == "rgb(255, 255, 254)" and seen["scheme"] in ("normal", "light")
    assert seen["over"] <= 0 and seen["cut"] == []
    assert max(seen["tall"], default=0) < HIGH
    assert seen["foot"] < 1.6, seen
    sheet = page.pdf(prefer_css_page_size=True)
    page.close()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", sheet)
    assert boxes and all(abs(float(w) - 595.3) < 1 and abs(float(h) - 841.9) < 1 for w, h in boxes)
    assert len(boxes) <= most, len(boxes)
    assert asked == [address]
