// Writes fixtures/vega/values/*.json: function calls and transforms with the results the reference (vega 6, d3) gives.
// Usage: TZ=UTC node make_vega_fixtures.mjs ORACLE_FOLDER OUTPUT_FOLDER   (ORACLE_FOLDER holds node_modules with vega)
// Every case is {"call": ..., "args": [...], "result": ...}; NaN, infinities, undefined and dates are written as
// {"$": "NaN"}, {"$": "Infinity"}, {"$": "undefined"}, {"$date": milliseconds},
// {"$regexp": [source, flags]}.
import {createRequire} from 'node:module';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

const [oracle, output] = process.argv.slice(2);
if (!oracle || !output) throw new Error('usage: make_vega_fixtures.mjs ORACLE_FOLDER OUTPUT_FOLDER');
const require = createRequire(join(resolve(oracle), 'package.json'));
const d3 = {...require('d3-format'), ...require('d3-time'), ...require('d3-time-format'), ...require('d3-array')};
const vega = await import(pathToFileURL(require.resolve('vega')));
mkdirSync(output, {recursive: true});

function plain(value) {
  if (value === undefined) return {$: 'undefined'};
  if (typeof value === 'number' && !Number.isFinite(value)) return {$: String(value)};
  if (Object.is(value, -0)) return {$: '-0'};
  if (value instanceof RegExp) return {$regexp: [value.source, value.flags]};
  if (value instanceof Date) return {$date: Number.isNaN(+value) ? {$: 'NaN'} : +value};
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value, plain);
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  return value;
}
function write(name, cases) {
  const lines = cases.map(c => '  ' + JSON.stringify(plain(c)));
  writeFileSync(join(output, name + '.json'), '[\n' + lines.join(',\n') + '\n]\n');
}
function attempt(run) {
  try { return run(); } catch (error) { return {$error: String(error.message ?? error)}; }
}

// --- Numbers ---------------------------------------------------------------------------------------------------------
{
  const specifiers = ['', 'd', ',d', '.2f', '$.2f', '+.1%', '%', '.0%', 'e', '.3e', '.3g', 'g', 's', '.2s', '.3~s', '~s',
    '.3r', 'r', 'p', '.2p', 'b', '#b', 'o', '#o', 'x', '#x', 'X', '#X', 'c', 'n', ',', '~g', '.3~f', '010d', '010,d', '*^14,.2f',
    '*<12', '>12', '=+10', '(.2f', '($,.2f', ' d', '+d', '~e', '.20f', '.0f', '08,.1f', '.1', '.12~g', ',.3~r', '+$,.2f', '-^9d'];
  const numbers = [0, -0, 1, -1, 0.5, 1.5, 2.5, -2.5, 0.05, 0.125, 0.000001234, 1e-7, 123.456, -1234567.891, 999.95, 9999.5,
    1e6, 1.5e9, 1e20, 1e21, 1.2345e22, 42, 1.005, 0.1 + 0.2, 1e-24, 5e-324, 1e300, NaN, Infinity, -Infinity, 255, 3.999];
  const cases = [];
  for (const s of specifiers) for (const x of numbers) cases.push({call: 'format', args: [s, x], result: d3.format(s)(x)});
  const locales = [
    {decimal: ',', thousands: '.', grouping: [3], currency: ['', ' €']},
    {decimal: '.', thousands: ',', grouping: [3, 2, 2], currency: ['₹', '']},
    {decimal: '٫', thousands: '٬', grouping: [3], currency: ['', ' د.إ'], numerals: ['٠', '١', '٢', '٣', '٤', '٥', '٦', '٧', '٨', '٩']},
    {decimal: '.', thousands: "'", minus: '-', percent: ' pct', nan: 'n/a'}];
  for (const l of locales) for (const s of ['$,.2f', ',d', '.1%', '+,.3s', '012,.1f', '.2f'])
    for (const x of [0, -1234567.891, 12.5, NaN, 1e9]) cases.push({call: 'formatLocale', args: [l, s, x], result: d3.formatLocale(l).format(s)(x)});
  for (const [s, r] of [['.1', 1e-6], [',.0', 1e3], ['.2', 1234], ['$.3', 1e9], ['.1s', 5e-8]])
    for (const x of [0, 0.00042, 42, 42e6, -1.5e3]) cases.push({call: 'formatPrefix', args: [s, r, x], result: d3.formatPrefix(s, r)(x)});
  for (const x of [0.1, 0.25, 1, 1.5, 10, 1e-7, 123, 1e6, 0, NaN]) {
    cases.push({call: 'precisionFixed', args: [x], result: d3.precisionFixed(x)});
    for (const y of [1, 1000, 1.1, 3e7, 0.002]) {
      cases.push({call: 'precisionPrefix', args: [x, y], result: d3.precisionPrefix(x, y)});
      cases.push({call: 'precisionRound', args: [x, y], result: d3.precisionRound(x, y)});
    }
  }
  const spans = [[0, 1, 10], [0, 100, 5], [-1, 1, 4], [0, 0.001, 10], [1e6, 5e6, 8], [0, 0, 5], [10, -10, 7], [0, 1e-9, 3], [0.3, 0.9, 6], [1, 2, 1], [0, 1e12, 10], [5, 5.0001, 10]];
  const local = vega.defaultLocale();
  for (const [a, b, n] of spans) {
    cases.push({call: 'ticks', args: [a, b, n], result: d3.ticks(a, b, n)});
    cases.push({call: 'tickStep', args: [a, b, n], result: d3.tickStep(a, b, n)});
    if (a !== b) for (const s of [null, '', 's', '%', 'e', 'p', 'r', '$,f', '.1f', 'd', '~s'])
      for (const x of [a, b, (a + b) / 2]) cases.push({call: 'formatSpan', args: [a, b, n, s, x], result: local.formatSpan(a, b, n, s)(x)});
  }
  for (const s of ['', ',', '.2f', '%', 'e', '$', '~s', '.1%'])
    for (const x of [0, 1, 0.1, 1e-5, 1e5, 123456.789, 1 / 3, -2e-10]) cases.push({call: 'formatFloat', args: [s, x], result: local.formatFloat(s)(x)});
  for (const s of ['foo', '.-2f', '5.', '.f', '%%', ',,', 'é']) cases.push({call: 'format', args: [s, 1], result: attempt(() => d3.format(s)(1))});
  for (const x of [0, 0.5, 1.45, 2.345, 1.005, 8.345, 1234.5678, 1e-10, 1e21, 0.000001, 123456789, 25, 35, 0.1])
    for (const n of [0, 1, 2, 5, 15]) {
      cases.push({call: 'toFixed', args: [x, n], result: x.toFixed(n)});
      cases.push({call: 'toExponential', args: [x, n], result: x.toExponential(n)});
      cases.push({call: 'toPrecision', args: [x, n + 1], result: x.toPrecision(n + 1)});
    }
  write('numbers', cases);
}

// --- Time ------------------------------------------------------------------------------------------------------------
const zones = ['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Sao_Paulo'];
const instants = [0, 1e12, 946684800000, 951782400000, Date.UTC(2012, 1, 29, 12, 30, 15, 123), Date.UTC(2016, 2, 13, 7, 30),
  Date.UTC(2016, 10, 6, 5, 30), Date.UTC(2016, 10, 6, 6, 30), Date.UTC(2021, 11, 31, 23, 59, 59, 999), Date.UTC(2023, 2, 26, 1, 15),
  Date.UTC(1960, 5, 15, 3), Date.UTC(2040, 6, 4, 12), Date.UTC(2015, 0, 1), Date.UTC(2018, 10, 4, 2, 30), -1, Date.UTC(2024, 11, 30), Date.UTC(1, 1, 1) ];
{
  const cases = [];
  const names = ['Minute', 'Hour', 'Day', 'Week', 'Monday', 'Thursday', 'Month', 'Year'];
  for (const zone of zones) {
    process.env.TZ = zone;
    new Date().getTimezoneOffset();
    for (const prefix of ['time', 'utc']) {
      if ((prefix === 'utc') !== (zone === 'UTC') || zone === 'Europe/Berlin' || zone === 'Asia/Kolkata') continue;
      for (const name of names) for (const t of instants.slice(0, 12)) {
        const i = d3[prefix + name], d = new Date(t);
        const add = (op, args, result) => cases.push({zone, call: op, args: [prefix, name, ...args], result: plain(result)});
        add('floor', [t], +i.floor(d));
        add('ceil', [t], +i.ceil(d));
        add('round', [t], +i.round(d));
        add('offset', [t, 3], +i.offset(d, 3));
        add('offset', [t, -2], +i.offset(d, -2));
        add('count', [t, t + 4e9], i.count(d, new Date(t + 4e9)));
        for (const k of [2, 5]) {
          add('everyFloor', [k, t], +i.every(k).floor(d));
          add('everyOffset', [k, t, 2], +i.every(k).offset(d, 2));
        }
      }
      for (const [a, b, n] of [[0, 1e4, 10], [0, 1e6, 5], [1e12, 1e12 + 3e8, 8], [1.4e12, 1.45e12, 10], [0, 1e9, 4], [0, 8e11, 7], [1456e9, 1458e9, 6], [5, 9, 3]])
        cases.push({zone, call: 'ticks', args: [prefix, a, b, n], result: d3[prefix + 'Ticks'](new Date(a), new Date(b), n).map(Number)});
      cases.push({zone, call: 'range', args: [prefix, 'Day', 1457e9, 1458e9, 2], result: d3[prefix + 'Day'].range(new Date(1457e9), new Date(1458e9), 2).map(Number)});
    }
    // vega-time
    const sets = [['year'], ['quarter'], ['month'], ['date'], ['day'], ['hours'], ['minutes'], ['seconds'], ['milliseconds'], ['week'], ['isoweek'],
      ['dayofyear'], ['year', 'month'], ['year', 'quarter'], ['year', 'month', 'date'], ['year', 'week'], ['year', 'isoweek'], ['year', 'week', 'day'],
      ['year', 'isoweek', 'day'], ['week', 'day'], ['isoweek', 'day'], ['year', 'dayofyear'], ['hours', 'minutes'], ['day', 'hours'], ['month', 'date', 'hours'],
      ['year', 'month', 'date', 'hours', 'minutes', 'seconds', 'milliseconds']];
    for (const set of sets) for (const t of instants.slice(0, 16)) for (const step of [1, 2, 5]) {
      if (step > 1 && t > 1e12) continue;
      cases.push({zone, call: 'timeFloor', args: ['time', set, step, t], result: +vega.timeFloor(set, step)(t)});
      if (zone === 'UTC') cases.push({zone, call: 'timeFloor', args: ['utc', set, step, t], result: +vega.utcFloor(set, step)(t)});
    }
    for (const t of instants.slice(0, 16)) for (const f of ['dayofyear', 'week', 'isoweek']) {
      cases.push({zone, call: f, args: ['time', t], result: vega[f](t)});
      if (zone === 'UTC') cases.push({zone, call: f, args: ['utc', t], result: vega['utc' + f](t)});
    }
    // formats
    const directives = 'aAbBcdefgGHIjLmMpqQsSuUVwWxXyYZ%'.split('');
    for (const t of instants) {
      for (const s of [directives.map(c => '%' + c).join('|'), '%-d %_d %-I %_H %-j %_m %0e', 'Q%q %Y', '%', '%!', 'a%']) {
        cases.push({zone, call: 'timeFormat', args: [s, t], result: d3.timeFormat(s)(new Date(t))});
        if (zone === 'UTC') cases.push({zone, call: 'utcFormat', args: [s, t], result: d3.utcFormat(s)(new Date(t))});
      }
      cases.push({zone, call: 'multiFormat', args: [null, t], result: vega.defaultLocale().timeFormat(null)(new Date(t))});
    }
    for (const [s, text] of [['%Y-%m-%d', '2000-01-02'], ['%Y-%m-%d', '2000-1-2'], ['%Y-%m-%d', '2000-01'], ['%d/%m/%y', '02/01/69'], ['%d/%m/%y', '02/01/68'],
      ['%b %d %Y', 'jan 3 2011'], ['%B %d, %Y', 'September 30, 1999'], ['%Y-%m-%dT%H:%M:%S.%LZ', '2011-12-31T23:59:59.999Z'], ['%Y-%m-%d %H:%M %Z', '2011-12-31 23:59 +0530'],
      ['%Y-%m-%d %H:%M%Z', '2011-12-31 23:59-05:00'], ['%I:%M %p', '01:30 PM'], ['%I:%M %p', '12:30 am'], ['%Y W%V', '2015 W53'], ['%G-W%V-%u', '2015-W53-5'], ['%Y %U %w', '2012 10 3'],
      ['%Y %W %a', '2012 10 Tue'], ['%j %Y', '060 2012'], ['%Q', '1234567890123'], ['%s', '1234567890'], ['%s.%L', '1234567890.250'], ['%Y Q%q', '2013 Q3'], ['%f', '123456'], ['%x', '1/2/2003'], ['%c', '1/2/2003, 4:05:06 PM'],
      ['%Y%m%d', '20010203'], ['%H:%M', '25:61'], ['%Y-%m-%d', '2016-03-13'], ['%Y-%m-%d %H:%M', '2016-03-13 02:30'], ['%Y-%m-%d %H:%M', '2016-11-06 01:30'], ['%%%Y', '%2000'], ['%Y', 'abcd'], ['%A %d', 'monday 3']]) {
      const p = d3.timeParse(s)(text), u = d3.utcParse(s)(text);
      cases.push({zone, call: 'timeParse', args: [s, text], result: p && +p});
      cases.push({zone, call: 'utcParse', args: [s, text], result: u && +u});
    }
    for (const text of ['2000-01-01T5:00', '2000-01-01T05:00', '2000-01-01 5:00', '2000-1-1', '2000/01/01', 'Jan 1 2000', '1 January 2000', '2000', '2000-01', '20000101', 'Jan 2000', '12/25/1995 10:00 PM',
      'Mon, 25 Dec 1995 13:30:00 GMT', 'Mon, 25 Dec 1995 13:30:00 +0430', '2000-01-01T00:00:00+0530', '2000-01-01T00:00:00+05:30', '2000-01-01T00:00Z', '2000-01-01T24:00', '2000-13-01', '2000-01-32', 'foo 2000', '2000 foo',
      '1.5', '-1', '10', '100', '99', 'Jan 32 2000', '2000-01-01T00:00:00.123456Z', 'Thu Jan 01 1970 00:00:00 GMT+0100 (CET)', '1/2', '1-2-3', '2000.01.02', '2000-01-01T00:00:00 ', '2000-1-1T00:00', 'Q1 2000', '2012-01-01 00:00:00',
      'A1', 'test 1', '12:30', '2010-1', '+002000-01-01', '-000001-01-01', '2000-01-01T00:00:00,5', '', ' ', 'now', '2001-02-03T04:05:06.7', '2001-02-03T04:05:06-0800', 'Sep 3, 2014 3:04:05.678', '3 Sep 14', '2014-09-03 10:00 EST', '2014 Sept 3', '2016-03-13 02:30', '2016-11-06 01:30', '11-6-2016', '2014-09-03T', '14:00 2014-01-02', '2014-01-02 14:00:05.5 PM', '2014-01-02 2:00pm'])
      cases.push({zone, call: 'parseDate', args: [text], result: +new Date(text)});
  }
  process.env.TZ = 'UTC';
  const fr = {dateTime: '%A %e %B %Y à %X', date: '%d/%m/%Y', time: '%H:%M:%S', periods: ['AM', 'PM'], days: ['dimanche', 'lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi'],
    shortDays: ['dim.', 'lun.', 'mar.', 'mer.', 'jeu.', 'ven.', 'sam.'], months: ['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'],
    shortMonths: ['janv.', 'févr.', 'mars', 'avr.', 'mai', 'juin', 'juil.', 'août', 'sept.', 'oct.', 'nov.', 'déc.']};
  const french = d3.timeFormatLocale(fr);
  for (const t of instants) cases.push({zone: 'UTC', call: 'timeFormatLocale', args: [fr, '%c|%x|%a|%b|%B', t], result: french.format('%c|%x|%a|%b|%B')(new Date(t))});
  for (const text of ['3 février 2011', '14 AOÛT 2011', '1 mai 2000']) cases.push({zone: 'UTC', call: 'timeParseLocale', args: [fr, '%d %B %Y', text], result: plain(+french.parse('%d %B %Y')(text))});
  for (const set of [['year'], ['quarter'], ['year', 'quarter'], ['year', 'month'], ['year', 'month', 'date'], ['month', 'date'], ['hours', 'minutes'], ['day', 'hours'], ['year', 'isoweek'], ['year', 'month', 'date', 'hours', 'minutes', 'seconds', 'milliseconds'], ['week'], ['dayofyear', 'seconds']])
    cases.push({zone: 'UTC', call: 'timeUnitSpecifier', args: [set, {}], result: vega.timeUnitSpecifier(set)},
      {zone: 'UTC', call: 'timeUnitSpecifier', args: [set, {year: '%y', 'year-month': '%b %Y'}], result: vega.timeUnitSpecifier(set, {year: '%y', 'year-month': '%b %Y'})});
  for (const extent of [[0, 10], [0, 1e5], [0, 1e7], [0, 1e9], [0, 1e10], [0, 1e11], [0, 1e12], [0, 1e13], [0, 3e8]]) for (const maxbins of [10, 20, 40])
    cases.push({zone: 'UTC', call: 'timeBin', args: [extent, maxbins], result: vega.timeBin({extent, maxbins})});
  for (const bad of [[], ['foo'], ['week', 'month'], ['dayofyear', 'date'], ['week', 'isoweek']]) cases.push({zone: 'UTC', call: 'timeUnits', args: [bad], result: attempt(() => vega.timeUnits(bad))});
  write('times', cases);
}

// --- Expressions -----------------------------------------------------------------------------------------------------
// Each expression is evaluated as a formula over every datum of its group, with a few signals, scales and datasets.
async function formulas(data, expressions) {
  const spec = {
    signals: [{name: 'sig', value: 7}, {name: 'obj', value: {a: {b: [1, 2, {c: 'deep'}]}, 'x y': 4}}, {name: 'list', value: [3, 1, 2]}, {name: 'none', value: null}],
    scales: [{name: 'lin', type: 'linear', domain: [0, 10], range: [0, 100]}],
    data: [
      {name: 'store', values: [{unit: 'u1', fields: [{field: 'n', type: 'R'}], values: [[1, 5]]}, {unit: 'u2', fields: [{field: 's', type: 'E'}], values: ['abc']}]},
      {name: 'points', values: [{unit: '', fields: [{field: 'n', type: 'E'}, {field: 's', type: 'E'}], values: [3, 'abc']}, {unit: '', fields: [{field: 'n', type: 'E'}, {field: 's', type: 'E'}], values: [-2.5, 'Zed']}]},
      {name: 'empty', values: []},
      {name: 'rows', values: [{k: 'a', v: 1}, {k: 'b', v: 2}, {k: 'a', v: 3}]},
      {name: 'd', values: data, transform: []}],
  };
  const results = [];
  for (const expr of expressions) {
    const s = JSON.parse(JSON.stringify(spec));
    s.data[4].values = data;
    s.data[4].transform = [{type: 'formula', as: 'result__', expr}];
    let rows;
    try {
      const view = new vega.View(vega.parse(s), {renderer: 'none', logLevel: vega.None, logger: {level() { return this; }, error(e) { throw e; }, warn() { return this; }, info() { return this; }, debug() { return this; }}});
      await view.runAsync();
      rows = view.data('d').map(t => t.result__);
      rows = rows.map(r => r && typeof r === 'object' && typeof r.formatRgb === 'function' ? {...r} : r);
    } catch (error) {
      rows = {$error: String(error.message ?? error)};
    }
    results.push({expr, result: rows});
  }
  return results;
}
{
  const data = [{n: 3, s: 'abc', b: true, z: null, t: 1330518615123, u: 'A1b2', a: [1, 2, 3]}, {n: -2.5, s: 'Zed', b: false, t: 0, u: '', a: []}, {n: 'x', s: '', b: 'false', t: 951782400000, u: '2000-01-02', a: ['q', 'é😀', 'r']}];
  // One expression a line.
  const list = readFileSync(new URL('fixture_expressions.txt', import.meta.url), 'utf8').split('\n').filter(line => line);
  for (const name of ['Linear', 'Quad', 'QuadIn', 'QuadOut', 'QuadInOut', 'Cubic', 'CubicIn', 'CubicOut', 'CubicInOut', 'Poly', 'PolyIn', 'PolyOut', 'PolyInOut', 'Sin', 'SinIn', 'SinOut', 'SinInOut', 'Exp', 'ExpIn', 'ExpOut', 'ExpInOut',
    'Circle', 'CircleIn', 'CircleOut', 'CircleInOut', 'Bounce', 'BounceIn', 'BounceOut', 'BounceInOut', 'Back', 'BackIn', 'BackOut', 'BackInOut', 'Elastic', 'ElasticIn', 'ElasticOut', 'ElasticInOut'])
    list.push(`[ease${name}(0), ease${name}(0.2), ease${name}(0.5), ease${name}(0.77), ease${name}(1)]`);
  process.env.TZ = 'UTC';
  const cases = (await formulas(data, list)).map(c => ({zone: 'UTC', ...c}));
  process.env.TZ = 'America/New_York';
  cases.push(...(await formulas(data, ['year(datum.t)', 'hours(datum.t)', 'day(datum.t)', 'week(datum.t)', 'dayofyear(datum.t)', 'timezoneoffset(datum.t)', 'datetime(2016, 2, 13, 2, 30)', 'datetime(2016, 10, 6, 1, 30)', "timeFormat(datum.t, '%c %Z')", "utcFormat(datum.t, '%c %Z')", "timeOffset('day', datetime(2016, 2, 12, 12), 1)", "timeSequence('hours', datetime(2016, 2, 13), datetime(2016, 2, 13, 6))", "toDate('2016-07-01')", "datetime('2016-07-01T00:00')"]))
    .map(c => ({zone: 'America/New_York', ...c})));
  process.env.TZ = 'UTC';
  write('expressions', [{data}, ...cases]);
}
