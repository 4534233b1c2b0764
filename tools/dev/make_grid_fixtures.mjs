// Writes fixtures/vega/values/grids.json: densities, level lines, dots, counted words and crossfilters, with the rows
// that the reference makes. Usage: node tools/dev/make_grid_fixtures.mjs ORACLE_FOLDER OUTPUT_FOLDER
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

import {writeCases} from './transform_cases.mjs';

const [oracle, output] = process.argv.slice(2);
if (!oracle || !output) throw new Error('usage: make_grid_fixtures.mjs ORACLE_FOLDER OUTPUT_FOLDER');
const vega = await import(pathToFileURL(createRequire(join(resolve(oracle), 'package.json')).resolve('vega')));

let state = 11;
const next = bound => (state = (state * 48271) % 2147483647) % bound;
const points = Array.from({length: 120}, (_, i) =>
  ({x: next(1000) / 10, y: next(600) / 10 - 3, w: 1 + i % 3, g: i % 4 ? 'a' : 'b', n: i % 17 ? next(50) / 3 : null}));
const wave = (width, height, f) => ({width, height, values: Array.from({length: width * height}, (_, i) =>
  f(i % width, Math.floor(i / width)))});
const grids = [
  {name: 'hills', grid: wave(12, 9, (x, y) => 3 + 2 * Math.sin(x / 2) * Math.cos(y / 3))},
  {name: 'steps', grid: {...wave(8, 8, (x, y) => (x * 3 + y * 5) % 7), scale: 4, x1: 1, y1: 2}},
  {name: 'holes', grid: wave(9, 9, (x, y) => (x === 4 && y === 4) || x % 8 === 0 || y % 8 === 0 ? 0 : 5)},
  {name: 'flat', grid: wave(4, 3, () => 2)}];
const raster = [wave(10, 7, (x, y) => x * y - 12)];
const values = Array.from({length: 60}, (_, i) => ({v: Math.round(next(300) / 7 * 10) / 10, g: i % 3}));
const words = [{t: 'The cat, the Dog; the "end" 12 3 12'}, {t: null}, {t: "it's 007 the CAT"}, {t: 12}, {t: ''}];
const data = {points, grids, raster, values, words, empty: []};

const tests = [];
const test = (name, ...transform) => tests.push({data: name, transform});
const size = [100, 60];
const density = (extra, ...after) => test('points', {type: 'kde2d', x: 'x', y: 'y', size, ...extra}, ...after);
density({});
density({cellSize: 8, bandwidth: [10, 10]});
density({cellSize: 1, bandwidth: [0, 6]}, {type: 'formula', as: 'n', expr: 'length(datum.grid.values)'},
  {type: 'project', fields: ['n']});
density({cellSize: 4, bandwidth: [9, 0], counts: true, weight: 'w', groupby: ['g'], as: 'd'});
density({cellSize: 8, groupby: ['g', 'w'], bandwidth: [8]});
density({cellSize: 8, bandwidth: [12, 20]}, {type: 'isocontour', field: 'grid', levels: 4});
density({cellSize: 8, bandwidth: [12, 20], groupby: ['g']},
  {type: 'isocontour', field: 'grid', resolve: 'shared', levels: 3, as: 'lines'},
  {type: 'project', fields: ['g', 'lines']});
const lines = (extra) => test('grids', {type: 'isocontour', field: 'grid', ...extra},
  {type: 'project', fields: ['name', 'contour']});
lines({});
lines({levels: 3, nice: true});
lines({thresholds: [1, 2.5, 4], smooth: false});
lines({thresholds: [0, 2, 100]});
lines({levels: 5, zero: false, resolve: 'shared'});
lines({levels: 2, scale: 3, translate: [5, -1]});
lines({levels: 2, scale: {expr: 'datum.name === "steps" ? 2 : -3'}, translate: [1, 2]});
test('grids', {type: 'isocontour', field: 'grid', levels: 2, as: null},
  {type: 'project', fields: ['name', 'type', 'value']});
test('raster', {type: 'isocontour', levels: 3, nice: true});
test('points', {type: 'contour', x: 'x', y: 'y', size, count: 4, cellSize: 8, bandwidth: 14});
test('points', {type: 'contour', x: 'x', y: 'y', size, weight: 'w', nice: true, cellSize: 4, bandwidth: 10});
test('empty', {type: 'contour', size: [4, 3], values: [1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1, 0], count: 3, smooth: false});
for (const extra of [{}, {step: 2}, {step: 5, smooth: true}, {groupby: ['g'], smooth: true, as: 'place'}])
  test('values', {type: 'dotbin', field: 'v', ...extra});
test('points', {type: 'dotbin', field: 'x', groupby: ['g'], step: 4, smooth: true});
for (const extra of [{}, {case: 'upper'}, {case: 'lower', stopwords: 'the|cat', as: ['w', 'n']},
  {pattern: '[a-z]{2,}'}])
  test('words', {type: 'filter', expr: 'isString(datum.t)'}, {type: 'countpattern', field: 't', ...extra});
for (const query of [[[10, 50], [0, 40]], [[0, 100], [20, 20]]])
  test('points', {type: 'crossfilter', signal: 'f', fields: ['x', 'y'], query},
    {type: 'resolvefilter', ignore: 2, filter: {signal: 'f'}}, {type: 'project', fields: ['x', 'y']});
test('points', {type: 'crossfilter', signal: 'f', fields: ['x', 'y'], query: [[10, 50], [0, 40]]},
  {type: 'resolvefilter', ignore: 0, filter: {signal: 'f'}}, {type: 'project', fields: ['x', 'y']});

// Simulations: what many ticks add up to, so that every formula and the order of every sum counts.
const bodies = Array.from({length: 40}, (_, i) => ({id: 'n' + i, r: 1 + i % 5, px: i * 3, fx: i === 7 ? 12 : undefined,
  x: i < 4 ? 5 : undefined, y: i < 4 ? 6 : undefined}));
data.bodies = bodies.map(b => Object.fromEntries(Object.entries(b).filter(([, v]) => v !== undefined)));
const force = (...forces) => test('bodies', {type: 'force', static: true, iterations: 40, forces});
force({force: 'center', x: 3, y: -2}, {force: 'nbody'});
force({force: 'collide', radius: {expr: 'datum.r * 2'}, strength: 0.7, iterations: 2}, {force: 'x', x: 'px'},
  {force: 'y', strength: 0.3});
force({force: 'nbody', strength: {expr: '-datum.r'}, theta: 0.5, distanceMin: 3, distanceMax: 60},
  {force: 'x', x: {expr: '10'}});
test('bodies', {type: 'force', static: true, iterations: 25, alpha: 0.5, alphaMin: 0.01, velocityDecay: 0.2,
  forces: [{force: 'collide', radius: 4}, {force: 'nbody', strength: -5}]});
test('bodies', {type: 'force', forces: [{force: 'nbody'}]});

await writeCases(vega, data, tests, join(output, 'grids.json'));
