// Writes fixtures/vega/values/trees.json: transforms of trees and of values that have no order, with the rows that the
// reference makes. Usage: node tools/dev/make_tree_fixtures.mjs ORACLE_FOLDER OUTPUT_FOLDER
// Cases are those of make_vega_fixtures.mjs: {data, transform, only, result}.
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

import {writeCases} from './transform_cases.mjs';

const [oracle, output] = process.argv.slice(2);
if (!oracle || !output) throw new Error('usage: make_tree_fixtures.mjs ORACLE_FOLDER OUTPUT_FOLDER');
const vega = await import(pathToFileURL(createRequire(join(resolve(oracle), 'package.json')).resolve('vega')));

let state = 7;
const next = bound => (state = (state * 48271) % 2147483647) % bound;

// Sixty nodes, of which some have many children and some paths are long; parents stand behind their children, too.
const nodes = [{id: 0, parent: null, name: 'root', size: 0}];
for (let id = 1; id < 60; ++id) {
  const parent = id % 3 ? next(id) : Math.max(0, id - 1 - next(3));
  nodes.push({id, parent, name: 'n' + id, size: id % 4 ? next(90) + 1 : next(5) / 2});
}
const shuffled = nodes.map((n, i) => [n, (i * 37) % 60]).sort((a, b) => a[1] - b[1]).map(([n]) => n);
const chain = Array.from({length: 9}, (_, i) => ({id: 'c' + i, parent: i ? 'c' + (i - 1) : '', size: 9 - i}));
const wide = [{id: 'r', parent: null, size: 0}];
for (let i = 0; i < 40; ++i) wide.push({id: 'w' + i, parent: 'r', size: i % 10 === 0 ? 500 : next(40) + 1});
const flat = [];
for (let i = 0; i < 24; ++i)
  flat.push({a: ['x', '10', 'y', '2', 7][i % 5], b: i % 3 ? 'p' + (i % 2) : null, v: next(50) + 1});
const mixed = [3, 'b', null, '10', 7, 'a', [2, 1], [2], [10], 'B', 12, '7', 7, [2, 1], 'b', 1].map((m, id) =>
  ({id, m, k: id % 3, v: 1 + id % 5, l: [id % 4, 9 - id]}));
const data = {nodes, shuffled, chain, wide, flat, mixed, empty: []};

const tests = [];
const test = (name, ...transform) => tests.push({data: name, transform});
const tree = {type: 'stratify', key: 'id', parentKey: 'parent'};
const size = [300, 200];
for (const name of ['nodes', 'shuffled', 'chain', 'wide']) {
  const layout = (type, extra = {}) => test(name, tree, {type, size, ...extra});
  layout('tree');
  layout('tree', {method: 'cluster'});
  layout('tree', {separation: false, sort: {field: 'data.size'}});
  layout('tree', {nodeSize: [12, 30]});
  layout('tree', {method: 'cluster', nodeSize: [12, 30], separation: false});
  layout('treemap', {field: 'size'});
  layout('treemap', {sort: {field: 'value', order: 'descending'}, padding: 2, round: true});
  for (const method of ['binary', 'dice', 'slice', 'slicedice', 'resquarify'])
    layout('treemap', {field: 'size', method, paddingInner: 3, paddingOuter: 1, paddingTop: 8});
  layout('treemap', {field: 'size', ratio: 3, sort: [{field: 'height'}, {field: 'id'}]});
  layout('pack', {field: 'size'});
  layout('pack', {field: 'size', padding: 3, sort: {field: ['depth', 'value'], order: ['ascending', 'descending']}});
  layout('pack', {radius: 'data.size', padding: 1, as: ['cx', 'cy', 'cr', 'd', 'c']});
  layout('partition', {field: 'size'});
  layout('partition', {sort: {field: 'value'}, padding: 2, round: true, size: [6.28, 120]});
}
test('nodes', tree, {type: 'tree', size}, {type: 'filter', expr: 'datum.depth < 3'}, {type: 'treelinks'},
  {type: 'linkpath'}, {type: 'formula', as: 'from', expr: 'datum.source.name'},
  {type: 'project', fields: ['from', 'path']});
for (const shape of ['line', 'arc', 'curve', 'diagonal', 'orthogonal'])
  for (const orient of ['horizontal', 'vertical', 'radial'])
    test('chain', {type: 'formula', as: 's', expr: 'datum.size / 3'}, {type: 'linkpath', sourceX: 's', sourceY: 'size',
      targetX: {expr: 'datum.size / 2'}, targetY: {expr: '20 - datum.size'}, shape, orient, as: 'd'});
test('flat', {type: 'nest', keys: ['a', 'b']}, {type: 'treemap', field: 'v', size});
test('flat', {type: 'nest', keys: ['a', 'b'], generate: true}, {type: 'pack', field: 'v', size},
  {type: 'project', fields: ['key', 'v', 'x', 'y', 'r', 'depth', 'children']});
test('flat', {type: 'nest', keys: ['a'], generate: true}, {type: 'treelinks'},
  {type: 'formula', as: 'way', expr: 'datum.source.key + datum.target.key + datum.target.v'},
  {type: 'project', fields: ['way']});
test('empty', tree, {type: 'tree', size});
for (const bad of [{...tree, key: 'name'}, {...tree, parentKey: 'size'}, {...tree, parentKey: 'id'}])
  test('nodes', bad, {type: 'tree', size});
test('chain', {type: 'cross'}, {type: 'formula', as: 'p', expr: 'datum.a.id + datum.b.id'},
  {type: 'project', fields: ['p']});
test('chain', {type: 'cross', filter: 'datum.l.size > datum.r.size + 4', as: ['l', 'r']},
  {type: 'formula', as: 'p', expr: 'datum.l.id + datum.r.id'}, {type: 'project', fields: ['p']});

for (const order of ['ascending', 'descending']) {
  test('mixed', {type: 'collect', sort: {field: 'm', order}});
  test('mixed', {type: 'collect', sort: {field: ['k', 'm'], order: [order, 'ascending']}});
  test('mixed', {type: 'collect', sort: {field: 'l', order}});
  test('mixed', {type: 'window', sort: {field: 'm', order}, ops: ['rank', 'dense_rank', 'row_number'],
    as: ['r', 'd', 'n']});
  test('mixed', {type: 'window', sort: {field: 'l', order}, groupby: ['k'], ops: ['dense_rank'], as: ['d']});
  test('mixed', {type: 'stack', groupby: ['k'], field: 'v', sort: {field: 'm', order}});
}
test('mixed', {type: 'formula', as: 's', expr: 'sort(pluck([datum, {m: 5}, {m: "c"}, {m: 1}, {}], "m"))'});

await writeCases(vega, data, tests, join(output, 'trees.json'));
