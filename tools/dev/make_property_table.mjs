// Writes templates/schema/vega-lite.json: which properties Vega-Lite knows in which place, in any of the versions whose
// JSON schemas are given. Usage: make_property_table.mjs OUT SCHEMA...
//
// A place is a set of nodes of the schemas: what a value there may be by any of them. The properties of a place lead to
// places, and lists are as their items, so {"layer": [{"mark": ...}]} goes from the root by "layer" to a view and by
// "mark" to a mark. Places with the same properties are one. A place without properties takes anything.
import {readFileSync, writeFileSync} from 'node:fs';

const [out, ...files] = process.argv.slice(2);
const schemas = files.map(file => JSON.parse(readFileSync(file, 'utf8')));

// The objects that a node allows: [schema, node] pairs without references and alternatives.
function alternatives(schema, node, found, seen) {
  if (!node || typeof node !== 'object' || seen.has(node)) return;
  seen.add(node);
  if (node.$ref) {
    const name = decodeURIComponent(node.$ref.replace('#/definitions/', ''));
    return alternatives(schema, schema.definitions[name], found, seen);
  }
  for (const part of [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])])
    alternatives(schema, part, found, seen);
  if (node.items) for (const item of [node.items].flat()) alternatives(schema, item, found, seen);
  const isObject = [node.type].flat().includes('object') || node.properties;
  if (isObject) found.add(node);
  if (!node.type && !node.anyOf && !node.oneOf && !node.allOf && !node.enum && !node.properties && !('const' in node))
    found.add(node);  // {}: anything.
}

const schemaOf = new Map();  // Of a node.
const ids = new Map();
const idOf = node => ids.get(node) ?? (ids.set(node, ids.size), ids.size - 1);
const places = new Map();  // By the ids of its nodes.
const queue = [];

function place(pairs) {
  const nodes = new Set();
  for (const [schema, node] of pairs) {
    const found = new Set();
    alternatives(schema, node, found, new Set());
    for (const one of found) schemaOf.set(one, schema), nodes.add(one);
  }
  if (nodes.size === 0) return null;  // No object can stand there.
  const key = [...nodes].map(idOf).sort((a, b) => a - b).join();
  if (!places.has(key)) {
    places.set(key, {nodes: [...nodes], properties: null});
    queue.push(key);
  }
  return key;
}

const root = place(schemas.map(schema => [schema, schema]));
for (let key; (key = queue.pop()) !== undefined;) {
  const {nodes} = places.get(key);
  const open = nodes.some(node => !node.properties || node.additionalProperties === true ||
                                  typeof node.additionalProperties === 'object');
  const properties = {};
  if (!open) {
    const names = new Set(nodes.flatMap(node => Object.keys(node.properties)));
    for (const name of [...names].sort())
      properties[name] = place(nodes.filter(node => node.properties[name])
                                   .map(node => [schemaOf.get(node), node.properties[name]]));
  }
  places.get(key).properties = open ? null : properties;
}

// Places that cannot be told apart become one: split by their properties until nothing splits.
let group = new Map([...places.keys()].map(key => [key, 0]));
for (let count = 0;;) {
  const names = new Map(), next = new Map();
  for (const [key, {properties}] of places) {
    const sign = properties &&
        Object.entries(properties).map(([name, to]) => [name, to && places.get(to).properties ? group.get(to) : -1]);
    const text = JSON.stringify(sign);
    if (!names.has(text)) names.set(text, names.size);
    next.set(key, names.get(text));
  }
  group = next;
  if (names.size === count) break;
  count = names.size;
}
const order = new Map();
const numbered = key => order.get(group.get(key)) ?? (order.set(group.get(key), order.size), order.size - 1);
numbered(root);
const lines = [];
const byGroup = new Map([...places].map(([key, value]) => [group.get(key), value]));
for (let i = 0; i < order.size; ++i) {
  const {properties} = byGroup.get([...order].find(([, number]) => number === i)[0]);
  const leads = Object.entries(properties).map(
      ([name, to]) => [name, to && places.get(to).properties ? numbered(to) : -1]);
  lines.push(JSON.stringify(Object.fromEntries(leads)));
}
writeFileSync(out, '[\n' + lines.join(',\n') + '\n]\n');
console.log(`${lines.length} places, ${lines.join().length} bytes`);
