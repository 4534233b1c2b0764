#!/usr/bin/env python3
"""Times drawing a folder of Vega-Lite specifications to PNG in one process: ours, started anew each time,
beside the reference's second
pass in a process that is warm. The reference keeps its pictures in memory; ours writes them as files.
Usage: bench_gallery.py --cml BINARY --reference ORACLE_FOLDER --gallery FOLDER [--runs N]"""
import argparse, glob, json, os, shutil, statistics, subprocess, tempfile, time

parser = argparse.ArgumentParser()
parser.add_argument('--cml', required=True)
parser.add_argument('--reference', required=True)
parser.add_argument('--gallery', required=True)
parser.add_argument('--runs', type=int, default=5)
options = parser.parse_args()

base = os.path.abspath(options.gallery)
specs = sorted(glob.glob(f'{base}/vega-lite/*.vl.json'))
if not specs:
    raise SystemExit(f'no specifications in {base}/vega-lite')
environment = {**os.environ, 'TZ': 'UTC', 'FONTCONFIG_FILE': f'{options.reference}/fonts.conf'}

script = os.path.join(options.reference, 'bench_gallery.mjs')  # Beside the modules that it imports.
shutil.copy(os.path.join(os.path.dirname(__file__), 'bench_gallery.mjs'), script)
answer = subprocess.run(
    ['node', script, base, *specs], env=environment, check=True, capture_output=True, text=True
).stdout
reference = json.loads(answer)['ms']
print(f'{len(specs)} specifications; reference, warm: {reference:.0f} ms')

cores = len(os.sched_getaffinity(0))
for jobs in sorted({1, cores}):
    times = []
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory() as pictures:
            start = time.perf_counter()
            subprocess.run(
                [options.cml, 'vega-render', '--jobs', str(jobs), '--base', base, '--output-dir', pictures, *specs],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            times.append(1000 * (time.perf_counter() - start))
            drawn = len(os.listdir(pictures))
    middle = statistics.median(times)
    print(
        f'ours, {jobs} core{"s" * (jobs > 1)}: {middle:.0f} ms ({min(times):.0f} to {max(times):.0f}), {drawn} drawn: '
        f'{reference / middle:.1f} times faster'
    )
