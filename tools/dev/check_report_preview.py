#!/usr/bin/env python3
"""Makes a report of everything with plots for dark pages,
previews it in headless Chromium, light and dark, and checks that
every picture of either scheme loaded and that the dark page shows the dark ones.

Usage: check_report_preview.py CML FIXTURES [SCREENSHOT_PREFIX]. Exits 77 (skipped) where Chromium is absent.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

cml, fixtures = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
prefix = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else None
browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if not browser:
    print("skipped: no Chromium on this machine (Debian package chromium)")
    sys.exit(77)

COUNTER = """<script>addEventListener('load', () => { const all = [...document.images];
const loaded = all.filter(i => i.complete && i.naturalWidth > 50);
const source = i => i.closest('picture')?.querySelector('source').srcset;
document.documentElement.dataset.images = loaded.length + ' of ' + all.length;
document.documentElement.dataset.dark = all.filter(i => source(i) === i.currentSrc).length; });</script>"""

with tempfile.TemporaryDirectory() as folder:
    work = pathlib.Path(folder, "work")
    shutil.copytree(fixtures / "report", work)
    shutil.copytree(fixtures / "recipes", work, dirs_exist_ok=True)
    shutil.copy(work / "keras.csv", work / "old.csv")
    run = lambda *words: subprocess.run([cml, *words], cwd=work, check=True, capture_output=True, text=True)
    run(
        "report",
        "create",
        "--strict",
        "--dark",
        "--title",
        "Everything",
        "--metrics",
        "classification_report.json",
        "junit.xml",
        "--table",
        "classification_report.json",
        "--section",
        "Plots",
        "--plot",
        "logs/history.csv:x=epoch,y=loss,y=val_loss,title=Loss",
        "evaluation/roc.csv:template=roc",
        "evaluation/confusion.csv:template=confusion",
        "evaluation/importance.csv:template=importance",
        "tensorboard:y=train/loss,x=step",
        "--image",
        "plot.png",
        "--details",
        "Output",
        "--log",
        "pytest.log",
        "-o",
        "report.md",
    )
    run("report", "preview", "report.md")
    page = work / "report.html"
    text = page.read_text()
    if re.search(r'(src|srcset|href)="(?!data:|https?://|#)', text):
        sys.exit("the page names a file beside it")
    copy = page.with_name("counted.html")
    copy.write_text(re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", text) + COUNTER)
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
    for scheme, setting in (("light", "1"), ("dark", "0")):
        scheme_flags = [*flags, f"--blink-settings=preferredColorScheme={setting}"]
        dom = subprocess.run(
            [*scheme_flags, "--dump-dom", copy.as_uri()], capture_output=True, text=True, timeout=120
        ).stdout
        counted = re.search(r'data-images="(\d+) of (\d+)"', dom)
        dark = re.search(r'data-dark="(\d+)"', dom)
        if not counted or not dark:
            sys.exit("Chromium did not run the page")
        print(f"{scheme}: {counted.group(1)} of {counted.group(2)} images loaded, {dark.group(1)} of them dark")
        if prefix:
            subprocess.run(
                [*scheme_flags, "--window-size=1000,2600", f"--screenshot={prefix}-{scheme}.png", page.as_uri()],
                capture_output=True,
                timeout=120,
            )
        if (
            counted.group(1) != counted.group(2)
            or int(counted.group(2)) != 6
            or int(dark.group(1)) != (5 if scheme == "dark" else 0)
        ):
            sys.exit(1)
