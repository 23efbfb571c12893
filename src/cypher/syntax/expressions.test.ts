/** Precedence, association and forms of expressions, shown as fully bracketed text. */
import { describe, expect, it } from 'vitest';
import type { Expression, LabelExpression } from './ast.ts';
import { parse } from './parse.ts';

function expressionOf(text: string): Expression {
  const { body } = parse(`RETURN ${text}`);
  const clause = body.kind === 'query' ? body.parts[0]?.clauses[0] : undefined;
  const item = clause?.kind === 'return' ? clause.items[0] : undefined;
  if (item === undefined) throw new Error('a RETURN with one item');
  return item.expression;
}

const labels = (label: LabelExpression): string => {
  switch (label.kind) {
    case 'label':
      return label.name;
    case 'wildcard':
      return '%';
    case 'not':
      return `!${labels(label.operand)}`;
    default:
      return `(${label.operands.map(labels).join(label.kind === 'and' ? '&' : '|')})`;
  }
};

const maybe = (mark: string, expression: Expression | undefined): string =>
  expression === undefined ? '' : `${mark}${show(expression)}`;

function show(e: Expression): string {
  switch (e.kind) {
    case 'literal':
      return typeof e.value === 'string'
        ? JSON.stringify(e.value)
        : `${typeof e.value === 'number' ? 'f' : ''}${e.value}`;
    case 'parameter':
      return `$${e.name}`;
    case 'variable':
      return e.name;
    case 'property':
      return `${show(e.object)}.${e.key}`;
    case 'label-test':
      return `<${show(e.object)}:${labels(e.labels)}>`;
    case 'index':
      return `${show(e.object)}[${show(e.index)}]`;
    case 'slice':
      return `${show(e.object)}[${maybe('', e.from)}..${maybe('', e.to)}]`;
    case 'unary':
      return `(${e.operator} ${show(e.operand)})`;
    case 'binary':
      return `(${show(e.left)} ${e.operator} ${show(e.right)})`;
    case 'comparison':
      return `(${show(e.first)}${e.links.map((link) => ` ${link.operator} ${show(link.operand)}`).join('')})`;
    case 'null-test':
      return `(${show(e.operand)} IS ${e.negated ? 'NOT ' : ''}NULL)`;
    case 'list':
      return `[${e.items.map(show).join(', ')}]`;
    case 'map':
      return `{${e.entries.map(({ key, value }) => `${key}: ${show(value)}`).join(', ')}}`;
    case 'case':
      return `CASE${maybe(' ', e.subject)}${e.branches.map(({ when, then }) => ` WHEN ${show(when)} THEN ${show(then)}`).join('')}${maybe(' ELSE ', e.otherwise)} END`;
    case 'call':
      return `${e.name}(${e.distinct ? 'DISTINCT ' : ''}${e.arguments.map(show).join(', ')})`;
    case 'count-star':
      return 'count(*)';
    case 'list-comprehension':
      return `[${e.variable} IN ${show(e.list)}${maybe(' WHERE ', e.where)}${maybe(' | ', e.projection)}]`;
    case 'pattern-comprehension':
      return `[${maybe('', e.pattern.variable)}<${e.pattern.nodes.length}>${maybe(' WHERE ', e.where)}${maybe(' | ', e.projection)}]`;
    case 'quantifier':
      return `${e.quantifier}(${e.variable} IN ${show(e.list)} WHERE ${show(e.where)})`;
    case 'reduce':
      return `reduce(${e.accumulator} = ${show(e.initial)}, ${e.variable} IN ${show(e.list)} | ${show(e.expression)})`;
    case 'pattern':
      return `${e.pattern.shortest ?? ''}<${e.pattern.nodes.length}>`;
    case 'subquery':
      return `${e.form}{${e.query.parts.flatMap(({ clauses }) => clauses.map(({ kind }) => kind)).join(' ')}}`;
    default:
      return `${e.subject.name}{${e.items.map((item) => item.kind).join(', ')}}`;
  }
}

const shown = (text: string): string => show(expressionOf(text));

describe('precedence', () => {
  it.each([
    ['a OR b XOR c AND NOT d = e', '(a OR (b XOR (c AND (NOT (d = e)))))'],
    ['NOT a AND b', '((NOT a) AND b)'],
    ['NOT NOT a', '(NOT (NOT a))'],
    ['a + b < c IS NULL', '((a + b) < (c IS NULL))'],
    ['a = b IS NOT NULL', '(a = (b IS NOT NULL))'],
    ['a IN b + c', '(a IN (b + c))'],
    ['a IN b = c', '((a IN b) = c)'],
    ["a STARTS WITH 'x' + 'y' AND b ENDS WITH c", '((a STARTS WITH ("x" + "y")) AND (b ENDS WITH c))'],
    ["a =~ 'x' OR a CONTAINS b", '((a =~ "x") OR (a CONTAINS b))'],
    ['a - b - c', '((a - b) - c)'],
    ['a + b * c % d / e', '(a + (((b * c) % d) / e))'],
    ['a || b + c', '((a || b) + c)'],
    ['a ^ b ^ c', '((a ^ b) ^ c)'],
    ['-3 ^ 2', '(-3 ^ 2)'],
    ['-a ^ 2', '((- a) ^ 2)'],
    ['2 ^ -a.b', '(2 ^ (- a.b))'],
    ['- - 1', '(- -1)'],
    ['+1 - -1', '((+ 1) - -1)'],
    ['-a.b[0].c', '(- a.b[0].c)'],
    ['-1.5.x', '(- f1.5.x)'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['a < b <= c <> d', '(a < b <= c <> d)'],
    ['(a < b) < c', '((a < b) < c)'],
    ['a AND b AND c', '((a AND b) AND c)'],
    ['a OR b OR c OR d OR e', '(((a OR b) OR c) OR (d OR e))'],
    ['a AND (b AND c)', '(a AND (b AND c))'],
    ['n:A:B', '<n:(A&B)>'],
    ['NOT n:A|B&!C', '(NOT <n:(A|(B&!C))>)'],
    ['n.m:(A|B)&%', '<n.m:((A|B)&%)>'],
  ])('of %s', (text, bracketed) => {
    expect(shown(text)).toBe(bracketed);
  });
});

describe('operands', () => {
  it.each([
    ['xs[1..-1]', 'xs[1..-1]'],
    ['xs[..2][1..][..]', 'xs[..2][1..][..]'],
    ["m['a'].b", 'm["a"].b'],
    ['[]', '[]'],
    ['{}', '{}'],
    ['{a: 1, `b c`: [2], end: {null: null}}', '{a: 1, b c: [2], end: {null: null}}'],
    ['CASE WHEN a THEN b END', 'CASE WHEN a THEN b END'],
    ['CASE a WHEN 1, 2 THEN b ELSE c END', 'CASE a WHEN 1 THEN b WHEN 2 THEN b ELSE c END'],
    ['CASE end WHEN 1 THEN end ELSE end END', 'CASE end WHEN 1 THEN end ELSE end END'],
    ['cOuNt( * )', 'count(*)'],
    ['count(DISTINCT a)', 'count(DISTINCT a)'],
    ['duration . between(a, b)', 'duration.between(a, b)'],
    ['f()', 'f()'],
    ['`a.b`(1)', 'a.b(1)'],
    ['exists(n.p)', 'exists(n.p)'],
    ['any(a)', 'any(a)'],
    ['[x IN xs]', '[x IN xs]'],
    ['[x IN xs WHERE x > 1 | x + 1]', '[x IN xs WHERE (x > 1) | (x + 1)]'],
    ['[x IN xs WHERE x:A | y]', '[x IN xs WHERE <x:A> | y]'],
    ['[x IN xs WHERE x:A|B|C | y]', '[x IN xs WHERE <x:(A|B|C)> | y]'],
    ['[x IN xs WHERE (x:A|B)]', '[x IN xs WHERE <x:(A|B)>]'],
    ['[null IN xs, true IN xs]', '[(null IN xs), (true IN xs)]'],
    ['[x IN xs, y]', '[(x IN xs), y]'],
    ['[x IN xs AND y]', '[((x IN xs) AND y)]'],
    ['[x IN a + b | x]', '[x IN (a + b) | x]'],
    ['all(x IN xs WHERE x)', 'all(x IN xs WHERE x)'],
    ['SINGLE(x IN [1] WHERE any(y IN x WHERE y))', 'single(x IN [1] WHERE any(y IN x WHERE y))'],
    ['reduce(s = 0, x IN xs | s + x)', 'reduce(s = 0, x IN xs | (s + x))'],
    ['n {.a, .*, b, c: 1}', 'n{property, all-properties, variable, entry}'],
    ['count {.a}', 'count{property}'],
    ['EXISTS { (a)-->(b) WHERE a.x }', 'EXISTS{match}'],
    ['count { MATCH (a) RETURN a }', 'COUNT{match return}'],
    ['COLLECT { UNWIND [1] AS x RETURN x }', 'COLLECT{unwind return}'],
    ['$a + $0 + $`b c`', '(($a + $0) + $b c)'],
    ['order.total', 'order.total'],
    ['order + order[0] * limit / 2', '(order + ((order[0] * limit) / 2))'],
    ['limit LIMIT 1', 'limit'],
    ['order ORDER BY order DESC', 'order'],
    ['set IN where AND match IS NULL', '((set IN where) AND (match IS NULL))'],
    ['`match`', 'match'],
    ['\'a\' + "b"', '("a" + "b")'],
    ['TRUE = fAlse', '(true = false)'],
    ['1 /* x */ + // y\n 2', '(1 + 2)'],
  ])('%s', (text, bracketed) => {
    expect(shown(text)).toBe(bracketed);
  });
});

describe('a parenthesis', () => {
  it.each([
    ['(a)-->(b)', '<2>'],
    ['(a)--(b)<-[:T]-(c)', '<3>'],
    ['(a)<--(b)', '<2>'],
    ['(:A)-[*]-()', '<2>'],
    ['NOT (a {x: 1})-[r:T|U]-(:B)', '(NOT <2>)'],
    ['(a)-[r]-(b)', '<2>'],
    ['(a) - (b)', '(a - b)'],
    ['(a) - [1, 2]', '(a - [1, 2])'],
    ['(a) - [x]', '(a - [x])'],
    ['(a) - [x] - (b + 1)', '((a - [x]) - (b + 1))'],
    ['(1)--(2)', '(1 - (- 2))'],
    ['(a)--1', '(a - -1)'],
    ['(a) < -1', '(a < -1)'],
    ['(a)<-b', '(a < (- b))'],
    ['(a + b)-(c)', '((a + b) - c)'],
    ['((a))-((b))', '(a - b)'],
    ['(n:A) = true', '(<n:A> = true)'],
    ['shortestPath((a)-[*]->(b))', 'shortestPath<2>'],
    ['length(allShortestPaths((a)-[*..3]-(b)))', 'length(allShortestPaths<2>)'],
    ['[(a)-->(b) | b.x]', '[<2> | b.x]'],
    ['[p = (a)-->(b) WHERE b:B|C | p]', '[p<2> WHERE <b:(B|C)> | p]'],
    ['[(a)-->() AND x]', '[(<2> AND x)]'],
    ['size([(a)-->(b WHERE b:A|B) | 1])', 'size([<2> | 1])'],
  ])('in %s', (text, bracketed) => {
    expect(shown(text)).toBe(bracketed);
  });
});

describe('the span of an expression', () => {
  it.each([
    ['( 1 + 2 ) * 3', '( 1 + 2 ) * 3'],
    ['(a) AND (b)', '(a) AND (b)'],
    ['- 1', '- 1'],
    ['a.b . c', 'a.b . c'],
    ["cOuNt( * )  + 'x'", "cOuNt( * )  + 'x'"],
    ['a IS  NULL', 'a IS  NULL'],
    ['{a : 1}', '{a : 1}'],
    ['(a)-->( b )', '(a)-->( b )'],
  ])('covers %s', (text, covered) => {
    const { start, end } = expressionOf(text).span;
    expect(`RETURN ${text}`.slice(start, end)).toBe(covered);
  });
});

describe('a long chain', () => {
  it('of one boolean operator becomes a flat tree in the same order', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `v${index}`);
    const tree = expressionOf(names.join(' OR '));
    const leaves: string[] = [];
    const heightOf = (e: Expression): number => {
      if (e.kind === 'binary') return 1 + Math.max(heightOf(e.left), heightOf(e.right));
      leaves.push(show(e));
      return 0;
    };
    expect(heightOf(tree)).toBe(14);
    expect(leaves).toEqual(names);
  });
});
