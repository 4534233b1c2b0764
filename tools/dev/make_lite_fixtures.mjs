// Compiles every fixtures/vega/lite/*/spec.vl.json with the reference compiler into expected.vg.json beside it.
// Usage: node tools/dev/make_lite_fixtures.mjs (run where the npm package vega-lite is installed; NODE_MODULES names
// the folder that holds it when it is not found from here).
import fs from 'node:fs';
import path from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../fixtures/vega/lite');
const entry = process.env.NODE_MODULES ?
    pathToFileURL(path.join(process.env.NODE_MODULES, 'vega-lite/build/index.js')).href :
    'vega-lite';
const {compile} = await import(entry);
const silent = {
  level: () => silent,
  error: () => silent,
  warn: () => silent,
  info: () => silent,
  debug: () => silent
};

let count = 0;
for (const name of fs.readdirSync(folder).sort()) {
  const source = path.join(folder, name, 'spec.vl.json');
  if (!fs.existsSync(source)) continue;
  const spec = JSON.parse(fs.readFileSync(source, 'utf8'));
  const compiled = compile(spec, {logger: silent}).spec;
  fs.writeFileSync(path.join(folder, name, 'expected.vg.json'), JSON.stringify(compiled, null, 1) + '\n');
  ++count;
}
console.log(`${count} fixtures written`);
