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
const d3 = {
  ...require('d3-format'),
  ...require('d3-time'),
  ...require('d3-time-format'),
  ...require('d3-array')
};
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
  try {
    return run();
  } catch (error) {
    return {$error: String(error.message ?? error)};
  }
}

// --- Numbers ---------------------------------------------------------------------------------------------------------
{
  const specifiers = [
    '',     'd',      ',d', '.2f', '$.2f', '+.1%', '%',    '.0%',    'e',     '.3e',      '.3g',   'g',      's',
    '.2s',  '.3~s',   '~s', '.3r', 'r',    'p',    '.2p',  'b',      '#b',    'o',        '#o',    'x',      '#x',
    'X',    '#X',     'c',  'n',   ',',    '~g',   '.3~f', '010d',   '010,d', '*^14,.2f', '*<12',  '>12',    '=+10',
    '(.2f', '($,.2f', ' d', '+d',  '~e',   '.20f', '.0f',  '08,.1f', '.1',    '.12~g',    ',.3~r', '+$,.2f', '-^9d'
  ];
  const numbers = [
    0,       -0,           1,      -1,     0.5,      1.5,       2.5,  -2.5, 0.05,      0.125, 0.000001234, 1e-7,
    123.456, -1234567.891, 999.95, 9999.5, 1e6,      1.5e9,     1e20, 1e21, 1.2345e22, 42,    1.005,       0.1 + 0.2,
    1e-24,   5e-324,       1e300,  NaN,    Infinity, -Infinity, 255,  3.999
  ];
  const cases = [];
  for (const s of specifiers)
    for (const x of numbers) cases.push({call: 'format', args: [s, x], result: d3.format(s)(x)});
  const locales = [
    {decimal: ',', thousands: '.', grouping: [3], currency: ['', ' €']},
    {decimal: '.', thousands: ',', grouping: [3, 2, 2], currency: ['₹', '']}, {
      decimal: '٫',
      thousands: '٬',
      grouping: [3],
      currency: ['', ' د.إ'],
      numerals: ['٠', '١', '٢', '٣', '٤', '٥', '٦', '٧', '٨', '٩']
    },
    {decimal: '.', thousands: '\'', minus: '-', percent: ' pct', nan: 'n/a'}
  ];
  for (const l of locales)
    for (const s of ['$,.2f', ',d', '.1%', '+,.3s', '012,.1f', '.2f'])
      for (const x of [0, -1234567.891, 12.5, NaN, 1e9])
        cases.push({call: 'formatLocale', args: [l, s, x], result: d3.formatLocale(l).format(s)(x)});
  for (const [s, r] of [['.1', 1e-6], [',.0', 1e3], ['.2', 1234], ['$.3', 1e9], ['.1s', 5e-8]])
    for (const x of [0, 0.00042, 42, 42e6, -1.5e3])
      cases.push({call: 'formatPrefix', args: [s, r, x], result: d3.formatPrefix(s, r)(x)});
  for (const x of [0.1, 0.25, 1, 1.5, 10, 1e-7, 123, 1e6, 0, NaN]) {
    cases.push({call: 'precisionFixed', args: [x], result: d3.precisionFixed(x)});
    for (const y of [1, 1000, 1.1, 3e7, 0.002]) {
      cases.push({call: 'precisionPrefix', args: [x, y], result: d3.precisionPrefix(x, y)});
      cases.push({call: 'precisionRound', args: [x, y], result: d3.precisionRound(x, y)});
    }
  }
  const spans = [
    [0, 1, 10], [0, 100, 5], [-1, 1, 4], [0, 0.001, 10], [1e6, 5e6, 8], [0, 0, 5], [10, -10, 7], [0, 1e-9, 3],
    [0.3, 0.9, 6], [1, 2, 1], [0, 1e12, 10], [5, 5.0001, 10]
  ];
  const local = vega.defaultLocale();
  for (const [a, b, n] of spans) {
    cases.push({call: 'ticks', args: [a, b, n], result: d3.ticks(a, b, n)});
    cases.push({call: 'tickStep', args: [a, b, n], result: d3.tickStep(a, b, n)});
    if (a !== b)
      for (const s of [null, '', 's', '%', 'e', 'p', 'r', '$,f', '.1f', 'd', '~s'])
        for (const x of [a, b, (a + b) / 2])
          cases.push({call: 'formatSpan', args: [a, b, n, s, x], result: local.formatSpan(a, b, n, s)(x)});
  }
  for (const s of ['', ',', '.2f', '%', 'e', '$', '~s', '.1%'])
    for (const x of [0, 1, 0.1, 1e-5, 1e5, 123456.789, 1 / 3, -2e-10])
      cases.push({call: 'formatFloat', args: [s, x], result: local.formatFloat(s)(x)});
  for (const s of ['foo', '.-2f', '5.', '.f', '%%', ',,', 'é'])
    cases.push({call: 'format', args: [s, 1], result: attempt(() => d3.format(s)(1))});
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
const instants = [
  0, 1e12, 946684800000, 951782400000, Date.UTC(2012, 1, 29, 12, 30, 15, 123), Date.UTC(2016, 2, 13, 7, 30),
  Date.UTC(2016, 10, 6, 5, 30), Date.UTC(2016, 10, 6, 6, 30), Date.UTC(2021, 11, 31, 23, 59, 59, 999),
  Date.UTC(2023, 2, 26, 1, 15), Date.UTC(1960, 5, 15, 3), Date.UTC(2040, 6, 4, 12), Date.UTC(2015, 0, 1),
  Date.UTC(2018, 10, 4, 2, 30), -1, Date.UTC(2024, 11, 30), Date.UTC(1, 1, 1)
];
{
  const cases = [];
  const names = ['Minute', 'Hour', 'Day', 'Week', 'Monday', 'Thursday', 'Month', 'Year'];
  for (const zone of zones) {
    process.env.TZ = zone;
    new Date().getTimezoneOffset();
    for (const prefix of ['time', 'utc']) {
      if ((prefix === 'utc') !== (zone === 'UTC') || zone === 'Europe/Berlin' || zone === 'Asia/Kolkata') continue;
      for (const name of names)
        for (const t of instants.slice(0, 12)) {
          const i = d3[prefix + name], d = new Date(t);
          const add = (op, args, result) =>
              cases.push({zone, call: op, args: [prefix, name, ...args], result: plain(result)});
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
      for (const [a, b, n] of [
               [0, 1e4, 10], [0, 1e6, 5], [1e12, 1e12 + 3e8, 8], [1.4e12, 1.45e12, 10], [0, 1e9, 4], [0, 8e11, 7],
               [1456e9, 1458e9, 6], [5, 9, 3]])
        cases.push({
          zone,
          call: 'ticks',
          args: [prefix, a, b, n],
          result: d3[prefix + 'Ticks'](new Date(a), new Date(b), n).map(Number)
        });
      cases.push({
        zone,
        call: 'range',
        args: [prefix, 'Day', 1457e9, 1458e9, 2],
        result: d3[prefix + 'Day'].range(new Date(1457e9), new Date(1458e9), 2).map(Number)
      });
    }
    // vega-time
    const sets = [
      ['year'],
      ['quarter'],
      ['month'],
      ['date'],
      ['day'],
      ['hours'],
      ['minutes'],
      ['seconds'],
      ['milliseconds'],
      ['week'],
      ['isoweek'],
      ['dayofyear'],
      ['year', 'month'],
      ['year', 'quarter'],
      ['year', 'month', 'date'],
      ['year', 'week'],
      ['year', 'isoweek'],
      ['year', 'week', 'day'],
      ['year', 'isoweek', 'day'],
      ['week', 'day'],
      ['isoweek', 'day'],
      ['year', 'dayofyear'],
      ['hours', 'minutes'],
      ['day', 'hours'],
      ['month', 'date', 'hours'],
      ['year', 'month', 'date', 'hours', 'minutes', 'seconds', 'milliseconds']
    ];
    for (const set of sets)
      for (const t of instants.slice(0, 16))
        for (const step of [1, 2, 5]) {
          if (step > 1 && t > 1e12) continue;
          cases.push({zone, call: 'timeFloor', args: ['time', set, step, t], result: +vega.timeFloor(set, step)(t)});
          if (zone === 'UTC')
            cases.push({zone, call: 'timeFloor', args: ['utc', set, step, t], result: +vega.utcFloor(set, step)(t)});
        }
    for (const t of instants.slice(0, 16))
      for (const f of ['dayofyear', 'week', 'isoweek']) {
        cases.push({zone, call: f, args: ['time', t], result: vega[f](t)});
        if (zone === 'UTC') cases.push({zone, call: f, args: ['utc', t], result: vega['utc' + f](t)});
      }
    // formats
    const directives = 'aAbBcdefgGHIjLmMpqQsSuUVwWxXyYZ%'.split('');
    for (const t of instants) {
      for (const s
               of [directives.map(c => '%' + c).join('|'), '%-d %_d %-I %_H %-j %_m %0e', 'Q%q %Y', '%', '%!', 'a%']) {
        cases.push({zone, call: 'timeFormat', args: [s, t], result: d3.timeFormat(s)(new Date(t))});
        if (zone === 'UTC') cases.push({zone, call: 'utcFormat', args: [s, t], result: d3.utcFormat(s)(new Date(t))});
      }
      cases.push(
          {zone, call: 'multiFormat', args: [null, t], result: vega.defaultLocale().timeFormat(null)(new Date(t))});
    }
    for (const [s, text] of [
             ['%Y-%m-%d', '2000-01-02'], ['%Y-%m-%d', '2000-1-2'], ['%Y-%m-%d', '2000-01'], ['%d/%m/%y', '02/01/69'],
             ['%d/%m/%y', '02/01/68'], ['%b %d %Y', 'jan 3 2011'], ['%B %d, %Y', 'September 30, 1999'],
             ['%Y-%m-%dT%H:%M:%S.%LZ', '2011-12-31T23:59:59.999Z'], ['%Y-%m-%d %H:%M %Z', '2011-12-31 23:59 +0530'],
             ['%Y-%m-%d %H:%M%Z', '2011-12-31 23:59-05:00'], ['%I:%M %p', '01:30 PM'], ['%I:%M %p', '12:30 am'],
             ['%Y W%V', '2015 W53'], ['%G-W%V-%u', '2015-W53-5'], ['%Y %U %w', '2012 10 3'],
             ['%Y %W %a', '2012 10 Tue'], ['%j %Y', '060 2012'], ['%Q', '1234567890123'], ['%s', '1234567890'],
             ['%s.%L', '1234567890.250'], ['%Y Q%q', '2013 Q3'], ['%f', '123456'], ['%x', '1/2/2003'],
             ['%c', '1/2/2003, 4:05:06 PM'], ['%Y%m%d', '20010203'], ['%H:%M', '25:61'], ['%Y-%m-%d', '2016-03-13'],
             ['%Y-%m-%d %H:%M', '2016-03-13 02:30'], ['%Y-%m-%d %H:%M', '2016-11-06 01:30'], ['%%%Y', '%2000'],
             ['%Y', 'abcd'], ['%A %d', 'monday 3']]) {
      const p = d3.timeParse(s)(text), u = d3.utcParse(s)(text);
      cases.push({zone, call: 'timeParse', args: [s, text], result: p && +p});
      cases.push({zone, call: 'utcParse', args: [s, text], result: u && +u});
    }
    for (const text
             of ['2000-01-01T5:00', '2000-01-01T05:00', '2000-01-01 5:00', '2000-1-1', '2000/01/01', 'Jan 1 2000',
                 '1 January 2000', '2000', '2000-01', '20000101', 'Jan 2000', '12/25/1995 10:00 PM',
                 'Mon, 25 Dec 1995 13:30:00 GMT', 'Mon, 25 Dec 1995 13:30:00 +0430', '2000-01-01T00:00:00+0530',
                 '2000-01-01T00:00:00+05:30', '2000-01-01T00:00Z', '2000-01-01T24:00', '2000-13-01', '2000-01-32',
                 'foo 2000', '2000 foo', '1.5', '-1', '10', '100', '99', 'Jan 32 2000', '2000-01-01T00:00:00.123456Z',
                 'Thu Jan 01 1970 00:00:00 GMT+0100 (CET)', '1/2', '1-2-3', '2000.01.02', '2000-01-01T00:00:00 ',
                 '2000-1-1T00:00', 'Q1 2000', '2012-01-01 00:00:00', 'A1', 'test 1', '12:30', '2010-1', '+002000-01-01',
                 '-000001-01-01', '2000-01-01T00:00:00,5', '', ' ', 'now', '2001-02-03T04:05:06.7',
                 '2001-02-03T04:05:06-0800', 'Sep 3, 2014 3:04:05.678', '3 Sep 14', '2014-09-03 10:00 EST',
                 '2014 Sept 3', '2016-03-13 02:30', '2016-11-06 01:30', '11-6-2016', '2014-09-03T', '14:00 2014-01-02',
                 '2014-01-02 14:00:05.5 PM', '2014-01-02 2:00pm'])
      cases.push({zone, call: 'parseDate', args: [text], result: +new Date(text)});
  }
  process.env.TZ = 'UTC';
  const fr = {
    dateTime: '%A %e %B %Y à %X',
    date: '%d/%m/%Y',
    time: '%H:%M:%S',
    periods: ['AM', 'PM'],
    days: ['dimanche', 'lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi'],
    shortDays: ['dim.', 'lun.', 'mar.', 'mer.', 'jeu.', 'ven.', 'sam.'],
    months: [
      'janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre',
      'décembre'
    ],
    shortMonths: ['janv.', 'févr.', 'mars', 'avr.', 'mai', 'juin', 'juil.', 'août', 'sept.', 'oct.', 'nov.', 'déc.']
  };
  const french = d3.timeFormatLocale(fr);
  for (const t of instants)
    cases.push({
      zone: 'UTC',
      call: 'timeFormatLocale',
      args: [fr, '%c|%x|%a|%b|%B', t],
      result: french.format('%c|%x|%a|%b|%B')(new Date(t))
    });
  for (const text of ['3 février 2011', '14 AOÛT 2011', '1 mai 2000'])
    cases.push({
      zone: 'UTC',
      call: 'timeParseLocale',
      args: [fr, '%d %B %Y', text],
      result: plain(+french.parse('%d %B %Y')(text))
    });
  for (const set of [
           ['year'], ['quarter'], ['year', 'quarter'], ['year', 'month'], ['year', 'month', 'date'], ['month', 'date'],
           ['hours', 'minutes'], ['day', 'hours'], ['year', 'isoweek'],
           ['year', 'month', 'date', 'hours', 'minutes', 'seconds', 'milliseconds'], ['week'],
           ['dayofyear', 'seconds']])
    cases.push({zone: 'UTC', call: 'timeUnitSpecifier', args: [set, {}], result: vega.timeUnitSpecifier(set)}, {
      zone: 'UTC',
      call: 'timeUnitSpecifier',
      args: [set, {year: '%y', 'year-month': '%b %Y'}],
      result: vega.timeUnitSpecifier(set, {year: '%y', 'year-month': '%b %Y'})
    });
  for (const extent of [[0, 10], [0, 1e5], [0, 1e7], [0, 1e9], [0, 1e10], [0, 1e11], [0, 1e12], [0, 1e13], [0, 3e8]])
    for (const maxbins of [10, 20, 40])
      cases.push({zone: 'UTC', call: 'timeBin', args: [extent, maxbins], result: vega.timeBin({extent, maxbins})});
  for (const bad of [[], ['foo'], ['week', 'month'], ['dayofyear', 'date'], ['week', 'isoweek']])
    cases.push({zone: 'UTC', call: 'timeUnits', args: [bad], result: attempt(() => vega.timeUnits(bad))});
  write('times', cases);
}

// --- Expressions -----------------------------------------------------------------------------------------------------
// Each expression is evaluated as a formula over every datum of its group, with a few signals, scales and datasets.
async function formulas(data, expressions) {
  const spec = {
    signals: [
      {name: 'sig', value: 7}, {name: 'obj', value: {a: {b: [1, 2, {c: 'deep'}]}, 'x y': 4}},
      {name: 'list', value: [3, 1, 2]}, {name: 'none', value: null}
    ],
    scales: [{name: 'lin', type: 'linear', domain: [0, 10], range: [0, 100]}],
    data: [
      {
        name: 'store',
        values: [
          {unit: 'u1', fields: [{field: 'n', type: 'R'}], values: [[1, 5]]},
          {unit: 'u2', fields: [{field: 's', type: 'E'}], values: ['abc']}
        ]
      },
      {
        name: 'points',
        values: [
          {unit: '', fields: [{field: 'n', type: 'E'}, {field: 's', type: 'E'}], values: [3, 'abc']},
          {unit: '', fields: [{field: 'n', type: 'E'}, {field: 's', type: 'E'}], values: [-2.5, 'Zed']}
        ]
      },
      {name: 'empty', values: []}, {name: 'rows', values: [{k: 'a', v: 1}, {k: 'b', v: 2}, {k: 'a', v: 3}]},
      {name: 'd', values: data, transform: []}
    ],
  };
  const results = [];
  for (const expr of expressions) {
    const s = JSON.parse(JSON.stringify(spec));
    s.data[4].values = data;
    s.data[4].transform = [{type: 'formula', as: 'result__', expr}];
    let rows;
    try {
      const view = new vega.View(vega.parse(s), {
        renderer: 'none',
        logLevel: vega.None,
        logger: {
          level() { return this; },
          error(e) { throw e; },
          warn() { return this; },
          info() { return this; },
          debug() { return this; }
        }
      });
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
  const data = [
    {n: 3, s: 'abc', b: true, z: null, t: 1330518615123, u: 'A1b2', a: [1, 2, 3]},
    {n: -2.5, s: 'Zed', b: false, t: 0, u: '', a: []},
    {n: 'x', s: '', b: 'false', t: 951782400000, u: '2000-01-02', a: ['q', 'é😀', 'r']}
  ];
  // One expression a line.
  const list =
      readFileSync(new URL('fixture_expressions.txt', import.meta.url), 'utf8').split('\n').filter(line => line);
  for (const name
           of ['Linear', 'Quad', 'QuadIn', 'QuadOut', 'QuadInOut', 'Cubic', 'CubicIn', 'CubicOut', 'CubicInOut', 'Poly',
               'PolyIn', 'PolyOut', 'PolyInOut', 'Sin', 'SinIn', 'SinOut', 'SinInOut', 'Exp', 'ExpIn', 'ExpOut',
               'ExpInOut', 'Circle', 'CircleIn', 'CircleOut', 'CircleInOut', 'Bounce', 'BounceIn', 'BounceOut',
               'BounceInOut', 'Back', 'BackIn', 'BackOut', 'BackInOut', 'Elastic', 'ElasticIn', 'ElasticOut',
               'ElasticInOut'])
    list.push(`[ease${name}(0), ease${name}(0.2), ease${name}(0.5), ease${name}(0.77), ease${name}(1)]`);
  process.env.TZ = 'UTC';
  const cases = (await formulas(data, list)).map(c => ({zone: 'UTC', ...c}));
  process.env.TZ = 'America/New_York';
  cases.push(...(await formulas(data, [
               'year(datum.t)', 'hours(datum.t)', 'day(datum.t)', 'week(datum.t)', 'dayofyear(datum.t)',
               'timezoneoffset(datum.t)', 'datetime(2016, 2, 13, 2, 30)', 'datetime(2016, 10, 6, 1, 30)',
               'timeFormat(datum.t, \'%c %Z\')', 'utcFormat(datum.t, \'%c %Z\')',
               'timeOffset(\'day\', datetime(2016, 2, 12, 12), 1)',
               'timeSequence(\'hours\', datetime(2016, 2, 13), datetime(2016, 2, 13, 6))', 'toDate(\'2016-07-01\')',
               'datetime(\'2016-07-01T00:00\')'
             ])).map(c => ({zone: 'America/New_York', ...c})));
  process.env.TZ = 'UTC';
  write('expressions', [{data}, ...cases]);
}

// --- Transforms ------------------------------------------------------------------------------------------------------
{
  const cars = [];
  let seed = 42;
  const rnd = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let i = 0; i < 60; ++i)
    cars.push({
      id: i,
      a: ['x', 'y', 'z'][Math.floor(rnd() * 3)],
      b: Math.floor(rnd() * 4),
      v: i % 11 === 3 ? null : Math.round(rnd() * 1000) / 10,
      w: i % 13 === 5 ? undefined : Math.round((rnd() * 20 - 10) * 100) / 100,
      s: i % 9 === 0 ? '' : String(Math.floor(rnd() * 30)),
      t: 1.4e12 + Math.floor(rnd() * 1e11),
      d: '2012-0' + (1 + i % 9) + '-01'
    });
  const small = [
    {k: 'a', x: 1, y: 5, z: 2}, {k: 'b', x: 2, y: -3, z: 8}, {k: 'a', x: 3, y: 4, z: null}, {k: 'c', x: 4, y: 0, z: 1},
    {k: 'b', x: 2, y: 7, z: 3}, {k: null, x: 6, y: 1, z: 5}, {x: 7, y: 2, z: 9}
  ];
  const nested = [
    {n: 1, l: [1, 2, 3], m: ['a', 'b'], o: {p: {q: 4}}, 'a.b': 1}, {n: 2, l: [], m: ['c'], o: {p: {q: 5}}, 'a.b': 2},
    {n: 3, l: [9], m: [], o: {p: {q: 6}}, 'a.b': 1}
  ];
  const curve = [];
  for (let i = 1; i <= 40; ++i)
    curve.push({
      x: i / 4,
      y: 3 + 2 * i / 4 + Math.sin(i) * 2 + (i % 7),
      g: i % 2 ? 'odd' : 'even',
      e: Math.exp(i / 20) * (1 + (i % 5) / 10)
    });
  curve.push({x: 3, y: 9, g: 'odd', e: 2}, {x: null, y: 3, g: 'odd', e: 2}, {x: 4, y: null, g: 'even', e: null});
  const ops = [
    'count', 'valid', 'missing', 'distinct', 'sum', 'product', 'mean', 'average', 'variance', 'variancep', 'stdev',
    'stdevp', 'stderr', 'median', 'q1', 'q3', 'min', 'max'
  ];
  const all = field => ({ops, fields: ops.map(() => field), as: ops.map(o => o + '_')});
  const tests = [];
  const test = (data, transform, extra = {}) => tests.push({data, transform: [].concat(transform), ...extra});
  for (const f of ['v', 'w', 's', 't', 'd', 'nothing']) {
    if (f !== 'd')
      test('cars', {type: 'aggregate', groupby: ['a'], ...all(f)});
    else
      test('cars', {type: 'aggregate', groupby: ['a'], ops: ['min', 'max', 'distinct'], fields: ['d', 'd', 'd']});
    test('cars', {type: 'joinaggregate', groupby: ['a', 'b'], ops: ['mean', 'count', 'min'], fields: [f, f, f],
      as: ['m', 'c', 'n']});
  }
  test('cars', {type: 'aggregate'});
  test('cars', {type: 'aggregate', groupby: ['a', 'b']});
  test('cars', {type: 'aggregate', groupby: ['b', 'a'], ops: ['sum', 'count', 'max'], fields: ['v', null, 'w'],
    as: [null, 'n', null]});
  test('cars', {
    type: 'aggregate',
    groupby: ['a'],
    ops: ['argmin', 'argmax', 'exponential', 'exponentialb'],
    fields: ['v', 'w', 'v', 'v'],
    aggregate_params: [null, null, 0.5, 0.25]
  });
  test('cars', {type: 'aggregate', groupby: ['k'], ops: ['values'], fields: ['x']});
  test('small', {type: 'aggregate', groupby: ['k'], ops: ['values', 'count', 'argmax'], fields: ['x', 'x', 'z'],
    as: ['values', 'n', 'top']});
  test('small', {
    type: 'aggregate',
    groupby: ['k', 'x'],
    ops: ['count', 'sum', 'valid', 'mean'],
    fields: ['y', 'y', 'y', 'y'],
    cross: true
  });
  test('nested', {type: 'aggregate', groupby: ['o.p.q', 'a\\.b'], ops: ['sum'], fields: ['n']});
  test('nested', [
    {type: 'formula', expr: 'datum.n % 2', as: 'parity'},
    {type: 'aggregate', groupby: ['parity'], ops: ['sum'], fields: [{expr: 'datum.n * 10', as: 'ten'}], as: ['total']}
  ]);
  test(
      'small',
      {type: 'aggregate', groupby: {signal: 'fields'}, ops: ['sum'], fields: [{signal: 'measure'}], as: ['total']},
      {signals: [{name: 'fields', value: ['k']}, {name: 'measure', value: 'x'}]});
  test('empty', {type: 'aggregate', ops: ['count', 'sum'], fields: [null, 'x']});
  test(
      'cars', {type: 'aggregate', groupby: ['a'], ops: ['ci0', 'ci1', 'mean'], fields: ['v', 'v', 'v']}, {random: 0.3});
  test('cars', {type: 'joinaggregate', ops: ['count', 'max'], fields: [null, 'v'], as: ['n', 'top']});
  for (const e of [[0, 100], [0, 1], [-3.7, 12.2], [0, 0], [5, 5], [1e-5, 2e-5]])
    for (const maxbins of [5, 10, 20])
      test('cars', {type: 'bin', field: 'v', extent: e, maxbins, as: ['b0', 'b1'], signal: 'out'}, {keep: 6});
  test('cars', {type: 'bin', field: 'v', extent: [0, 100], step: 7, signal: 'out'}, {keep: 6});
  test(
      'cars', {type: 'bin', field: 'v', extent: [0, 100], steps: [1, 5, 12, 25], maxbins: 10, signal: 'out'},
      {keep: 6});
  test(
      'cars', {
        type: 'bin',
        field: 'w',
        extent: [-10, 10],
        nice: false,
        maxbins: 7,
        anchor: 0.5,
        interval: false,
        signal: 'out'
      },
      {keep: 6});
  test('cars', {type: 'bin', field: 's', extent: [0, 30], base: 2, divide: [2], minstep: 3, signal: 'out'}, {keep: 6});
  test(
      'cars',
      [{type: 'extent', field: 'v', signal: 'ext'}, {type: 'bin', field: 'v', extent: {signal: 'ext'}, signal: 'out'}],
      {keep: 6});
  test('empty', {type: 'extent', field: 'v', signal: 'out'});
  for (const sort
           of [{field: 'v'}, {field: 'v', order: 'descending'}, {field: ['a', 'v'], order: ['descending', 'ascending']},
               {field: 's'}, {field: 'nothing'}, {field: 'a', order: 'descending'}, {field: {expr: '-datum.b'}}])
    test('cars', {type: 'collect', sort}, {only: ['id']});
  test('small', {type: 'collect', sort: {field: ['k', 'x'], order: ['descending']}});
  test('small', {type: 'filter', expr: 'datum.x > 2 && datum.k'});
  test('small', [
    {type: 'filter', expr: 'datum.x > 1'}, {type: 'formula', expr: 'datum.x + datum.y', as: 's'},
    {type: 'formula', expr: '\'n\' + datum.z', as: 'z'}
  ]);
  test('nested', {type: 'flatten', fields: ['l', 'm'], as: ['ll']});
  test('nested', {type: 'flatten', fields: ['l'], index: 'i'});
  test('small', {type: 'fold', fields: ['x', 'y']});
  test('small', {type: 'fold', fields: ['x', 'k', 'z'], as: ['what', 'val']});
  test('small', {type: 'project', fields: ['x', 'k'], as: ['ex']});
  test('nested', {type: 'project', fields: ['o.p.q', 'l[1]']});
  test('small', {type: 'identifier', as: 'id'});
  test('empty', {type: 'sequence', start: 0, stop: 5});
  test('empty', {type: 'sequence', start: 1, stop: 0, step: -0.25, as: 'x'});
  for (const offset of ['zero', 'center', 'normalize']) {
    test('small', {type: 'stack', field: 'y', groupby: ['k'], offset});
    test('small', {type: 'stack', field: 'x', offset, sort: {field: 'z', order: 'descending'}, as: ['s', 'e']});
  }
  test('cars', {type: 'stack', field: 'v', groupby: ['a', 'b'], sort: {field: ['w']}}, {only: ['id', 'y0', 'y1']});
  test('small', {type: 'stack', groupby: ['k']});
  test('small', {type: 'pie', field: 'x'});
  test('small', {type: 'pie', field: 'x', sort: true, startAngle: 1, endAngle: 4, as: ['s', 'e']});
  test('small', {type: 'pie'});
  for (const method of ['value', 'mean', 'median', 'min', 'max'])
    test('small', {type: 'impute', field: 'y', key: 'x', groupby: ['k'], method, value: -1});
  test('small', {type: 'impute', field: 'y', key: 'x', keyvals: [0, 2, 9]});
  test('small', {type: 'impute', field: 'y', key: 'k', groupby: ['x'], keyvals: ['q']});
  test('small', {type: 'lookup', from: 'other', key: 'name', fields: ['k'], values: ['val', 'txt'], as: ['v', 't']});
  test('small', {type: 'lookup', from: 'other', key: 'name', fields: ['k'], values: ['val']});
  test('small', {type: 'lookup', from: 'other', key: 'name', fields: ['k'], as: ['obj'], default: 'none'});
  test(
      'small',
      {type: 'lookup', from: 'other', key: 'num', fields: ['x', 'z'], values: ['txt'], as: ['tx', 'tz'], default: '?'});
  test('cars', {type: 'pivot', groupby: ['a'], field: 'b', value: 'v'});
  test('cars', {type: 'pivot', groupby: ['a'], field: 'b', value: 'v', op: 'mean', limit: 2});
  test('cars', {type: 'pivot', field: 'a', value: 'w', op: 'count'});
  test('small', {type: 'pivot', groupby: ['k'], field: 'x', value: 'y', op: 'max'});
  const wins = [
    'row_number', 'rank', 'dense_rank', 'percent_rank', 'cume_dist', 'ntile', 'lag', 'lead', 'first_value',
    'last_value', 'nth_value', 'prev_value', 'next_value'
  ];
  const winParams = [null, null, null, null, null, 4, 1, 2, null, null, 2, null, null];
  const win = {type: 'window', ops: wins, fields: wins.map((o, i) => i < 6 ? null : 'v'), params: winParams, as: wins};
  const show = ['id', ...wins];
  test('cars', {...win, sort: {field: 'b'}}, {only: show});
  test('cars', {...win, groupby: ['a']}, {only: show});
  test('cars', {...win, groupby: ['a'], sort: {field: 'b'}, frame: [-2, 1]}, {only: show});
  test('cars', {...win, sort: {field: 'b'}, ignorePeers: true, frame: [-1, null]}, {only: show});
  const winAgg = {ops: ['sum', 'mean', 'count', 'min', 'max', 'median', 'valid', 'stdev', 'distinct'], as: ['sum',
    'mean', 'count', 'min', 'max', 'median', 'valid', 'stdev', 'distinct']};
  for (const extra
           of [{}, {frame: [null, null]}, {frame: [-2, 2]}, {frame: [0, 3], sort: {field: 'b'}}, {sort: {field: 'b'}},
               {sort: {field: 'b'}, ignorePeers: true}, {frame: [-3, -1]}])
    test(
        'cars', {type: 'window', ...winAgg, fields: winAgg.ops.map(() => 'v'), groupby: ['a'], ...extra},
        {only: ['id', ...winAgg.as]});
  for (const units of [['year'], ['year', 'month'], ['month'], ['year', 'week'], ['day', 'hours'], ['year', 'isoweek']])
    for (const timezone of ['utc', 'local'])
      test('cars', {type: 'timeunit', field: 't', units, timezone, signal: 'out'}, {only: ['unit0', 'unit1'], keep: 8});
  test(
      'cars', {type: 'timeunit', field: 't', units: ['year', 'month'], step: 3, as: ['q0', 'q1']},
      {only: ['q0', 'q1'], keep: 8});
  test('cars', {type: 'timeunit', field: 't', signal: 'out'}, {only: ['unit0', 'unit1'], keep: 8});
  test(
      'cars', {type: 'timeunit', field: 't', maxbins: 5, interval: false, timezone: 'utc', signal: 'out'},
      {only: ['unit0', 'unit1'], keep: 8});
  test(
      'cars',
      [
        {type: 'formula', as: 'day', expr: 'utc(2012, datum.b, 1)'},
        {type: 'timeunit', field: 'day', inferUnits: true, timezone: 'utc', signal: 'out'}
      ],
      {only: ['unit0', 'unit1'], keep: 8});
  test('cars', {type: 'quantile', field: 'v', probs: [0.1, 0.5, 0.9], groupby: ['a']});
  test('cars', {type: 'quantile', field: 'v', step: 0.2, as: ['p', 'q']});
  for (const extra
           of [{}, {bandwidth: 5}, {cumulative: true}, {counts: true, groupby: ['a'], steps: 10},
               {groupby: ['a'], resolve: 'shared', steps: 8}, {extent: [0, 100], minsteps: 5, maxsteps: 15}])
    test('filled', {type: 'kde', field: 'v', ...extra}, {precision: 1e-9});
  for (const distribution
           of [{function: 'normal', mean: 1, stdev: 2}, {function: 'lognormal', mean: 0.5},
               {function: 'uniform', min: -1, max: 3}, {
                 function: 'mixture',
                 weights: [1, 3],
                 distributions: [{function: 'normal'}, {function: 'uniform', max: 2}]
               }])
    for (const method of ['pdf', 'cdf'])
      test('empty', {type: 'density', distribution, method, extent: [-2, 4], steps: 12});
  test('filled', {type: 'density', distribution: {function: 'kde', field: 'v', bandwidth: 4}, steps: 10});
  test('empty', {type: 'density', distribution: {function: 'normal'}, extent: [-3, 3]});
  for (const method of ['linear', 'constant', 'log', 'exp', 'pow', 'quad', 'poly']) {
    test('curve', {type: 'regression', x: 'x', y: method === 'exp' || method === 'pow' ? 'e' : 'y', method});
    test(
        'curve', {
          type: 'regression',
          x: 'x',
          y: method === 'exp' || method === 'pow' ? 'e' : 'y',
          method,
          groupby: ['g'],
          params: true,
          order: 4
        },
        {precision: 1e-7});
  }
  test(
      'curve', {type: 'regression', x: 'x', y: 'y', method: 'poly', order: 5, extent: [1, 4], as: ['u', 'v']},
      {precision: 1e-7});
  test('curve', {type: 'loess', x: 'x', y: 'y'});
  test('curve', {type: 'loess', x: 'x', y: 'y', bandwidth: 0.6, groupby: ['g'], as: ['u', 'v']});
  test('cars', {type: 'loess', x: 't', y: 'v', bandwidth: 0.2});
  test('cars', {type: 'sample', size: 7}, {random: 0.7, only: ['id']});
  test('small', {type: 'geojson', fields: ['x', 'y'], signal: 'out'}, {keep: 1});
  test('nested', {type: 'geojson', geojson: 'o', signal: 'out'}, {keep: 1});
  test('empty', {type: 'graticule', step: [30, 30], precision: 15});
  test('empty', {type: 'graticule', stepMinor: [60, 45], extent: [[-120, -60], [120, 60]], precision: 30});
  for (const size of [[200, 100], null])
    test(
        'cars', {type: 'voronoi', x: 'v', y: 'b', ...(size ? {size} : {extent: [[-10, -10], [110, 20]]})},
        {only: ['id', 'path'], voronoi: true});

  const data = {
    cars,
    small,
    nested,
    curve,
    empty: [],
    filled: cars.filter(c => c.v != null),
    other: [
      {name: 'a', val: 10, txt: 'A', num: 1}, {name: 'b', val: 20, txt: 'B', num: 2},
      {name: 'b', val: 21, txt: 'BB', num: 7}, {name: null, val: 30, txt: 'N', num: '3'}
    ]
  };
  const cases = [{data}];
  for (const t of tests) {
    if (t.voronoi && !t.transform[0].size) continue;
    const spec = {
      signals: t.signals || [],
      data: [
        {name: 'other', values: data.other},
        {name: 'd', values: JSON.parse(JSON.stringify(data[t.data])), transform: t.transform}
      ]
    };
    let result, signal;
    vega.setRandom(t.random == null ? Math.random : vega.randomLCG(t.random));
    try {
      const view = new vega.View(vega.parse(spec), {
        renderer: 'none',
        logger: {
          level() { return this; },
          error(e) { throw e; },
          warn() { return this; },
          info() { return this; },
          debug() { return this; }
        }
      });
      await view.runAsync();
      result = view.data('d');
      if (t.keep) result = result.slice(0, t.keep);
      result = result.map(r => {
        const o = {};
        for (const k of t.only || Object.keys(r)) o[k] = r[k];
        return o;
      });
      if (t.transform[t.transform.length - 1].signal) {
        const s = view.signal('out');
        signal = typeof s === 'function' ?
            {start: s.start, stop: s.stop, step: s.step, ...(s.unit ? {unit: s.unit, units: s.units} : {})} :
            s;
        if (signal && signal.features) signal.features = signal.features.map(f => JSON.parse(JSON.stringify(f)));
      }
    } catch (error) {
      result = {$error: String(error.message ?? error)};
    }
    cases.push({...t, result, ...(signal === undefined ? {} : {out: signal})});
  }
  vega.setRandom(Math.random);
  write('transforms', cases);
}

// --- Projections -----------------------------------------------------------------------------------------------------
// Paths are given as rings of points: exact numbers, and clipped polygons may start anywhere.
{
  const d3geo = require('d3-geo');
  const objects = {
    square: {type: 'Polygon', coordinates: [[[-20, -20], [-20, 30], [40, 30], [40, -20], [-20, -20]]]},
    holed: {
      type: 'Feature',
      properties: {},
      geometry: {
        type: 'Polygon',
        coordinates: [
          [[-60, -30], [-60, 50], [60, 50], [60, -30], [-60, -30]],
          [[-10, -10], [10, -10], [10, 20], [-10, 20], [-10, -10]]
        ]
      }
    },
    dateline: {type: 'Polygon', coordinates: [[[170, -20], [170, 40], [-160, 40], [-160, -20], [170, -20]]]},
    polar: {
      type: 'Polygon',
      coordinates:
          [[[-180, 60], [-90, 60], [0, 60], [90, 60], [180, 60], [90, 55], [0, 50], [-90, 55], [-180, 60]].reverse()]
    },
    line: {type: 'LineString', coordinates: [[-120, 40], [-80, 35], [0, 51], [100, 20], [179, -30], [-170, -40]]},
    lines: {type: 'MultiLineString', coordinates: [[[-100, 20], [-70, 60]], [[-160, 20], [-155, 22], [-150, 60]]]},
    points: {type: 'MultiPoint', coordinates: [[-100, 40], [0, 0], [150, -30]]},
    sphere: {type: 'Sphere'},
    states: {
      type: 'FeatureCollection',
      features: [
        {
          type: 'Feature',
          geometry: {type: 'Polygon', coordinates: [[[-109, 37], [-109, 41], [-102, 41], [-102, 37], [-109, 37]]]}
        },
        {
          type: 'Feature',
          geometry: {
            type: 'MultiPolygon',
            coordinates: [
              [[[-160, 58], [-160, 66], [-142, 66], [-142, 58], [-160, 58]]],
              [[[-156, 19], [-156, 20.5], [-155, 20.5], [-155, 19], [-156, 19]]]
            ]
          }
        }
      ]
    },
    graticule: d3geo.geoGraticule().step([30, 30])(),
    collection: {
      type: 'GeometryCollection',
      geometries: [{type: 'Point', coordinates: [10, 10]}, {type: 'LineString', coordinates: [[0, 0], [20, 30]]}]
    }
  };
  const specs = [];
  for (const type of
           ['albers', 'albersUsa', 'azimuthalEqualArea', 'azimuthalEquidistant', 'conicConformal', 'conicEqualArea',
            'conicEquidistant', 'equalEarth', 'equirectangular', 'gnomonic', 'mercator', 'mollweide', 'naturalEarth1',
            'orthographic', 'stereographic', 'transverseMercator'])
    specs.push({type});
  specs.push(
      {type: 'orthographic', rotate: [60, -30, 10], scale: 200, translate: [200, 150]},
      {type: 'equalEarth', rotate: [100, 0], precision: 0.1},
      {type: 'conicEqualArea', parallels: [10, 50], center: [10, 20]}, {type: 'conicEquidistant', parallels: [-20, 20]},
      {type: 'mercator', center: [20, 30], scale: 200, clipExtent: [[100, 50], [600, 400]]},
      {type: 'equirectangular', clipExtent: [[300, 150], [600, 350]]},
      {type: 'azimuthalEqualArea', clipAngle: 40, rotate: [30, -20]},
      {type: 'mercator', reflectX: true, reflectY: true},
      {type: 'transverseMercator', center: [5, 40], rotate: [-10, 0]}, {type: 'naturalEarth1', precision: 0},
      {type: 'stereographic', rotate: [0, -90], clipAngle: 120},
      {type: 'identity', scale: 2, translate: [5, 6], reflectY: true, clipExtent: [[-100, -100], [100, 100]]},
      {type: 'albersUsa', scale: 500, translate: [200, 100]}, {type: 'mercator', fit: 'states', size: [300, 200]},
      {type: 'albersUsa', fit: 'states', size: [300, 200]},
      {type: 'orthographic', rotate: [20, 0], fit: 'sphere', extent: [[10, 20], [110, 220]]},
      {type: 'equalEarth', fit: 'holed', size: [400, 100]}, {type: 'identity', fit: 'square', size: [100, 100]},
      {type: 'conicConformal', fit: 'line', size: [640, 480]});
  const cases = [{objects}];
  for (const spec of specs) {
    const proj = vega.projection(spec.type)();
    for (const key
             of ['clipAngle', 'clipExtent', 'scale', 'translate', 'center', 'rotate', 'parallels', 'precision',
                 'reflectX', 'reflectY'])
      if (spec[key] != null && proj[key]) proj[key](spec[key]);
    if (spec.fit)
      spec.extent ? proj.fitExtent(spec.extent, objects[spec.fit]) : proj.fitSize(spec.size, objects[spec.fit]);
    const path = vega.projection('identity') && proj.path;
    for (const name of Object.keys(objects)) {
      const object = objects[name];
      if (name === 'sphere' && spec.type === 'identity') continue;
      // Lines over several parts of albersUsa come out interleaved there: no answer to compare with.
      if (spec.type === 'albersUsa' && ['line', 'lines', 'graticule'].includes(name)) continue;
      const rings = [];
      const context = {
        moveTo(x, y) {
          rings.push([[x, y]]);
        },
        lineTo(x, y) {
          rings[rings.length - 1].push([x, y]);
        },
        closePath() { rings[rings.length - 1].push('Z'); },
        arc() {}
      };
      proj.path.context(context)(object);
      const counts = rings.map(r => r.length);
      proj.path.context(null);
      const text = proj.path(object);
      cases.push({
        spec,
        object: name,
        rings: rings.length,
        points: counts.reduce((a, b) => a + b, 0),
        area: proj.path.area(object),
        bounds: proj.path.bounds(object),
        centroid: proj.path.centroid(object),
        ...(text && text.length < 700 ? {path: text} : {})
      });
    }
    cases.push({
      spec,
      project: [[0, 0], [-100, 40], [-155, 20], [-150, 62], [30, -45]].map(p => [p, proj(p)]),
      invert: [[480, 250], [400, 200], [600, 300], [100, 120], [250, 300], [130, 330]].map(p => [p, proj.invert(p)]),
      scale: proj.scale(),
      translate: proj.translate()
    });
  }
  for (const name of Object.keys(objects))
    cases.push({
      object: name,
      area: d3geo.geoArea(objects[name]),
      bounds: d3geo.geoBounds(objects[name]),
      centroid: d3geo.geoCentroid(objects[name])
    });
  write('projections', cases);
}
