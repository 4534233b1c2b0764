// Draws specifications that nobody wrote: takes each specification of a folder, sets properties at random as the schema
// of Vega-Lite (or Vega) allows, and compares what cml makes of it with the reference: the compiled Vega as JSON
// (compile) or the scene (scene: both runtimes are fed the reference's own Vega; vega: Vega specifications, changed).
// Usage: node differential.mjs ORACLE_FOLDER CML GALLERY_FOLDER [--kind compile|scene|vega] [--seed N] [--count N]
// [--changes N] [--only NAME] [--keep FOLDER] Prints a line a difference, the most frequent causes last; exit 1 when
// there is one.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const [oracle, cml, gallery, ...rest] = process.argv.slice(2);
if (!gallery)
  throw new Error(
      'usage: differential.mjs ORACLE_FOLDER CML GALLERY_FOLDER [--kind compile|scene|vega] [--seed N] [--count N]' +
         ' [--changes N] [--keep FOLDER]');
const options = {
  kind: 'compile',
  seed: '1',
  count: '400',
  changes: '2',
  keep: '/tmp/cml-differential',
  only: ''
};
for (let i = 0; i < rest.length; i += 2) options[rest[i].slice(2)] = rest[i + 1];
process.env.TZ ??= 'UTC';
process.env.FONTCONFIG_FILE ??= join(oracle, 'fonts.conf');
const require = createRequire(pathToFileURL(`${oracle}/node_modules/`));
const vega = await import(pathToFileURL(require.resolve('vega')));
const lite = await import(pathToFileURL(require.resolve('vega-lite')));
const {sceneToJSON, resetSVGDefIds} = await import(pathToFileURL(require.resolve('vega-scenegraph')));
const raw = options.kind === 'vega';
const schema = JSON.parse(readFileSync(
    join(oracle, 'node_modules', raw ? 'vega/build/vega-schema.json' : 'vega-lite/build/vega-lite-schema.json'),
    'utf8'));
Date.now = () => Date.UTC(2024, 0, 1);
const quiet = {
  level() { return quiet; },
  error() { return quiet; },
  warn() { return quiet; },
  info() { return quiet; },
  debug() { return quiet; }
};

let state = +options.seed * 7919 + 17;
const random = () => {  // mulberry32
  let t = (state = (state + 0x6d2b79f5) | 0);
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const pick = list => list[Math.floor(random() * list.length)];

// --- Values that the schema allows
// ----------------------------------------------------------------------------------------
const kColors = ['red', '#4682b4', 'rgba(10,120,30,0.6)', 'hsl(30,80%,50%)', 'transparent'];
const kNumbers = [0, 1, 2, 3, 5, 8, 10, 12.5, 0.5, 0.25, 20, 40, 100, -4, -45, 270];
let fields = ['a'];
function resolve(node) {
  while (node?.$ref)
    node = node.$ref.replace(/^#\//, '').split('/').map(decodeURIComponent).reduce((at, key) => at[key], schema);
  return node ?? {};
}
const skipped = new Set([
  'expr',   'signal', 'update',    'on',    'bind',    'select',   'data',    'name',
  'href',   'url',    'test',      'param', 'tooltip', 'usermeta', '$schema', 'datasets',
  'locale', 'cursor', 'translate', 'aria',  'timer',   'time',     'encode',  'type__'
]);
function text(key) {
  if (/color|^fill$|^stroke$|background/i.test(key)) return pick(kColors);
  if (/field|groupby/i.test(key)) return pick(fields);
  if (/font$/i.test(key)) return pick(['serif', 'monospace', 'Arial']);
  if (/format$/i.test(key)) return pick(['.2f', '~s', ',d', '%', '%Y', 'd']);
  if (/fontStyle/i.test(key)) return pick(['italic', 'normal']);
  if (/scheme/i.test(key)) return pick(['viridis', 'set1', 'blues', 'redblue-7', 'category20b']);
  if (/symbolType|shape/i.test(key)) return pick(['square', 'cross', 'triangle-down', 'stroke', 'M-1,-1L1,-1L0,1Z']);
  if (/style/i.test(key)) return pick(['guide-label', 'cell', 'group-title', 'own']);
  if (/expr/i.test(key)) return pick(['datum.label + \'!\'', 'datum.value', '\'x\'']);
  return pick(['text', 'A longer piece of text', '', 'a']);
}
function value(node, key, depth) {
  node = resolve(node);
  if ('const' in node) return node.const;
  if (node.enum) return pick(node.enum);
  const alternatives = node.anyOf ?? node.oneOf;
  if (alternatives) {
    for (let tries = 0; tries < 6; ++tries) {
      const made = value(pick(alternatives), key, depth);
      if (made !== undefined) return made;
    }
    return undefined;
  }
  if (node.allOf) return value(pick(node.allOf), key, depth);
  const type = Array.isArray(node.type) ? pick(node.type) : node.type;
  switch (type) {
    case 'null':
      return null;
    case 'boolean':
      return random() < 0.5;
    case 'number':
    case 'integer': {
      const fit = kNumbers.filter(
          n => (node.minimum === undefined || n >= node.minimum) && (node.maximum === undefined || n <= node.maximum));
      return /opacity|band|padding(Inner|Outer)|align$/i.test(key) ? pick([0, 0.25, 0.5, 1]) : pick(fit);
    }
    case 'string':
      return text(key);
    case 'array': {
      if (depth > 3 || (raw && resolve(node.items).type !== 'number')) return undefined;
      const out = [];
      for (let i = 1 + Math.floor(random() * 3); i > 0; --i) {
        const made = value(Array.isArray(node.items) ? node.items[0] : node.items ?? {type: 'number'}, key, depth + 1);
        if (made !== undefined) out.push(made);
      }
      return out;
    }
    case 'object': {
      if (raw && depth) return random() < 0.3 ? undefined : {signal: JSON.stringify(pick([5, 0.5, 20]))};
      if (depth > 3 || !node.properties) return undefined;
      if (node.properties.signal || node.properties.expr) return undefined;
      const out = {};
      for (const name of node.required ?? []) {
        if (skipped.has(name)) return undefined;
        if ((out[name] = value(node.properties[name], name, depth + 1)) === undefined) return undefined;
      }
      const names = Object.keys(node.properties).filter(name => !skipped.has(name));
      for (let i = 1 + Math.floor(random() * 2); i > 0 && names.length; --i) {
        const name = pick(names), made = value(node.properties[name], name, depth + 1);
        if (made !== undefined) out[name] = made;
      }
      return out;
    }
  }
  return undefined;
}
function set(object, definition, report, where) {
  const node = resolve(definition);
  const properties = node.properties ??
      resolve((node.anyOf ?? node.allOf ?? node.oneOf ?? []).map(resolve).find(n => n.properties))?.properties;
  if (!properties) return;
  const name = pick(Object.keys(properties).filter(n => !skipped.has(n)));
  const made = value(properties[name], name, 1);
  if (made === undefined) return;
  object[name] = made;
  report.push(`${where}.${name}=${JSON.stringify(made)}`);
}
const D = name => ({$ref: `#/definitions/${name}`});

// --- Changes to a Vega-Lite specification
// ------------------------------------------------------------------------------
const kMarks = [
  'bar', 'line', 'area', 'point', 'tick', 'rect', 'rule', 'circle', 'square', 'text', 'trail', 'arc', 'boxplot',
  'errorbar', 'errorband'
];
const kTypes = ['quantitative', 'nominal', 'ordinal', 'temporal'];
const kChannels = [
  'x',           'y',      'x2',      'y2',          'color',
  'fill',        'stroke', 'opacity', 'fillOpacity', 'strokeOpacity',
  'strokeWidth', 'size',   'angle',   'shape',       'text',
  'detail',      'order',  'row',     'column',      'facet',
  'theta',       'radius', 'xOffset', 'yOffset',     'strokeDash',
  'description', 'key'
];
function units(spec, out = []) {
  if (spec && typeof spec === 'object') {
    if (spec.mark) out.push(spec);
    for (const key of ['layer', 'concat', 'hconcat', 'vconcat']) spec[key]?.forEach?.(child => units(child, out));
    if (spec.spec) units(spec.spec, out);
  }
  return out;
}
function collect(node, out = new Set()) {
  if (Array.isArray(node))
    node.forEach(n => collect(n, out));
  else if (node && typeof node === 'object')
    for (const [key, v] of Object.entries(node))
      key === 'field' && typeof v === 'string' ? out.add(v) : collect(v, out);
  return out;
}
function change(spec, report) {
  const list = units(spec);
  if (!list.length) return;
  const unit = pick(list);
  const encoding = unit.encoding ??= {};
  const channels =
      Object.keys(encoding).filter(c => encoding[c] && typeof encoding[c] === 'object' && !Array.isArray(encoding[c]));
  const channel = channels.length ? pick(channels) : undefined, def = channel && encoding[channel];
  const positional = /^(x|y)$/.test(channel),
        legendary =
            /^(color|fill|stroke|size|shape|opacity|strokeDash|strokeWidth|fillOpacity|strokeOpacity|angle)$/.test(
                channel);
  const into = (holder, key) => {
    if (holder[key] === null || typeof holder[key] !== 'object') holder[key] = {};
    return holder[key];
  };
  const kind = Math.floor(random() * 20);
  const mark = () => {
    if (typeof unit.mark === 'string') unit.mark = {type: unit.mark};
    return unit.mark;
  };
  switch (kind) {
    case 0:
      mark().type = pick(kMarks);
      report.push(`mark.type=${unit.mark.type}`);
      return;
    case 1:
    case 2:
      return set(mark(), D('MarkDef'), report, 'mark');
    case 3:
    case 4:
      if (def && positional) set(into(def, 'axis'), D('Axis'), report, `${channel}.axis`);
      return;
    case 5:
    case 6:
      if (def && legendary) set(into(def, 'legend'), D('Legend'), report, `${channel}.legend`);
      return;
    case 7:
    case 8:
      if (def && (positional || legendary)) set(into(def, 'scale'), D('Scale'), report, `${channel}.scale`);
      return;
    case 9:
      if (def?.field) {
        def.type = pick(kTypes);
        report.push(`${channel}.type=${def.type}`);
      }
      return;
    case 10:
      if (def) {
        const op = pick([
          'count', 'mean', 'sum', 'max', 'median', 'distinct', 'stdev', 'q1', 'ci0', 'missing', 'product', 'variancep'
        ]);
        def.aggregate = op;
        report.push(`${channel}.aggregate=${op}`);
      }
      return;
    case 11:
      if (def) {
        def.bin = random() < 0.4 ? true : value(D('BinParams'), 'bin', 1);
        report.push(`${channel}.bin=${JSON.stringify(def.bin)}`);
      }
      return;
    case 12:
      if (def) {
        def.timeUnit = pick([
          'year', 'month', 'yearmonth', 'monthdate', 'hours', 'day', 'quarter', 'week', 'dayofyear', 'utcyearmonth',
          'yearquarter', 'minutesseconds'
        ]);
        report.push(`${channel}.timeUnit=${def.timeUnit}`);
      }
      return;
    case 13:
      if (def) {
        def.sort = pick([
          'ascending', 'descending', null, 'x', '-y', '-color', {op: 'mean', field: pick(fields)},
          {field: pick(fields), order: 'descending'}, {encoding: 'size'}, ['b', 'a', 3]
        ]);
        report.push(`${channel}.sort=${JSON.stringify(def.sort)}`);
      }
      return;
    case 14:
      if (def) {
        const key = pick(['stack', 'bandPosition', 'title', 'format', 'impute', 'band']);
        const made = {
          stack: pick([true, false, null, 'zero', 'normalize', 'center']),
          bandPosition: pick([0, 0.3, 1]),
          title: pick(['T', null, ['a', 'b'], '']),
          format: pick(['.1f', '%b', {}]),
          impute: {value: 0, keyvals: [1, 2]},
          band: 0.5
        }[key];
        def[key] = made;
        report.push(`${channel}.${key}=${JSON.stringify(made)}`);
      }
      return;
    case 15: {
      const to = pick(kChannels);
      const made = random() < 0.3 ? {value: pick([5, 'red', 0.5])} : {
        field: pick(fields),
        type: pick(kTypes),
        ...(random() < 0.3 ? {aggregate: pick(['mean', 'count', 'max'])} : {})
      };
      encoding[to] = made;
      report.push(`+${to}=${JSON.stringify(made)}`);
      return;
    }
    case 16:
      if (channel) {
        delete encoding[channel];
        report.push(`-${channel}`);
      }
      return;
    case 17: {
      const config = spec.config ??= {};
      const key = pick([
        'axis',         'axisX',    'axisY',   'axisBand', 'axisQuantitative',
        'axisTemporal', 'axisLeft', 'legend',  'header',   'headerRow',
        'title',        'view',     'scale',   'bar',      'line',
        'area',         'point',    'mark',    'rule',     'text',
        'concat',       'facet',    'boxplot', 'errorbar', 'errorband',
        'arc',          'rect',     'tick',    'range'
      ]);
      const of = {
        axis: 'AxisConfig',
        axisX: 'AxisConfig',
        axisY: 'AxisConfig',
        axisBand: 'AxisConfig',
        axisQuantitative: 'AxisConfig',
        axisTemporal: 'AxisConfig',
        axisLeft: 'AxisConfig',
        legend: 'LegendConfig',
        header: 'HeaderConfig',
        headerRow: 'HeaderConfig',
        title: 'TitleConfig',
        view: 'ViewConfig',
        scale: 'ScaleConfig',
        concat: 'CompositionConfig',
        facet: 'CompositionConfig',
        boxplot: 'BoxPlotConfig',
        errorbar: 'ErrorBarConfig',
        errorband: 'ErrorBandConfig',
        bar: 'BarConfig',
        line: 'LineConfig',
        area: 'AreaConfig',
        arc: 'RectConfig',
        rect: 'RectConfig',
        tick: 'TickConfig',
        range: 'RangeConfig'
      }[key] ??
          'MarkConfig';
      return set(config[key] ??= {}, D(of), report, `config.${key}`);
    }
    case 18: {
      const key = pick([
        'width', 'height', 'padding', 'autosize', 'background', 'title', 'view', 'resolve', 'spacing', 'align',
        'center', 'columns', 'bounds'
      ]);
      const made = {
        width: pick([120, {step: 17}, 'container', 333.5]),
        height: pick([90, {step: 12}, 250]),
        padding: pick([0, 12, {left: 20, top: 3}]),
        autosize: pick(['fit', 'none', 'pad', {type: 'fit', contains: 'padding'}, {type: 'fit-x', resize: true}]),
        background: pick(kColors),
        title: pick([
          'A title', {text: 'A title', subtitle: 'below', anchor: 'start', orient: 'bottom'},
          {text: ['two', 'lines'], frame: 'group', offset: 3}
        ]),
        view: value(D('ViewBackground'), 'view', 1),
        resolve: {
          scale: {[pick(['x', 'y', 'color', 'size'])]: pick(['independent', 'shared'])},
          axis: {[pick(['x', 'y'])]: pick(['independent', 'shared'])}
        },
        spacing: pick([0, 30, {row: 5, column: 40}]),
        align: pick(['all', 'each', 'none']),
        center: random() < 0.5,
        columns: pick([1, 2, 3]),
        bounds: pick(['full', 'flush'])
      }[key];
      if (made === undefined) return;
      spec[key] = made;
      report.push(`${key}=${JSON.stringify(made)}`);
      return;
    }
    case 19: {
      const f = () => pick(fields);
      const made = pick([
        () => ({filter: {field: f(), gt: 3}}), () => ({filter: {field: f(), valid: true}}),
        () => ({filter: {field: f(), oneOf: [1, 'a', 'A']}}), () => ({calculate: `datum['${f()}'] * 2`, as: f()}),
        () => ({aggregate: [{op: 'mean', field: f(), as: f()}], groupby: [f()]}),
        () => ({bin: true, field: f(), as: f()}),
        () => ({window: [{op: 'rank', as: 'rank'}], sort: [{field: f(), order: 'descending'}]}),
        () => ({joinaggregate: [{op: 'sum', field: f(), as: 'total'}], groupby: [f()]}),
        () => ({timeUnit: 'month', field: f(), as: f()}), () => ({fold: [f(), f()]}),
        () => ({stack: f(), groupby: [f()], as: ['s0', 's1']}), () => ({impute: f(), key: f(), method: 'mean'}),
        () => ({density: f(), groupby: [f()]}), () => ({regression: f(), on: f()}), () => ({loess: f(), on: f()}),
        () => ({quantile: f(), step: 0.1}), () => ({pivot: f(), value: f(), groupby: [f()]}), () => ({flatten: [f()]}),
        () => ({extent: f(), param: 'ext'})
      ])();
      (unit.transform ??= []).push(made);
      report.push(`transform=${JSON.stringify(made)}`);
      return;
    }
  }
}

// --- Changes to a Vega specification
// ----------------------------------------------------------------------------------
function everything(node, key, out) {
  if (Array.isArray(node))
    node.forEach(n => everything(n, key, out));
  else if (node && typeof node === 'object') {
    if (Array.isArray(node[key])) out.push(...node[key].filter(n => n && typeof n === 'object'));
    if (node.marks) everything(node.marks, key, out);
  }
  return out;
}
const kChannelsOfVega = {
  x: 20,
  y: 30,
  x2: 70,
  y2: 5,
  width: 25,
  height: 15,
  xc: 40,
  yc: 40,
  opacity: 0.4,
  fill: 'teal',
  stroke: 'purple',
  strokeWidth: 3,
  fillOpacity: 0.5,
  strokeOpacity: 0.3,
  strokeDash: [4, 2],
  strokeCap: 'round',
  strokeJoin: 'bevel',
  cornerRadius: 4,
  angle: 30,
  dx: 4,
  dy: -6,
  align: 'center',
  baseline: 'middle',
  fontSize: 15,
  fontWeight: 'bold',
  limit: 20,
  size: 120,
  shape: 'diamond',
  interpolate: 'monotone',
  tension: 0.5,
  zindex: 1,
  clip: true,
  text: 'changed',
  radius: 30,
  theta: 1,
  innerRadius: 5,
  outerRadius: 25,
  blend: 'multiply',
  strokeOffset: 2,
  strokeForeground: true,
  defined: true,
  orient: 'horizontal',
  padAngle: 0.05,
  startAngle: 0.3,
  endAngle: 4
};
function changeVega(spec, report) {
  const into = (name, definition) => {
    const list = everything(spec, name, []);
    if (list.length) set(pick(list), definition, report, name);
  };
  switch (Math.floor(random() * 9)) {
    case 0:
    case 1:
      return into('axes', {$ref: '#/definitions/axis'});
    case 2:
    case 3:
      return into('legends', {$ref: '#/definitions/legend'});
    case 4: {
      const list = everything(spec, 'scales', []);
      if (!list.length) return;
      const scale = pick(list);
      const made = pick([
        {
          type: pick(
              ['linear', 'log', 'sqrt', 'pow', 'symlog', 'band', 'point', 'ordinal', 'time', 'quantile', 'quantize'])
        },
        {nice: pick([true, 3])}, {zero: random() < 0.5}, {reverse: true}, {round: true}, {padding: pick([0.2, 5])},
        {paddingInner: 0.4}, {paddingOuter: 0.7}, {align: 0.1}, {clamp: true}, {domainMin: 3}, {domainMax: 40},
        {domainMid: 7}, {exponent: 3}, {base: 2}, {constant: 4}, {bins: {step: 5}},
        {interpolate: pick(['hcl', 'lab', 'hsl-long'])}
      ]);
      Object.assign(scale, made);
      report.push(`scale ${scale.name} ${JSON.stringify(made)}`);
      return;
    }
    case 5:
    case 6: {
      const list = everything(spec, 'marks', []);
      if (!list.length) return;
      const mark = pick(list), channel = pick(Object.keys(kChannelsOfVega));
      ((mark.encode ??= {}).update ??= {})[channel] = {value: kChannelsOfVega[channel]};
      report.push(`${mark.type}.${channel}`);
      return;
    }
    case 7:
      if (typeof spec.title === 'string' || !spec.title) spec.title = {text: spec.title ?? 'Title', subtitle: 'sub'};
      return set(
          spec.title, resolve({$ref: '#/definitions/title'}).oneOf?.[1] ?? {$ref: '#/definitions/title'}, report,
          'title');
    case 8: {
      const holders = [spec, ...everything(spec, 'marks', [])].filter(m => m.layout);
      const made = pick([
        {columns: 2}, {padding: {row: 30, column: 5}}, {align: pick(['all', 'each', 'none'])},
        {bounds: pick(['full', 'flush'])}, {center: true}, {offset: 14}, {titleBand: 0.2}, {headerBand: 0.3},
        {titleAnchor: 'start'}
      ]);
      if (holders.length) {
        Object.assign(pick(holders).layout, made);
        report.push(`layout ${JSON.stringify(made)}`);
      } else {
        const size = pick([
          {autosize: pick(['fit', 'none', 'pad', 'fit-x', {type: 'fit', contains: 'padding'}])}, {width: 133},
          {height: 77}, {padding: {left: 30, bottom: 2}}, {background: 'beige'}
        ]);
        Object.assign(spec, size);
        report.push(JSON.stringify(size));
      }
      return;
    }
  }
}

// --- Comparing
// --------------------------------------------------------------------------------------------------------------
const kTolerance = options.kind === 'compile' ? 1e-9 : 0.01;
function difference(a, b, path = '') {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= kTolerance * Math.max(1, Math.abs(a) * 1e-3) ? undefined : `${path}: ${a} and ${b}`;
  if (/\/data\/\d+\/values\/\d+$/.test(path) && typeof a !== 'object' && b?.data === a)
    return undefined;  // A table's row of one value.
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') {
    if ((a ?? null) === (b ?? null)) return undefined;
    return `${path}: ${String(JSON.stringify(a)).slice(0, 160)} and ${String(JSON.stringify(b)).slice(0, 160)}`;
  }
  if (Array.isArray(a) && a.length !== b.length) return `${path}: ${a.length} and ${b.length} items`;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key], b[key], `${path}/${key}`);
    if (found) return found;
  }
}
// sceneToJSON leaves out most of a gradient; as text it passes through.
function whole(item) {
  for (const paint of ['fill', 'stroke'])
    if (typeof item[paint] === 'object' && item[paint]?.gradient)
      item[paint] = 'gradient:' + JSON.stringify({...item[paint], id: undefined});
  item.items?.forEach(whole);
}
async function scene(spec) {
  const seeded = vega.randomLCG(42);
  vega.setRandom(seeded);
  Math.random = seeded;
  resetSVGDefIds();
  let failed;
  const logger = {
    ...quiet,
    error(e) {
      failed ??= e;
      return logger;
    },
    level() { return logger; }
  };
  const view =
      new vega.View(vega.parse(spec), {loader: vega.loader({baseURL: gallery}), logger, renderer: 'none'}).finalize();
  await view.runAsync();
  if (failed) throw failed;
  whole(view.scenegraph().root);
  return JSON.parse(
      sceneToJSON(view.scenegraph().root),
      (_, v) => typeof v === 'string' && v.startsWith('gradient:') ? JSON.parse(v.slice(9)) : v);
}

const suffix = raw ? '.vg.json' : '.vl.json', folder = join(gallery, raw ? 'vega' : 'vega-lite');
const sources = readdirSync(folder)
                    .filter(name => name.endsWith(suffix) && name.includes(options.only))
                    .map(name => [name.slice(0, -suffix.length), readFileSync(join(folder, name), 'utf8')])
                    .filter(([, text]) => text.length < 100000 && !/"url": *"http/.test(text));
rmSync(options.keep, {recursive: true, force: true});
mkdirSync(join(options.keep, 'ours'), {recursive: true});
const cases = [];
let refused = 0;
for (let i = 0; cases.length < +options.count && i < 20 * options.count; ++i) {
  const [name, text] = pick(sources), spec = JSON.parse(text), report = [];
  fields = [...collect(spec)];
  if (!fields.length) fields = ['a'];
  for (let tries = 0; report.length < +options.changes && tries < 30; ++tries)
    raw ? changeVega(spec, report) : change(spec, report);
  let vg;
  try {
    vg = raw ? spec : lite.compile(JSON.parse(JSON.stringify(spec)), {logger: quiet}).spec;
  } catch {
    ++refused;
    continue;
  }
  const id = `${String(cases.length).padStart(4, '0')}_${name}`, ofScene = options.kind !== 'compile';
  const file = join(options.keep, `${id}${ofScene ? '.vg.json' : '.vl.json'}`);
  writeFileSync(file, JSON.stringify(ofScene ? vg : spec));
  if (ofScene && !raw) writeFileSync(join(options.keep, `${id}.source.json`), JSON.stringify(spec));
  cases.push({id, file, report, expected: JSON.parse(JSON.stringify(vg))});
}
const format = options.kind === 'compile' ? ['vega', '.vg.json'] : ['scene', '.scene.json'];
const ran = spawnSync(
    cml,
    [
      'vega-render', '-f', format[0], '--base', gallery, '--output-dir', join(options.keep, 'ours'),
      ...cases.map(c => c.file)
    ],
    {encoding: 'utf8', maxBuffer: 1 << 28});
if (ran.signal) console.log(`cml ended by ${ran.signal}`);
const causes = new Map();
let agree = 0, both = 0;
for (const c of cases) {
  const file = join(options.keep, 'ours', c.id + format[1]);
  let fault, theirs = c.expected, ours;
  if (existsSync(file)) ours = JSON.parse(readFileSync(file, 'utf8'));
  if (options.kind !== 'compile') try {
      theirs = await scene(c.expected);
    } catch (error) {
      if (!ours) {
        ++both;
        continue;
      }
      fault = `reference refuses: ${error.message ?? error}`;
    }
  if (!ours)
    fault = `refused: ${
        ran.stderr.split('\n').filter(l => l.includes(c.id) && !/warn/i.test(l)).pop()?.replace(/.*\.json: */, '') ??
        ran.stderr.slice(-200)}`;
  if (/ is not supported/.test(fault ?? '')) {
    ++both;
    continue;
  }  // Named as left out.
  fault ??= difference(theirs, ours);
  if (!fault) {
    ++agree;
    continue;
  }
  console.log(`${c.id} [${c.report.join('; ')}]\n    ${fault}`);
  const cause = fault.replace(/\d+/g, 'N').slice(0, 100);
  causes.set(cause, (causes.get(cause) ?? 0) + 1);
}
console.log(
    `\n${agree} of ${cases.length - both} agree (${refused} changes the reference refuses, ${both} refused by both)`);
for (const [cause, n] of [...causes].sort((a, b) => b[1] - a[1]).slice(0, 15)) console.log(`${n}  ${cause}`);
process.exit(agree + both === cases.length ? 0 : 1);
