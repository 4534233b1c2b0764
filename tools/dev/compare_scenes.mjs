// Is the compiler right by itself? Feeds the Vega that cml makes of Vega-Lite specifications to the reference runtime
// and compares the scene with that of the reference's own Vega: marks and their counts, positions within half a pixel,
// texts and colours. Usage: node compare_scenes.mjs ORACLE_FOLDER CML GALLERY_FOLDER [MIN_PERCENT] (GALLERY_FOLDER
// holds data/ and vega-lite/NAME.vl.json, NAME.vg.json) Run with TZ=UTC FONTCONFIG_FILE=ORACLE_FOLDER/fonts.conf.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, readdirSync, rmSync, existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const [oracle, cml, gallery, least = '97'] = process.argv.slice(2);
if (!gallery) throw new Error('usage: compare_scenes.mjs ORACLE_FOLDER CML GALLERY_FOLDER [MIN_PERCENT]');
const require = createRequire(pathToFileURL(`${oracle}/node_modules/`));
const vega = await import(pathToFileURL(require.resolve('vega')));
const {sceneToJSON} = await import(pathToFileURL(require.resolve('vega-scenegraph')));
Date.now = () => Date.UTC(2024, 0, 1);
const quiet = {
  level() { return quiet; },
  error() { return quiet; },
  warn() { return quiet; },
  info() { return quiet; },
  debug() { return quiet; }
};

async function scene(file) {
  const random = vega.randomLCG(42);
  vega.setRandom(random);
  Math.random = random;
  const view = new vega
                   .View(
                       vega.parse(JSON.parse(readFileSync(file, 'utf8'))),
                       {loader: vega.loader({baseURL: gallery}), logger: quiet, renderer: 'none'})
                   .finalize();
  await view.runAsync();
  return JSON.parse(sceneToJSON(view.scenegraph().root));
}

// The first difference, or undefined.
function difference(a, b, path = '') {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= 0.5 ? undefined : `${path}: ${a} and ${b}`;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object')
    return a === b ? undefined : `${path}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`;
  if (Array.isArray(a) && a.length !== b.length) return `${path}: ${a.length} and ${b.length} items`;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key], b[key], `${path}/${key}`);
    if (found) return found;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'cml-scenes-'));
const specs = readdirSync(join(gallery, 'vega-lite'))
                  .filter(name => name.endsWith('.vl.json'))
                  .map(name => join(gallery, 'vega-lite', name));
try {
  execFileSync(
      cml, ['vega-render', '-f', 'vega', '--base', gallery, '--output-dir', folder, ...specs], {stdio: 'ignore'});
} catch { /* What it refused is missing below. */
}
let agree = 0;
for (const spec of specs) {
  const name = spec.split('/').pop().replace('.vl.json', ''), ours = join(folder, `${name}.vg.json`);
  let fault = existsSync(ours) ? undefined : 'not compiled', theirs;
  try {
    theirs = await scene(spec.replace('.vl.json', '.vg.json'));
  } catch (error) {
    theirs = String(error);
  }
  if (!fault) {
    try {
      fault = difference(theirs, await scene(ours));
    } catch (error) {
      fault = String(error) === theirs ? undefined : String(error);
    }
  }
  if (fault)
    console.log(`${name}: ${fault}`);
  else
    ++agree;
}
rmSync(folder, {recursive: true});
console.log(`${agree} of ${specs.length} scenes agree`);
process.exit(100 * agree >= +least * specs.length ? 0 : 1);
