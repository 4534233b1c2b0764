// Writes fixtures/vega/scenes/*.json: specifications that show every scale, guide, curve, shape and layout, each with
// the scene and the outlines that the reference makes of it: [{"name", "spec", "scene", "paths"}]. Usage: TZ=UTC
// FONTCONFIG_FILE=ORACLE_FOLDER/fonts.conf node make_scene_fixtures.mjs ORACLE_FOLDER OUTPUT_FOLDER
import {writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';

const [oracle, output] = process.argv.slice(2);
if (!oracle || !output) throw new Error('usage: make_scene_fixtures.mjs ORACLE_FOLDER OUTPUT_FOLDER');
const require = createRequire(pathToFileURL(`${oracle}/node_modules/`));
const vega = await import(pathToFileURL(require.resolve('vega')));
const {sceneToJSON, resetSVGDefIds} = await import(pathToFileURL(require.resolve('vega-scenegraph')));
vega.setRandom(vega.randomLCG(42));

// sceneToJSON leaves out most of a gradient; as text it passes through.
function whole(item) {
  for (const paint of ['fill', 'stroke'])
    if (typeof item[paint] === 'object' && item[paint]?.gradient)
      item[paint] = 'gradient:' + JSON.stringify({...item[paint], id: undefined});
  item.items?.forEach(whole);
}
// NaN is written as null; a position that is not there says the same.
const revive = (_, v) => v === null                    ? undefined :
    typeof v === 'string' && v.startsWith('gradient:') ? JSON.parse(v.slice(9)) :
                                                         v;

async function write(family, specs) {
  const cases = [];
  for (const [name, spec] of Object.entries(specs)) {
    resetSVGDefIds();
    process.stderr.write(`${name}\r`);
    const view = new vega.View(vega.parse(spec), {renderer: 'none'}).finalize();
    await view.runAsync();
    const svg = await view.toSVG();
    whole(view.scenegraph().root);
    cases.push({
      name,
      spec,
      scene: JSON.parse(sceneToJSON(view.scenegraph().root), revive),
      paths: [...svg.matchAll(/ d="([^"]*)"/g)].map(m => m[1])
    });
  }
  writeFileSync(`${output}/${family}.json`, JSON.stringify(cases) + '\n');
  console.log(`${family}: ${cases.length}`);
}

const values = [
  {k: 'b', v: 3, w: -2, t: '2021-01-31'}, {k: 'a', v: 47, w: 15, t: '2021-03-05'},
  {k: 'c', v: 128, w: 6, t: '2021-11-20'}, {k: 'd', v: 9, w: 0.5, t: '2022-02-01'},
  {k: 'a', v: 70, w: -9, t: '2022-07-14'}
];
const data = [{name: 't', format: {parse: {t: 'date'}}, values}];
const base = {
  width: 180,
  height: 90,
  padding: 5,
  data
};
const symbols = (encode, more = {}) => ({
  type: 'symbol',
  from: {data: 't'},
  encode: {update: {y: {value: 40}, size: {value: 50}, fill: {value: 'teal'}, ...encode}},
  ...more
});

// --- Scales: an axis of ticks, and marks at every value
// --------------------------------------------------------------------
const positional = (scale, field, axis = {}) => ({
  ...base,
  scales: [{name: 's', range: 'width', domain: {data: 't', field}, ...scale}],
  axes: [{orient: 'bottom', scale: 's', title: scale.type, ...axis}],
  marks: [symbols({x: {scale: 's', field}})]
});
await write('positional_scales', {
  linear: positional({type: 'linear'}, 'v'),
  linear_nice_zero: positional({type: 'linear', nice: true, zero: true}, 'v', {grid: true}),
  linear_nice_count: positional({type: 'linear', nice: 3}, 'w', {tickCount: 12}),
  linear_padding: positional({type: 'linear', padding: 12}, 'w'),
  linear_clamp: positional({type: 'linear', domainMax: 60, clamp: true}, 'v'),
  linear_round_reverse: positional({type: 'linear', round: true, reverse: true}, 'v'),
  linear_min_max: positional({type: 'linear', domainMin: -20, domainMax: {signal: '200'}}, 'v'),
  linear_raw: positional({type: 'linear', domainRaw: {signal: '[10, 50]'}}, 'v'),
  linear_many_fields: positional({type: 'linear', domain: {data: 't', fields: ['v', 'w']}}, 'v'),
  linear_unions:
      positional({type: 'linear', domain: {fields: [{data: 't', field: 'w'}, [200, 220], {signal: '[-50, 0]'}]}}, 'v'),
  linear_piecewise: positional({type: 'linear', domain: [0, 50, 130], range: [0, 120, 180]}, 'v'),
  log: positional({type: 'log'}, 'v'),
  log_base2_nice: positional({type: 'log', base: 2, nice: true}, 'v'),
  log_many_decades: positional({type: 'log', domain: [0.001, 1e6]}, 'v'),
  log_negative: positional({type: 'log', domain: [-1000, -1]}, 'w'),
  pow: positional({type: 'pow', exponent: 3}, 'v'),
  pow_nice_padding: positional({type: 'pow', exponent: 0.5, nice: true, padding: 6}, 'v'),
  sqrt: positional({type: 'sqrt', zero: true}, 'v'),
  symlog: positional({type: 'symlog'}, 'w'),
  symlog_constant: positional({type: 'symlog', constant: 10, nice: true}, 'w'),
  time: positional({type: 'time'}, 't'),
  time_nice_unit: positional({type: 'time', nice: 'month'}, 't', {tickCount: {interval: 'month', step: 3}}),
  time_format: positional({type: 'time', nice: true}, 't', {format: '%b %Y', labelAngle: -45, labelAlign: 'right'}),
  utc: positional(
      {type: 'utc', nice: {interval: 'week', step: 2}}, 't', {format: {month: '%m/', year: '%Y!'}, formatType: 'utc'}),
  band: positional({type: 'band'}, 'k'),
  band_padding: positional({type: 'band', paddingInner: 0.3, paddingOuter: 0.1, align: 0.2}, 'k', {bandPosition: 0}),
  band_round:
      positional({type: 'band', padding: 0.25, round: true, reverse: true}, 'k', {tickBand: 'extent', grid: true}),
  band_step: positional({type: 'band', range: {step: 17}, domain: {data: 't', field: 'k', sort: true}}, 'k'),
  band_sorted: positional(
      {type: 'band', domain: {data: 't', field: 'k', sort: {op: 'mean', field: 'v', order: 'descending'}}}, 'k'),
  point: positional({type: 'point', padding: 0.5}, 'k'),
  point_sorted_count: positional({type: 'point', domain: {data: 't', field: 'k', sort: {op: 'count'}}}, 'k'),
  point_many_fields: positional(
      {type: 'point', domain: {fields: [{data: 't', field: 'k'}, ['z', 'y']], sort: {order: 'descending'}}}, 'k'),
  quantile_position: positional({type: 'quantile', range: [0, 40, 120]}, 'v'),
  quantize_position: positional({type: 'quantize', range: [0, 60, 90, 150], zero: true, nice: true}, 'v'),
  threshold_position: positional({type: 'threshold', domain: [10, 60], range: [5, 90, 170]}, 'v'),
  ordinal_position: positional({type: 'ordinal', range: [0, 60, 90, 150]}, 'k'),
});

const coloured = (scale, field, legend = {}, more = {}) => ({
  ...base,
  scales: [
    {name: 'c', domain: {data: 't', field}, ...scale},
    {name: 'x', type: 'linear', domain: {data: 't', field: 'v'}, range: 'width'}
  ],
  legends: [{fill: 'c', title: field, ...legend}],
  marks: [symbols({x: {scale: 'x', field: 'v'}, fill: {scale: 'c', field}})],
  ...more
});
await write('colour_scales', {
  ordinal: coloured({type: 'ordinal', range: 'category'}, 'k'),
  ordinal_scheme:
      coloured({type: 'ordinal', range: {scheme: 'set2'}, domain: {data: 't', field: 'k', sort: true}}, 'k'),
  ordinal_few_colours: coloured({type: 'ordinal', range: ['red', 'blue']}, 'k'),
  linear_ramp: coloured({type: 'linear', range: 'ramp'}, 'v'),
  linear_scheme_extent: coloured({type: 'linear', range: {scheme: 'viridis', extent: [0.8, 0.2]}, zero: true}, 'v'),
  linear_heatmap_mid: coloured({type: 'linear', range: 'diverging', domainMid: 0}, 'w'),
  log_colours: coloured({type: 'log', range: {scheme: 'magma'}}, 'v', {gradientLength: 60}),
  sequential_count: coloured({type: 'linear', range: {scheme: 'blues', count: 4}}, 'v', {tickCount: 3}),
  rgb: coloured({type: 'linear', range: ['#f00', 'steelblue']}, 'v'),
  rgb_gamma: coloured({type: 'linear', range: ['#f00', 'steelblue'], interpolate: {type: 'rgb', gamma: 2.2}}, 'v'),
  hsl: coloured({type: 'linear', range: ['#f00', 'steelblue'], interpolate: 'hsl'}, 'v'),
  hsl_long: coloured({type: 'linear', range: ['#f00', 'steelblue'], interpolate: 'hsl-long'}, 'v'),
  lab: coloured({type: 'linear', range: ['#f00', 'steelblue'], interpolate: 'lab'}, 'v'),
  hcl: coloured({type: 'linear', range: ['#f00', 'steelblue'], interpolate: 'hcl'}, 'v'),
  hcl_long: coloured({type: 'sqrt', range: ['#f00', 'steelblue'], interpolate: 'hcl-long'}, 'v'),
  cubehelix: coloured({type: 'linear', range: ['#f00', 'steelblue'], interpolate: {type: 'cubehelix', gamma: 3}}, 'v'),
  cubehelix_long: coloured({type: 'linear', range: ['#f00', 'steelblue'], interpolate: 'cubehelix-long'}, 'v'),
  time_colours: coloured({type: 'time', range: {scheme: 'plasma'}}, 't', {format: '%Y'}),
  quantile: coloured({type: 'quantile', range: {scheme: 'greens', count: 3}}, 'v', {format: '.1f'}),
  quantize: coloured({type: 'quantize', range: {scheme: 'oranges', count: 5}, nice: true}, 'v', {type: 'gradient'}),
  threshold: coloured({type: 'threshold', domain: [10, 60], range: ['red', 'green', 'blue']}, 'v'),
  bin_ordinal:
      coloured({type: 'bin-ordinal', domain: [0, 40, 80, 160], range: {scheme: 'purples'}}, 'v', {type: 'symbol'}),
  bin_ordinal_bins: coloured({type: 'linear', domain: [0, 160], bins: {step: 40}, range: {scheme: 'reds'}}, 'v'),
});

// --- Guides
// --------------------------------------------------------------------------------------------------------------
const axes = (list, more = {}) => ({
  ...base,
  scales: [
    {name: 'x', type: 'linear', range: 'width', domain: {data: 't', field: 'v'}},
    {name: 'y', type: 'band', range: 'height', domain: {data: 't', field: 'k'}}
  ],
  axes: list,
  ...more
});
const axis = more => ({orient: 'bottom', scale: 'x', ...more});
await write('axes', {
  four_sides:
      axes([axis({}), axis({orient: 'top'}), axis({orient: 'left', scale: 'y'}), axis({orient: 'right', scale: 'y'})]),
  titles: axes(['start', 'middle', 'end'].map(
      titleAnchor =>
          axis({title: ['two', 'lines ' + titleAnchor], titleAnchor, offset: titleAnchor === 'end' ? 40 : 0}))),
  title_place: axes([axis({
    title: 'placed',
    titleX: 10,
    titleY: -12,
    titleAngle: 20,
    titleAlign: 'left',
    titleBaseline: 'top',
    titleFontSize: 15,
    titleColor: 'red',
    titlePadding: 9
  })]),
  title_limit:
      axes([axis({title: 'a title that is cut short', titleLimit: 60, labelLimit: 12, values: [10, 20000, 40]})]),
  grid_and_domain: axes([
    axis({
      grid: true,
      gridColor: 'red',
      gridDash: [2, 2],
      gridOpacity: 0.5,
      domainColor: 'blue',
      domainWidth: 3,
      tickSize: 12,
      tickColor: 'green',
      tickOffset: 2
    }),
    axis({orient: 'left', scale: 'y', grid: true, gridScale: 'x', ticks: false})
  ]),
  nothing_shown: axes([axis({domain: false, ticks: false, labels: false, title: 'bare'})]),
  labels: axes([axis({
    labelAngle: 30,
    labelAlign: 'left',
    labelBaseline: 'top',
    labelColor: 'navy',
    labelFontSize: 8,
    labelFontStyle: 'italic',
    labelFontWeight: 'bold',
    labelPadding: 6,
    labelOffset: 2,
    format: '.2e'
  })]),
  overlap_parity:
      axes([axis({values: [10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80], labelOverlap: true})]),
  overlap_greedy: axes([axis({
    values: [10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80],
    labelOverlap: 'greedy',
    labelSeparation: 4
  })]),
  flush: axes([
    axis({labelFlush: true, values: [3, 60, 128]}),
    axis({orient: 'top', labelFlush: 8, labelFlushOffset: 3, values: [3, 60, 128]})
  ]),
  bound: axes(
      [axis({labelBound: true, values: [3, 60, 128]}), axis({orient: 'top', labelBound: 1, values: [3, 60, 128]})]),
  translate_position: axes([
    axis({translate: 0, position: 15}),
    axis({orient: 'left', scale: 'y', position: {scale: 'x', value: 60}, minExtent: 40, maxExtent: 60, title: 'y'})
  ]),
  band_ticks: axes([
    axis({orient: 'left', scale: 'y', tickBand: 'extent'}),
    axis({orient: 'right', scale: 'y', tickExtra: true, bandPosition: 1})
  ]),
  tick_counts: axes([axis({tickCount: 3}), axis({orient: 'top', tickCount: 20, tickMinStep: 20, format: '~s'})]),
  encode_blocks: axes([axis({
    encode: {
      labels: {update: {text: {signal: '\'<\' + datum.label + \'>\''}, fill: {value: 'red'}}},
      ticks: {update: {stroke: {value: 'lime'}}},
      domain: {update: {strokeWidth: {value: 4}}},
      title: {update: {fontSize: {value: 20}}}
    },
    title: 'T'
  })]),
  label_expression: axes([
    axis({labelExpr: 'datum.index % 2 ? \'\' : datum.label'}),
    axis({orient: 'top', formatType: 'number', format: '$,.2f', values: [50, 100]})
  ]),
  configured: axes([axis({title: 'c'}), axis({orient: 'left', scale: 'y', title: 'd'})], {
    config: {
      axis: {labelColor: 'gray', gridColor: 'pink'},
      axisBottom: {tickSize: 9},
      axisY: {titleAngle: 0},
      axisBand: {labelPadding: 11},
      axisQuantitative: {labelColor: 'red'}
    }
  }),
  zindex: axes([axis({zindex: 1, title: 'above'}), axis({orient: 'top', zindex: 0})]),
});
const legend = (more, scales = {}) => coloured({type: 'ordinal', range: 'category', ...scales}, 'k', more);
const orients = ['left', 'right', 'top', 'bottom', 'top-left', 'top-right', 'bottom-left', 'bottom-right', 'none'];
await write('legends', {
  ...Object.fromEntries(orients.map(orient => [`orient_${orient.replace('-', '_')}`, legend({
                                                 orient,
                                                 ...(orient === 'none' ? {legendX: 20, legendY: 30} : {})
                                               })])),
  ...Object.fromEntries(orients.slice(0, 4).map(
      orient => [`gradient_${orient}`, coloured({type: 'linear', range: 'heatmap'}, 'v', {orient})])),
  columns: legend({columns: 2, columnPadding: 20, rowPadding: 6, gridAlign: 'all'}),
  horizontal: legend({direction: 'horizontal', orient: 'bottom', clipHeight: 12}),
  symbol_limit: legend({symbolLimit: 2}),
  symbols: legend({
    symbolType: 'cross',
    symbolSize: 200,
    symbolStrokeWidth: 2,
    symbolStrokeColor: 'red',
    symbolOpacity: 0.5,
    symbolOffset: 3,
    symbolDash: [2, 1]
  }),
  labels: legend({
    labelAlign: 'right',
    labelColor: 'red',
    labelFontSize: 15,
    labelLimit: 20,
    labelOffset: 9,
    labelBaseline: 'top',
    format: '',
    values: ['a', 'long label', 'c']
  }),
  title: legend({
    title: ['over', 'two lines'],
    titleAlign: 'center',
    titleAnchor: 'middle',
    titleColor: 'red',
    titleFontSize: 14,
    titlePadding: 12,
    titleLimit: 50
  }),
  title_left: legend({title: 'beside', titleOrient: 'left', titleAnchor: 'end'}),
  title_bottom: legend({title: 'below', titleOrient: 'bottom'}),
  box: legend({fillColor: 'beige', strokeColor: 'brown', padding: 9, cornerRadius: 5, offset: 30}),
  gradient: coloured({type: 'linear', range: 'ramp'}, 'v', {
    gradientLength: 150,
    gradientThickness: 30,
    gradientStrokeColor: 'black',
    gradientStrokeWidth: 1,
    gradientOpacity: 0.4,
    tickCount: 2,
    format: '.1f'
  }),
  gradient_values: coloured(
      {type: 'linear', range: 'ramp'}, 'v', {values: [10, 60, 110], direction: 'horizontal', labelOverlap: true}),
  sizes: {
    ...base,
    scales: [{name: 'z', type: 'sqrt', range: [0, 900], domain: {data: 't', field: 'v'}}],
    legends: [{size: 'z', title: 'size', symbolFillColor: 'orange'}],
    marks: []
  },
  shapes: {
    ...base,
    scales: [
      {name: 'p', type: 'ordinal', range: 'symbol', domain: {data: 't', field: 'k'}},
      {name: 'o', type: 'linear', range: [0.2, 1], domain: {data: 't', field: 'v'}}
    ],
    legends: [{shape: 'p', title: 'shape'}, {opacity: 'o', title: 'opacity'}],
    marks: []
  },
  strokes: {
    ...base,
    scales: [
      {name: 'w', type: 'linear', range: [1, 9], domain: {data: 't', field: 'v'}},
      {name: 'd', type: 'ordinal', range: {signal: '[[1, 0], [4, 2]]'}, domain: {data: 't', field: 'k'}},
      {name: 'c', type: 'ordinal', range: 'category', domain: {data: 't', field: 'k'}}
    ],
    legends: [{strokeWidth: 'w', title: 'w'}, {strokeDash: 'd', stroke: 'c', title: 'd', symbolType: 'stroke'}],
    marks: []
  },
  two_same_side: {
    ...legend({}),
    legends: [{fill: 'c', title: 'one'}, {fill: 'c', title: 'two'}],
    config: {legend: {layout: {right: {direction: 'horizontal', anchor: 'middle', margin: 25}}}}
  },
  encode_blocks: legend({
    encode: {
      symbols: {update: {shape: {value: 'diamond'}}},
      labels: {update: {text: {signal: 'upper(datum.label)'}}},
      title: {update: {fill: {value: 'red'}}},
      legend: {update: {fill: {value: '#eee'}}},
      entries: {update: {opacity: {value: 0.5}}}
    }
  }),
});
const titled = title => ({
  ...base,
  title,
  axes: [],
  marks:
      [{type: 'rect', encode: {update: {width: {signal: 'width'}, height: {signal: 'height'}, fill: {value: '#ddd'}}}}]
});
await write('titles', {
  ...Object.fromEntries(['left', 'right', 'top', 'bottom'].flatMap(
      orient => ['start', 'middle', 'end'].map(
          anchor => [`${orient}_${anchor}`, titled({text: 'A title', subtitle: 'under it', orient, anchor})]))),
  group_frame: titled({text: 'A title', frame: 'group', anchor: 'start', offset: 15}),
  lines: titled(
      {text: ['one', 'two'], subtitle: ['three', 'four'], lineHeight: 20, subtitleLineHeight: 9, subtitlePadding: 7}),
  styled: titled({
    text: 'A title that is cut',
    limit: 60,
    align: 'right',
    angle: 10,
    baseline: 'bottom',
    color: 'red',
    dx: 5,
    dy: -3,
    fontSize: 20,
    fontWeight: 'normal',
    fontStyle: 'italic',
    font: 'serif',
    subtitle: 's',
    subtitleColor: 'blue',
    subtitleFontSize: 8
  }),
  encode: titled({
    text: 'x',
    encode: {
      title: {update: {fill: {value: 'red'}}},
      subtitle: {update: {fill: {value: 'green'}}},
      group: {update: {fill: {value: 'beige'}}}
    },
    subtitle: 'y'
  }),
});

// --- Marks: outlines
// --------------------------------------------------------------------------------------------------------
const points = [[5, 60], [20, 10], [45, 70], [60, 20], [90, 20], [120, 80], [120, 40], [170, 5]].map(
    ([x, y], i) => ({x, y, i, size: 2 + i, ok: i !== 4}));
const line = (type, encode) => ({
  width: 180,
  height: 90,
  data: [{name: 'p', values: points}],
  marks: [
    {type, from: {data: 'p'}, encode: {update: {x: {field: 'x'}, y: {field: 'y'}, stroke: {value: 'black'}, ...encode}}}
  ]
});
const curves = [
  'basis', 'basis-open', 'basis-closed', 'bundle', 'cardinal', 'cardinal-open', 'cardinal-closed', 'catmull-rom',
  'catmull-rom-open', 'catmull-rom-closed', 'linear', 'linear-closed', 'monotone', 'natural', 'step', 'step-before',
  'step-after'
];
const named = name => name.replaceAll('-', '_');
await write('curves', {
  ...Object.fromEntries(curves.map(curve => [`line_${named(curve)}`, line('line', {interpolate: {value: curve}})])),
  ...Object.fromEntries(
      curves.filter(c => !/closed|bundle/.test(c))
          .map(
              curve =>
                  [`area_${named(curve)}`,
                   line('area', {interpolate: {value: curve}, y2: {value: 90}, fill: {value: 'red'}})])),
  ...Object.fromEntries(['bundle', 'cardinal', 'catmull-rom'].map(
      curve => [`tension_${named(curve)}`, line('line', {interpolate: {value: curve}, tension: {value: 0.3}})])),
  line_gaps: line('line', {defined: {field: 'ok'}}),
  area_gaps: line('area', {defined: {field: 'ok'}, y2: {value: 50}, fill: {value: 'red'}}),
  line_monotone_horizontal: line('line', {interpolate: {value: 'monotone'}, orient: {value: 'horizontal'}}),
  area_horizontal: line(
      'area', {orient: {value: 'horizontal'}, interpolate: {value: 'monotone'}, x2: {value: 0}, fill: {value: 'red'}}),
  trail: line('trail', {size: {field: 'size'}, fill: {value: 'red'}}),
  trail_gaps: line('trail', {size: {field: 'size'}, defined: {field: 'ok'}}),
});
const shapes = [
  'circle', 'cross', 'diamond', 'square', 'arrow', 'wedge', 'triangle', 'triangle-up', 'triangle-down',
  'triangle-right', 'triangle-left', 'stroke', 'M-1,-1L1,-1L0,1Z',
  'M0,-0.5A.5,.5 0 0 1 0,.5Q.2,.2 -.3,0 T-.5,-.5 C0,0 .1,.1 .2,.2 S.4,.4 .5,.5 h.1v.1z'
];
const one = (type, encode) => ({
  width: 100,
  height: 100,
  marks: [{
    type,
    encode: {
      update: {
        x: {value: 40},
        y: {value: 50},
        fill: {value: 'red'},
        stroke: {value: 'black'},
        ...Object.fromEntries(Object.entries(encode).map(([k, v]) => [k, {value: v}]))
      }
    }
  }]
});
await write('shapes', {
  ...Object.fromEntries(shapes.map(
      (shape, i) => [`symbol_${i < 12 ? named(shape) : i}`, one('symbol', {shape, size: 300, angle: i * 7})])),
  arc: one('arc', {startAngle: 0.5, endAngle: 4, innerRadius: 10, outerRadius: 40}),
  arc_corners: one('arc', {startAngle: 0, endAngle: 2, innerRadius: 15, outerRadius: 40, cornerRadius: 5}),
  arc_pad: one('arc', {startAngle: 1, endAngle: 3, innerRadius: 12, outerRadius: 40, padAngle: 0.2, cornerRadius: 3}),
  arc_full: one('arc', {startAngle: 0, endAngle: 2 * Math.PI, innerRadius: 20, outerRadius: 40}),
  arc_pie_slice: one('arc', {startAngle: 5, endAngle: 3.2, outerRadius: 40}),
  arc_pad_radius:
      one('arc', {startAngle: 0, endAngle: 1, innerRadius: 5, outerRadius: 40, padAngle: 0.4, padRadius: 30}),
  rect: one('rect', {width: 30, height: 20}),
  rect_corner: one('rect', {width: 30, height: 20, cornerRadius: 6}),
  rect_corners:
      one('rect', {width: 30, height: 20, cornerRadiusTopLeft: 3, cornerRadiusTopRight: 30, cornerRadiusBottomLeft: 8}),
  rect_from_ends: one('rect', {x2: 10, y2: 90}),
  rect_centred: one('rect', {xc: 50, yc: 50, width: 10, height: 20}),
  path:
      one('path',
          {path: 'M0,0L10,20l5,-30H30V40q5,5 10,0t10,3a10,20 30 1 1 -20,-20z', angle: 30, scaleX: 1.5, scaleY: 0.5}),
  rule: one('rule', {x2: 90, y2: 10, strokeDash: [4, 2], strokeCap: 'round'}),
  text: one('text', {
    text: ['one', 'two lines'],
    align: 'center',
    baseline: 'middle',
    angle: 45,
    dx: 3,
    dy: 4,
    fontSize: 14,
    limit: 40
  }),
  text_polar:
      one('text', {text: 'polar', radius: 20, theta: 1, fontWeight: 'bold', ellipsis: '~', limit: 20, dir: 'rtl'}),
  text_number: one('text', {text: '0.1', lineBreak: '.', lineHeight: 20, font: 'monospace', baseline: 'line-top'}),
});

// --- Layout
// -----------------------------------------------------------------------------------------------------------------
const cells = (n, more = {}) => Array.from(
    {length: n},
    (_, i) => ({
      type: 'group',
      title: i % 2 ? {text: `cell ${i}`} : undefined,
      encode: {enter: {width: {value: 30 + 10 * i}, height: {value: 50 - 7 * i}, stroke: {value: 'black'}}},
      scales: [{name: 's', domain: [0, 10 ** (i + 1)], range: [30 + 10 * i, 0]}],
      axes: [{orient: i % 2 ? 'left' : 'bottom', scale: 's', tickCount: 2}],
      ...more
    }));
const grid = (layout, n = 4, more = {}) => ({padding: 5, layout, marks: cells(n), ...more});
const trellis = (layout, footer = false) => ({
  padding: 5,
  data,
  layout: {columns: 2, padding: 10, ...layout},
  marks: [
    {
      type: 'group',
      name: 'cell',
      from: {facet: {data: 't', name: 'f', groupby: 'k'}},
      encode: {update: {width: {value: 50}, height: {value: 30}, stroke: {value: 'grey'}}},
      marks: [{type: 'symbol', from: {data: 'f'}, encode: {update: {x: {field: 'v', mult: 0.3}, y: {value: 15}}}}]
    },
    {
      type: 'group',
      role: 'row-header',
      from: {data: 't'},
      title: {text: {signal: 'parent.k'}, orient: 'left', offset: 5},
      encode: {update: {height: {value: 30}}}
    },
    {
      type: 'group',
      role: footer ? 'column-footer' : 'column-header',
      from: {data: 't'},
      title: {text: {signal: 'parent.k'}, orient: footer ? 'bottom' : 'top'},
      encode: {update: {width: {value: 50}}}
    },
    {type: 'group', role: 'column-title', title: {text: 'columns', anchor: 'middle'}},
    {type: 'group', role: 'row-title', title: {text: 'rows', orient: 'left'}}
  ]
});
const sized = autosize => ({
  width: 150,
  height: 80,
  padding: {left: 10, top: 5, right: 20, bottom: 0},
  autosize,
  data,
  scales: [{name: 'x', range: 'width', domain: [0, 12345]}, {name: 'y', range: 'height', domain: [0, 1]}],
  axes: [{orient: 'bottom', scale: 'x', title: 'wide'}, {orient: 'left', scale: 'y'}],
  marks: [{type: 'symbol', encode: {update: {x: {signal: 'width'}, y: {signal: 'height'}}}}]
});
await write('layouts', {
  row: grid({padding: 10}),
  columns: grid({columns: 2, padding: {row: 5, column: 20}}),
  flush_all: grid({columns: 2, bounds: 'flush', align: 'all', padding: 4}),
  full_each: grid({columns: 3, bounds: 'full', align: 'each', center: true, padding: 4}, 5),
  align_none: grid({columns: 2, align: {row: 'none', column: 'each'}, center: {row: true, column: false}}),
  offsets: grid({columns: 2, padding: 3, offset: 9}),
  headers: trellis({offset: {rowHeader: 4, columnHeader: 6, columnTitle: 8}, titleBand: 0.5}),
  headers_flush: trellis({bounds: 'flush', align: 'all', titleAnchor: {row: 'start', column: 'end'}}),
  footers: trellis({footerBand: {column: 1}, headerBand: {row: 0.5}}, true),
  nested: {
    padding: 2,
    layout: {columns: 1, padding: 12},
    marks: [
      {type: 'group', layout: {padding: 6, columns: 2}, marks: cells(2)},
      {type: 'group', layout: {padding: 2}, marks: cells(3)}
    ]
  },
  autosize_none: sized('none'),
  autosize_pad: sized('pad'),
  autosize_fit: sized('fit'),
  autosize_fit_x: sized('fit-x'),
  autosize_fit_y: sized('fit-y'),
  autosize_fit_padding: sized({type: 'fit', contains: 'padding'}),
  autosize_pad_padding: sized({type: 'pad', contains: 'padding'}),
});

// --- Corners that a comparison of changed specifications found (differential.mjs)
// --------------------------------------------
const invalid =
    ['%a %A %b %B', '%d|%e|%f|%g|%G|%H|%I', '%j|%L|%m|%M|%p|%q|%Q', '%s|%S|%u|%U|%V|%w|%W|%y|%Y|%Z', '%c', '%_d %-d'];
const nulls = [
  {k: 'a', v: 3}, {k: 'a', v: null}, {k: 'a', v: 9}, {k: 'a', v: 4}, {k: 'b', v: null}, {k: 'b', v: 1}, {k: 'b', v: 2.5}
];
const statistics = [
  'count', 'valid', 'missing', 'distinct', 'sum', 'product', 'mean', 'variance', 'variancep', 'stdev', 'stdevp',
  'stderr', 'median', 'q1', 'q3', 'min', 'max'
];
await write('corners', {
  invalid_dates: {marks: invalid.map((format, i) => ({type: 'text', encode: {update: {y: {value: 12 * i},
    text: {signal: `timeFormat(datetime(NaN), ${JSON.stringify(format)})`}}}}))},
  density_of_nulls: {...base, data: [{name: 't', values: nulls, transform: [{type: 'kde', field: 'v', groupby: ['k'],
    minsteps: 5, maxsteps: 8}]}],
    scales: [{name: 'x', domain: {data: 't', field: 'value'}, range: 'width'}, {name: 'y', domain: {data: 't',
      field: 'density'}, range: 'height'}], marks: [symbols({x: {scale: 'x', field: 'value'}, y: {scale: 'y',
      field: 'density'}})]},
  no_values_of_two_fields: positional({type: 'linear', zero: true, domain: {data: 't', fields: ['nothing',
    'neither']}}, 'v'),
  point_padding_last: positional({type: 'point', paddingOuter: 1, padding: 0.25}, 'k'),
  point_padding_first: positional({type: 'point', padding: 0.25, paddingOuter: 1}, 'k'),
  time_of_fractions: positional({type: 'time', domain: [2000.4, 90000.9]}, 'v', {format: '%S'}),
  symbol_limit_below_one: legend({symbolLimit: 0.5}),
  symbol_limit_negative: legend({symbolLimit: -1}),
  colour_channels: {...base, marks: [symbols({x: {value: 9}, fill: {color: {l: {value: 50}, a: {value: 100},
    b: {value: -20}}}, stroke: {color: {h: {value: 90}, s: {value: 0.5}, l: {field: 'v', mult: 0.005}}}})]},
  sqrt_with_exponent: positional({type: 'sqrt', exponent: 3}, 'v'),
  band_with_end: positional({type: 'band', domainMax: 'z'}, 'k'),
  viridis_halves: coloured({type: 'linear', range: {scheme: 'viridis'}, domain: [0, 100]}, 'v', {gradientLength: 90}),
  inverts: {...base, scales: [
      {name: 'linear', type: 'linear', domain: [0, 8], range: 'width'}, {name: 'log', type: 'log', domain: [1, 1000],
        range: [300, 0]},
      {name: 'pow', type: 'pow', exponent: 2, domain: [-3, 3], range: [0, 90]}, {name: 'symlog', type: 'symlog',
        domain: [-50, 50], range: [0, 70]},
      {name: 'utc', type: 'utc', domain: [0, 864e5], range: [0, 48]}, {name: 'bands', type: 'band', domain: ['a', 'b',
        'c'], range: [0, 90], padding: 0.2},
      {name: 'points', type: 'point', domain: ['a', 'b', 'c'], range: [90, 0]}, {name: 'quantize', type: 'quantize',
        domain: [0, 9], range: ['red', 'green', 'blue']},
      {name: 'threshold', type: 'threshold', domain: [2, 5], range: ['red', 'green', 'blue']}, {name: 'quantile',
        type: 'quantile', domain: [1, 2, 4, 8, 16], range: ['red', 'green']}],
    projections: [{name: 'map', type: 'mercator', scale: 60, translate: [90, 80], rotate: [20, 0, 0]}],
    signals: [{name: 'at', update: 'invert(\'linear\', 50)'}, {name: 'there',
      update: 'invert(\'map\', scale(\'map\', [12, 34]))'}],
    marks: ['at', '[round(1e6 * there[0]) / 1e6, round(1e6 * there[1]) / 1e6]', 'invert(\'linear\', [0, 50])',
      'invert(\'log\', 100)', 'invert(\'pow\', 20)', 'invert(\'symlog\', 12)', '+invert(\'utc\', 12)',
      'invert(\'bands\', 40)',
        'invert(\'bands\', [5, 65])', 'invert(\'bands\', [200, 300])', 'invert(\'points\', 44)',
          'invert(\'points\', [10, 80])', 'invert(\'quantize\', \'green\')', 'invert(\'threshold\', \'red\')',
          'invert(\'threshold\', \'green\')', 'invert(\'quantile\', \'green\')',
        'invert(\'nothing\', 3)', 'invert(\'linear\', \'text\')'].map((signal, i) => ({type: 'text',
          encode: {update: {y: {value: 12 * i}, text: {signal: `'' + toString(${signal})`}}}}))},
  infinite_field: positional({type: 'linear', zero: true, nice: true, domain: {fields: [[1e300, {signal: '1 / 0'}],
    [3, 8]]}}, 'v'),
  infinite_values: {...base, data: [{name: 't', values: [{v: 1}, {v: 4}], transform: [{type: 'formula', as: 'u',
    expr: 'datum.v / (datum.v - 1)'}]}],
    scales: [{name: 'x', domain: {data: 't', field: 'v'}, range: 'width'}, {name: 'y', nice: true, domain: {data: 't',
      fields: ['u', 'v']}, range: 'height'}, {name: 'z', domain: {data: 't', field: 'u'}, range: 'height'}],
    axes: [{scale: 'y', orient: 'left'}, {scale: 'z', orient: 'right'}], marks: [symbols({x: {scale: 'x', field: 'v'},
      y: {scale: 'y', field: 'v'}})]},
  statistics_of_texts: {data: [{name: 't', values: [{v: 'rain', w: 1}, {v: 'sun', w: 'x'}, {v: '7', w: null}, {v: '3',
    w: 4}],
      transform: [{type: 'aggregate', ops: [...statistics, ...statistics], fields: [...statistics.map(() => 'v'),
        ...statistics.map(() => 'w')], as: [...statistics.map(op => 'v' + op), ...statistics.map(op => 'w' + op)]}]}],
    marks: statistics.map((op, i) => ({type: 'text', from: {data: 't'}, encode: {update: {y: {value: 12 * i},
      text: {signal: `'${op} ' + datum.v${op} + ' ' + datum.w${op}`}}}}))},
  steps_of_times: {...base, scales: [{name: 's', type: 'quantize', domain: [0, 36e5], range: [10, 100, 200]}],
    legends: [{size: 's', format: '%M:%S', formatType: 'utc'}]},
  format_of_a_width: positional({type: 'linear'}, 'w', {format: {signal: '12'}}),
  interactive_legend: {...legend({encode: {legend: {interactive: true}, entries: {interactive: true}}})},
  date_as_text: {data, marks: [{type: 'text', from: {data: 't'},
    encode: {update: {text: {signal: '\'\' + datum.t'}}}}]},
});
