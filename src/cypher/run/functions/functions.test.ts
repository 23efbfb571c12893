/** Every scalar function by the text of a call: results, null, and wrong arguments. */
import { describe, expect, it } from 'vitest';
import { evaluate, outcome } from '../../../../test/support/cypher-expressions.ts';
import { Node, Path, Relationship } from '../../values/value.ts';
import { FUNCTIONS } from './functions.ts';

const tested = new Set<string>();
const table = (rows: readonly (readonly [text: string, expected: string])[]): void => {
  for (const [text] of rows) {
    for (const [, name] of text.matchAll(/([\w.]+)\(/g)) tested.add((name ?? '').toLowerCase());
  }
  it.each(rows)('%s is %s', (text, expected) => {
    expect(outcome(text)).toBe(expected);
  });
};

const WRONG = 'TypeError: InvalidArgumentValue';

describe('numbers', () => {
  table([
    ['[abs(-3), abs(3), abs(-1.5)]', '[3, 3, 1.5]'],
    ['abs(-9223372036854775808)', 'ArithmeticError: IntegerOverflow'],
    ["abs('a')", WRONG],
    ['abs(null)', 'null'],
    ['[sign(-3), sign(0), sign(0.5)]', '[-1, 0, 1]'],
    ['[ceil(1.2), ceil(-1.2), ceiling(2), floor(1.8), floor(-1.2)]', '[2.0, -1.0, 2.0, 1.0, -2.0]'],
    ['[round(1.5), round(-1.5), round(-1.6), round(2)]', '[2.0, -1.0, -2.0, 2.0]'],
    ['[round(1.005, 2), round(-1.55, 1), round(1234.567, 0), round(0.004, 2)]', '[1.01, -1.6, 1235.0, 0.0]'],
    ["[round(1.249, 1, 'UP'), round(1.299, 1, 'DOWN'), round(-1.21, 1, 'ceiling')]", '[1.3, 1.2, -1.2]'],
    [
      "[round(-1.21, 1, 'FLOOR'), round(1.25, 1, 'HALF_UP'), round(1.25, 1, 'HALF_DOWN')]",
      '[-1.3, 1.3, 1.2]',
    ],
    [
      "[round(1.25, 1, 'HALF_EVEN'), round(1.35, 1, 'HALF_EVEN'), round(1.251, 1, 'HALF_EVEN')]",
      '[1.2, 1.4, 1.3]',
    ],
    ['[round(0.06, 1), round(0.04, 1), round(1.0e300, 2)]', '[0.1, 0.0, 1e300]'],
    ["round(1.5, 1, 'SIDEWAYS')", 'ArgumentError: InvalidArgumentValue'],
    ['round(1.5, -1)', 'ArgumentError: NumberOutOfRange'],
    ['round(1.5, null)', 'null'],
    ['[sqrt(16), sqrt(-1), exp(0), log(1), log10(1000)]', '[4.0, NaN, 1.0, 0.0, 3.0]'],
    [
      '[sin(0), cos(0), tan(0), asin(0), acos(1), atan(0), atan2(0, 1)]',
      '[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]',
    ],
    ['[sinh(0), cosh(0), tanh(0), round(cot(1), 5), round(coth(1), 5)]', '[0.0, 1.0, 0.0, 0.64209, 1.31304]'],
    [
      '[degrees(pi()), round(radians(180), 10), haversin(0), round(e(), 3)]',
      '[180.0, 3.1415926536, 0.0, 2.718]',
    ],
    ['[isNaN(0.0 / 0.0), isNaN(1)]', '[true, false]'],
    ['rand()', '0.25'],
    ["sin('a')", WRONG],
  ]);
});

describe('strings', () => {
  table([
    [
      "[substring('hello', 1), substring('hello', 1, 3), substring('hello', 9), substring('a😀b', 1, 1)]",
      "['ello', 'ell', '', '😀']",
    ],
    ["substring('hello', -1)", 'ArgumentError: NumberOutOfRange'],
    ["substring('hello', 1, -1)", 'ArgumentError: NumberOutOfRange'],
    ["substring('hello', 1.5)", WRONG],
    ['substring(null, 1)', 'null'],
    [
      "[left('hello', 2), left('hi', 9), right('hello', 2), right('😀😁', 1), right('hi', 0)]",
      "['he', 'hi', 'lo', '😁', '']",
    ],
    ["left('a', -1)", 'ArgumentError: NumberOutOfRange'],
    [
      "[trim(' a '), lTrim(' a '), rTrim(' a '), btrim('xyaxy', 'xy'), ltrim('xax', 'x'), rtrim('xax', 'x')]",
      "['a', 'a ', ' a', 'a', 'ax', 'xa']",
    ],
    ["btrim('xx', 'x')", "''"],
    [
      "[replace('hello', 'l', 'w'), replace('aaa', 'aa', '$&'), replace('ab', '', '-'), replace('a', 'b', 'c')]",
      "['hewwo', '$&a', '-a-b-', 'a']",
    ],
    [
      "[split('a,b,', ','), split('', ','), split('abc', ''), split('a-b c', ['-', ' '])]",
      "[['a', 'b', ''], [''], ['a', 'b', 'c'], ['a', 'b', 'c']]",
    ],
    ["[reverse('a😀b'), reverse([1, 2])]", "['b😀a', [2, 1]]"],
    ["[toUpper('straße'), upper('a'), toLower('Ä'), lower('B')]", "['STRASSE', 'A', 'ä', 'b']"],
    ["[char_length('a😀'), character_length('ab'), size('a😀')]", '[2, 2, 2]'],
    ["normalize('e\u0301') = 'é'", 'true'],
    ["size(normalize('é', 'NFD'))", '2'],
    ["normalize('a', 'X')", 'ArgumentError: InvalidArgumentValue'],
    ['toUpper(1)', WRONG],
    ['reverse(1)', WRONG],
    ['split(1, 2)', WRONG],
    ["randomUUID() =~ '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'", 'true'],
    ['randomUUID() = randomUUID()', 'false'],
    ["size(replace(reduce(s = 'aaaaaaaa', i IN range(1, 18) | s + s), 'a', '0123456789'))", 'LIMIT_EXCEEDED'],
    ["size(split(reduce(s = 'aaaaaaaa', i IN range(1, 18) | s + s), ''))", 'LIMIT_EXCEEDED'],
  ]);
});

describe('conversions', () => {
  table([
    [
      "[toInteger('42'), toInteger(' -7 '), toInteger('1.7'), toInteger('1e3'), toInteger('0x1F'), toInteger('+3')]",
      '[42, -7, 1, 1000, 31, 3]',
    ],
    [
      "[toInteger(2.9), toInteger(-2.9), toInteger(true), toInteger('foo'), toInteger(''), toInteger(null)]",
      '[2, -2, 1, null, null, null]',
    ],
    ["toInteger('9223372036854775808')", 'ArithmeticError: NumberOutOfRange'],
    ['toInteger(1.0e300)', 'ArithmeticError: NumberOutOfRange'],
    ['toInteger(0.0 / 0.0)', 'ArithmeticError: NumberOutOfRange'],
    ['toInteger([])', WRONG],
    [
      "[toFloat('1'), toFloat('.5'), toFloat('-1e2'), toFloat(3), toFloat('foo'), toFloat('NaN'), toFloat('1,5')]",
      '[1.0, 0.5, -100.0, 3.0, null, NaN, null]',
    ],
    ['toFloat(true)', WRONG],
    [
      "[toBoolean('TRUE'), toBoolean('false'), toBoolean('f alse'), toBoolean(0), toBoolean(true)]",
      '[true, false, null, false, true]',
    ],
    ['toBoolean(1.0)', WRONG],
    [
      "[toString(1), toString(2.0), toString(true), toString('a'), toString(date('2015-07-21'))]",
      "['1', '2.0', 'true', 'a', '2015-07-21']",
    ],
    ['toString([1])', WRONG],
    [
      '[toIntegerOrNull([]), toFloatOrNull(true), toBooleanOrNull(1.0), toStringOrNull({})]',
      '[null, null, null, null]',
    ],
    ["[toIntegerOrNull('1'), toIntegerOrNull('9223372036854775808'), toFloatOrNull('2')]", '[1, null, 2.0]'],
    [
      "[toIntegerList(['1', 'a', 2.5]), toFloatList(['1']), toBooleanList(['true', 3.5]), toStringList([1, []])]",
      "[[1, null, 2], [1.0], [true, null], ['1', null]]",
    ],
    ["toIntegerList('1')", WRONG],
    [
      '[valueType(1), valueType(null), valueType([]), valueType([1, null])]',
      "['INTEGER NOT NULL', 'NULL', 'LIST<NOTHING> NOT NULL', 'LIST<INTEGER> NOT NULL']",
    ],
    [
      "valueType([1, 'a', [2.0]])",
      "'LIST<STRING NOT NULL | INTEGER NOT NULL | LIST<FLOAT NOT NULL> NOT NULL> NOT NULL'",
    ],
    [
      '[valueType(date()), valueType(datetime()), valueType(localtime())]',
      "['DATE NOT NULL', 'ZONED DATETIME NOT NULL', 'LOCAL TIME NOT NULL']",
    ],
  ]);
});

describe('lists and nulls', () => {
  table([
    [
      '[head([1, 2]), last([1, 2]), tail([1, 2]), head([]), last([]), tail([])]',
      '[1, 2, [2], null, null, []]',
    ],
    ['head(1)', WRONG],
    ['[size([1, null]), size([]), size(null)]', '[2, 0, null]'],
    ['size(1)', WRONG],
    [
      "[isEmpty([]), isEmpty(''), isEmpty({}), isEmpty([1]), isEmpty(null)]",
      '[true, true, true, false, null]',
    ],
    [
      '[range(1, 3), range(3, 1), range(3, 1, -2), range(0, 5, 2), range(0, 0, -1)]',
      '[[1, 2, 3], [], [3, 1], [0, 2, 4], [0]]',
    ],
    ['range(1, 3, 0)', 'ArgumentError: NumberOutOfRange'],
    ['range(1.0, 3)', 'ArgumentError: InvalidArgumentType'],
    ['range(1, null)', 'null'],
    ['range(1, 9223372036854775807)', 'LIMIT_EXCEEDED'],
    ['range(9223372036854775806, 9223372036854775807)', '[9223372036854775806, 9223372036854775807]'],
    ['[coalesce(null, 1, 1 / 0), coalesce(null), coalesce(2)]', '[1, null, 2]'],
    ['[nullIf(1, 1.0), nullIf(1, 2), nullIf(null, 1), nullIf(1, null)]', '[null, 1, null, 1]'],
    ['[exists({a: 1}.a), exists({a: 1}.b)]', '[true, false]'],
    ['keys({b: 1, a: null})', "['b', 'a']"],
    ['properties({b: 1})', '{b: 1}'],
  ]);
});

describe('space and time', () => {
  table([
    ['point({x: 1, y: 2}).y', '2.0'],
    ['point.distance(point({x: 0, y: 0}), point({x: 3, y: 4}))', '5.0'],
    ['distance(point({x: 0, y: 0}), 1)', 'null'],
    ['point(1)', WRONG],
    ['point.withinBBox(point({x: 1, y: 1}), point({x: 0, y: 0}), point({x: 2, y: 2}))', 'true'],
    ['timestamp()', String(Date.UTC(2026, 10, 2, 8, 30, 15, 123))],
    ['timestamp() = datetime().epochMillis', 'true'],
    ["toString(date('2015-07-21'))", "'2015-07-21'"],
    ['toString(date())', "'2026-11-02'"],
    ['toString(localdatetime.transaction())', "'2026-11-02T09:30:15.123456789'"],
    [
      '[toString(time.statement()), toString(localtime())]',
      "['09:30:15.123456789+01:00', '09:30:15.123456789']",
    ],
    ['datetime() = datetime()', 'true'],
    ['datetime.realtime() > datetime({year: 2020})', 'true'],
    ['toString(duration({days: 1, hours: 2}))', "'P1DT2H'"],
    ["toString(duration.between(date('2015-01-01'), date('2015-02-03')))", "'P1M2D'"],
    ["toString(datetime.truncate('year', datetime()))", "'2026-01-01T00:00+01:00[Europe/Stockholm]'"],
    ['toString(datetime.fromEpoch(0, 1))', "'1970-01-01T00:00:00.000000001Z'"],
    ['toString(datetime.fromEpochMillis(1))', "'1970-01-01T00:00:00.001Z'"],
    [
      "[toString(time('10:00Z')), toString(localdatetime('2015-07-21T10'))]",
      "['10:00Z', '2015-07-21T10:00']",
    ],
    ['date(null)', 'null'],
  ]);
});

describe('entities', () => {
  const ada = new Node(1n, ['Person', 'Writer'], new Map([['name', 'Ada']]));
  const bob = new Node(2n, [], new Map());
  const knows = new Relationship(3n, 'KNOWS', 1n, 2n, new Map([['since', 1833n]]));
  const gone = Object.assign(new Node(4n, ['A'], new Map()), { deleted: true });
  const cut = Object.assign(new Relationship(5n, 'KNEW', 1n, 9n, new Map()), { deleted: true });
  const p = new Path([ada, bob], [knows]);
  const world = { variables: { ada, bob, knows, gone, cut, p, x: 1n }, nodes: [ada, bob] };

  const rows: readonly (readonly [string, string])[] = [
    ['labels(ada)', "['Person', 'Writer']"],
    ['type(knows)', "'KNOWS'"],
    ['type(cut)', "'KNEW'"],
    ['keys(ada)', "['name']"],
    ['properties(knows)', '{since: 1833}'],
    ['[id(ada), elementId(knows)]', "[1, '3']"],
    ['startNode(knows)', "(:Person:Writer {name: 'Ada'})"],
    ['endNode(knows)', '()'],
    ['nodes(p)', "[(:Person:Writer {name: 'Ada'}), ()]"],
    ['relationships(p)', '[[:KNOWS {since: 1833}]]'],
    ['length(p)', '1'],
    ['[labels(null), type(null), length(null), startNode(null)]', '[null, null, null, null]'],
    ['[x IN [ada, 1] | labels(x)]', WRONG],
    ['[x IN [knows, 1] | type(x)]', WRONG],
    ['keys(x)', WRONG],
    ['properties(x)', WRONG],
    ['id(x)', WRONG],
    ['elementId(x)', WRONG],
    ['startNode(x)', WRONG],
    ['length(x)', WRONG],
    ['labels(gone)', 'EntityNotFound: DeletedEntityAccess'],
    ['keys(gone)', 'EntityNotFound: DeletedEntityAccess'],
    ['properties(gone)', 'EntityNotFound: DeletedEntityAccess'],
    ['endNode(cut)', 'EntityNotFound: DeletedEntityAccess'],
    ['valueType(ada)', "'NODE NOT NULL'"],
  ];
  for (const [text] of rows)
    for (const [, name] of text.matchAll(/(\w+)\(/g)) tested.add((name ?? '').toLowerCase());
  it.each(rows)('%s is %s', (text, expected) => {
    expect(outcome(text, world)).toBe(expected);
  });

  it('gives the nodes themselves, not copies', () => {
    expect(evaluate('startNode(knows)', world)).toBe(ada);
  });
});

describe('the tables above', () => {
  it('call every function', () => {
    const temporalForms = /\.(?:transaction|statement|realtime|truncate)$|^duration\.in/;
    expect([...FUNCTIONS.keys()].filter((name) => !tested.has(name) && !temporalForms.test(name))).toEqual(
      [],
    );
  });
});
