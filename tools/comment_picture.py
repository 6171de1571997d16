"""Draws the README's pictures of a comment: `python tools/comment_picture.py`.

The comment is that of a recorded preview, as GitHub shows it, once for light pages and once for
dark ones. It needs what `scripts/test` installs, and a Chromium on PATH or in CHROMIUM.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Literal

from markdown_it import MarkdownIt
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
COMMENT = ROOT / "tests" / "preview" / "recordings" / "replace-destroys.md"
PICTURES = ROOT / "docs" / "images"

_SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
_ALERT = re.compile(r"<blockquote>\n<p>\[!([A-Z]+)\]\s*(.*?)</blockquote>", re.DOTALL)
_PAGE = """<!doctype html>
<html><head><style>
:root {{
  color-scheme: light dark;
  --text: light-dark(#1f2328, #f0f6fc); --muted: light-dark(#59636e, #9198a1);
  --page: light-dark(#ffffff, #0d1117); --line: light-dark(#d1d9e0, #3d444d);
  --head: light-dark(#f6f8fa, #151b23); --code: light-dark(#818b981f, #656c7633);
  --caution: light-dark(#cf222e, #f85149); --warning: light-dark(#9a6700, #d29922);
  --note: light-dark(#0969da, #4493f8);
}}
body {{ margin: 0; }}
article {{
  width: 900px; padding: 0 16px 8px; border: 1px solid var(--line); border-radius: 6px;
  font: 14px/1.5 "Noto Sans", "Liberation Sans", "DejaVu Sans", Arial, sans-serif;
  color: var(--text); background: var(--page);
}}
header {{
  margin: 0 -16px; padding: 8px 16px; border-bottom: 1px solid var(--line);
  border-radius: 6px 6px 0 0; color: var(--muted); background: var(--head);
}}
header b {{ color: var(--text); }}
h3 {{ margin: 16px 0; font-size: 17.5px; }}
code {{
  padding: .2em .4em; border-radius: 6px; background: var(--code);
  font: 85% "Liberation Mono", "DejaVu Sans Mono", monospace;
}}
aside {{ margin: 0 0 16px; padding: 8px 16px; border-left: 4px solid var(--kind); }}
aside > strong:first-child {{ color: var(--kind); font-weight: 500; }}
aside > :last-child {{ margin-bottom: 0; }}
p, ul {{ margin: 0 0 10px; }}
li > ul {{ margin: 0; }}
ul {{ padding-left: 2em; }}
table {{ border-collapse: collapse; margin-bottom: 16px; font-size: 12.5px; }}
th, td {{ padding: 6px 10px; border: 1px solid var(--line); text-align: left; }}
</style></head><body><article>
<header><b>github-actions</b> commented</header>
{comment}
</article></body></html>
"""


def main() -> None:
    """Write both pictures."""
    markdown = MarkdownIt("commonmark").enable("table")
    html = markdown.render(COMMENT.read_text(encoding="utf-8"))
    page_text = _PAGE.format(comment=_ALERT.sub(_alert, html))
    PICTURES.mkdir(exist_ok=True)
    browser_path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path)
        for scheme in _SCHEMES:
            page = browser.new_page(color_scheme=scheme, device_scale_factor=2)
            page.set_content(page_text)
            page.locator("article").screenshot(
                omit_background=True, path=PICTURES / f"comment-{scheme}.png"
            )
        browser.close()


def _alert(found: re.Match[str]) -> str:
    kind, text = found[1], found[2]
    return (
        f'<aside style="--kind: var(--{kind.lower()})"><strong>{kind.capitalize()}</strong>'
        f"<p>{text}</aside>"
    )


if __name__ == "__main__":
    main()
