// Writes fixtures/vega/sort_orders.json: what V8's Array.prototype.sort makes of lists under comparisons that
// contradict themselves. Usage: node tools/dev/make_sort_fixture.mjs
import {writeFileSync} from 'node:fs';

// vega-util's `ascending`.
const ascending = (u, v) => (u < v || u == null) && v != null ? -1
  : (u > v || v == null) && u != null ? 1
  : u !== u && v === v ? -1 : v !== v && u === u ? 1 : 0;

let state = 1n;  // A linear congruential generator, the same in the test.
const next = bound => {
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  return Number((state >> 33n) % BigInt(bound));
};
const value = () => {
  const n = next(50);
  return [n, String(n), 'abcdefghij'[n % 10], n % 2 ? null : n - 25, [n % 7, n % 3]][next(5)];
};
const fnv = items => items.reduce((h, i) => Math.imul(h ^ i, 16777619) >>> 0, 2166136261);

const mixed = [];
for (const length of [2, 3, 5, 8, 12]) {
  const values = Array.from({length}, value);
  mixed.push({values, sorted: values.slice().sort(ascending)});
}
const turn = d => d === 0 ? 0 : d < 500 ? -1 : 1;
const hashes = [];
for (const length of [31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 500, 1000, 5000]) {
  // By a wheel on which nothing is greatest; by values of all types; by few keys, with long runs, for galloping.
  const numbers = Array.from({length}, () => next(1000));
  const values = Array.from({length}, value);
  const runs = Array.from({length}, (_, i) => (i * 7 + (i % 50 === 0 ? next(300) : 0)) % 900);
  const index = () => Array.from({length}, (_, i) => i);
  hashes.push({
    length,
    wheel: fnv(index().sort((a, b) => turn((numbers[a] - numbers[b] + 1000) % 1000))),
    values: fnv(index().sort((a, b) => ascending(values[a], values[b]))),
    runs: fnv(index().sort((a, b) => runs[a] - runs[b]))
  });
}
writeFileSync('fixtures/vega/sort_orders.json', JSON.stringify({node: process.version, mixed, hashes}) + '\n');
