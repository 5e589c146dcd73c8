"""A page opened in a real browser, without a window, and what is then seen of it."""

import json
import re
import shutil
import subprocess

import pytest

_QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-sync", "--disable-background-networking", "--disable-component-update",
    "--window-size=1200,900",
]  # fmt: skip
_LIMIT_S = 120

# Runs in the page when it has been laid out. `seen`: nothing lies over the element's middle.
_LOOK = """
<script>
window.addEventListener("load", () => {
  const box = e => { const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height] };
  const found = selector => [...document.querySelectorAll(selector)].map(e => {
    const [x, y, width, height] = box(e), style = getComputedStyle(e);
    e.scrollIntoView({block: "center"});
    const [nx, ny, w, h] = box(e), top = document.elementFromPoint(nx + w / 2, ny + h / 2);
    scrollTo(0, 0);
    return {x, y, width, height, text: e.textContent.trim(),
            inner: [...e.querySelectorAll("path, use, text")].filter(
              each => { const b = box(each); return b[2] + b[3] > 0 }).length,
            seen: style.visibility == "visible" && style.opacity > 0 && e.contains(top)};
  });
  const told = {width: document.documentElement.scrollWidth, found: {}};
  for (const selector of SELECTORS) told.found[selector] = found(selector);
  told.fetched = performance.getEntriesByType("resource").map(each => each.name);
  const pre = document.createElement("pre");
  pre.id = "looked-at";
  pre.textContent = JSON.stringify(told);
  document.body.append(pre);
});
</script>
"""


def looked_at(page, folder, *selectors):
    """Of a page (a file): its width, and of each selector's elements place, size, text, how many
    drawn parts they have, whether they are seen; what was fetched; `errors` of its console."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if browser is None:
        pytest.skip("there is no Chromium here")
    copy = folder / "looked-at.html"
    look = _LOOK.replace("SELECTORS", json.dumps(selectors))
    copy.write_text(page.read_text(encoding="utf-8") + look, encoding="utf-8")
    run = [browser, *_QUIET, f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr"]
    done = subprocess.run(
        [*run, "--virtual-time-budget=5000", "--dump-dom", copy.as_uri()],
        capture_output=True, text=True, check=True, timeout=_LIMIT_S,
    )  # fmt: skip
    told = re.search(r'<pre id="looked-at">(.*?)</pre>', done.stdout, re.DOTALL)
    assert told, done.stderr[-2000:]
    text = told[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    errors = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(text) | {"errors": errors}
