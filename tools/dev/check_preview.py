#!/usr/bin/env python3
"""Posts the demo's report on the local forge,
opens the preview in headless Chromium, and checks that every image loaded.

Usage: check_preview.py CML FIXTURES [SCREENSHOT]. Exits 77 (skipped) where Chromium is absent.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

cml, fixtures = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
screenshot = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else None
browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if not browser:
    print("skipped: no Chromium on this machine (Debian package chromium)")
    sys.exit(77)

with tempfile.TemporaryDirectory() as folder:
    work = pathlib.Path(folder, "work")
    shutil.copytree(fixtures, work)
    environment = dict(os.environ, CML_DRIVER="local", CML_LOCAL_FOLDER=".cml")
    run = lambda *words: subprocess.run(
        [cml, *words], cwd=work, env=environment, check=True, capture_output=True, text=True
    )
    run("vega-render", "confusion.vl.json", "--output", "confusion.png")
    first = run("comment", "create", "report.md").stdout
    shutil.move(work / "report_changed.md", work / "report.md")
    second = run("comment", "update", "report.md").stdout
    if first != second or "preview.html" not in first:
        sys.exit(f"the update answered {second!r}, the first post {first!r}")

    # A copy of the page beside it counts its images when everything has loaded, and says so in its title.
    page = work / ".cml" / "preview.html"
    text = page.read_text()
    if "0.8110" not in text:
        sys.exit("the preview does not show the changed report")
    counter = """<script>addEventListener('load', () => {
const all = [...document.images].filter(i => !i.src.includes('cml.dev'));
const loaded = all.filter(i => i.complete && i.naturalWidth > 50);
document.documentElement.dataset.images = loaded.length + ' of ' + all.length; });</script>"""
    copy = page.with_name("counted.html")
    # Without the policy, which lets no script run.
    copy.write_text(re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", text) + counter)
    flags = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        f"--user-data-dir={folder}/profile",
        "--virtual-time-budget=5000",
    ]
    dom = subprocess.run([*flags, "--dump-dom", copy.as_uri()], capture_output=True, text=True, timeout=120).stdout
    counted = re.search(r'data-images="(\d+) of (\d+)"', dom)
    if not counted:
        sys.exit("Chromium did not run the page")
    print(f"{counted.group(1)} of {counted.group(2)} images loaded")
    if screenshot:
        subprocess.run(
            [*flags, "--window-size=900,1100", f"--screenshot={screenshot}", page.as_uri()],
            capture_output=True,
            timeout=120,
        )
        print(f"screenshot: {screenshot}")
    sys.exit(0 if counted.group(1) == counted.group(2) and int(counted.group(2)) >= 2 else 1)
