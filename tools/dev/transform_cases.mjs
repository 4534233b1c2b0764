// Runs transforms in the reference for the make_*_fixtures.mjs scripts: each test {data: name, transform: [...]} gets
// the rows that it makes, or {$error: message}. The first line of the file holds the data themselves.
import {writeFileSync} from 'node:fs';

const plain = value => value === undefined ? {$: 'undefined'}
  : typeof value === 'number' && !Number.isFinite(value) ? {$: String(value)}
  : Object.is(value, -0) ? {$: '-0'}
  : Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value, plain)
  : value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]))
  : value;
const quiet = {level() { return this; }, error(e) { throw e; }, warn() { return this; }, info() { return this; },
  debug() { return this; }};
export async function writeCases(vega, data, tests, file) {
  const cases = [{data}];
  for (const t of tests) {
    let result;
    try {
      const spec = {data: [{name: 'd', values: JSON.parse(JSON.stringify(data[t.data])), transform: t.transform}]};
      const view = new vega.View(vega.parse(spec), {renderer: 'none', logger: quiet});
      await view.runAsync();
      result = view.data('d').map(row => ({...row}));
    } catch (error) {
      result = {$error: String(error.message ?? error)};
    }
    cases.push({...t, result});
  }
  const lines = cases.map(c => '  ' + JSON.stringify(plain(c)));
  writeFileSync(file, '[\n' + lines.join(',\n') + '\n]\n');
}
