// Draws a folder of Vega-Lite specifications to PNG in one process, twice, and prints the milliseconds of the second
// pass: the reference, warm. For tools/bench gallery, which copies it to where the reference is installed: node
// bench_gallery.mjs BASE SPEC...
import fs from 'fs';
import * as vega from 'vega';
import * as vl from 'vega-lite';

const [base, ...files] = process.argv.slice(2);
const quiet = {
  level() { return quiet; },
  error() { return quiet; },
  warn() { return quiet; },
  info() { return quiet; },
  debug() { return quiet; }
};
async function pass() {
  let drawn = 0;
  for (const file of files) {
    try {
      const spec = vl.compile(JSON.parse(fs.readFileSync(file, 'utf8')), {logger: quiet}).spec;
      const view =
          new vega.View(vega.parse(spec), {loader: vega.loader({baseURL: base}), logger: quiet, renderer: 'none'})
              .finalize();
      await view.runAsync();
      drawn += (await view.toCanvas(1)).toBuffer('image/png').length > 0;
    } catch { /* Counted as not drawn. */
    }
  }
  return drawn;
}
await pass();
const start = performance.now();
const drawn = await pass();
console.log(JSON.stringify({drawn, ms: performance.now() - start}));
process.exit(0);
