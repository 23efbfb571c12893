/** What the compiler promises beyond single operators: slots, replaced nodes, patterns, constants, lazy errors. */
import { describe, expect, it } from 'vitest';
import { contextOf, evaluate, expressionOf, outcome } from '../../../../test/support/cypher-expressions.ts';
import type { Expression } from '../../syntax/ast.ts';
import { Slots } from '../row.ts';
import { compile } from './compile.ts';
import { constantOf } from './evaluate.ts';

const NO_PATTERNS = {
  pattern: (): never => {
    throw new Error('no pattern is expected here');
  },
};

const aggregateIn = (expression: Expression): Expression => {
  const product = expression.kind === 'binary' ? expression.right : expression;
  return product.kind === 'binary' ? product.left : product;
};

describe('compile', () => {
  it('computes constants once and leaves errors to the row that meets them', () => {
    const folded = compile(expressionOf('[1 + 2, {a: -(3)}] = [3, {a: -3}]'), new Slots(), NO_PATTERNS);
    expect(constantOf(folded)).toEqual({ value: true });
    const failing = compile(expressionOf('1 / 0'), new Slots(), NO_PATTERNS);
    expect(constantOf(failing)).toBeUndefined();
    expect(() => failing([], contextOf())).toThrow(/divide/);
  });

  it('calls functions of constants once per query, and rand() each time', () => {
    let next = 0;
    const random = (): number => {
      next += 0.125;
      return next;
    };
    expect(outcome('[rand(), rand()]', { random })).toBe('[0.125, 0.25]');
    const once = compile(expressionOf('split("a,b", ",")'), new Slots(), NO_PATTERNS);
    const context = contextOf();
    expect(once([], context)).toBe(once([], context));
    expect(once([], contextOf())).not.toBe(once([], context));
  });

  it('takes replaced nodes from their slots', () => {
    const expression = expressionOf('1 + count(*) * 2');
    const slots = new Slots(['n']);
    const slot = slots.unnamed();
    const replaced = new Map([[aggregateIn(expression), slot]]);
    const compiled = compile(expression, slots, { ...NO_PATTERNS, replaced });
    expect(compiled([null, 20n], contextOf())).toBe(41n);
    expect(() => compile(expression, slots, NO_PATTERNS)).toThrow(/count/);
    expect(() => compile(expressionOf('sum(1)'), slots, NO_PATTERNS)).toThrow(/aggregate/);
  });

  it('gives patterns the scope around them', () => {
    const seen: (readonly string[])[] = [];
    const pattern = (_: unknown, slots: Slots) => {
      seen.push(slots.names());
      const slot = slots.slotOf('x') ?? -1;
      return (row: unknown[]) => row[slot] === 2n;
    };
    const expression = expressionOf('[x IN [1, 2] WHERE exists((n)-->({id: x}))]');
    const compiled = compile(expression, new Slots(['n']), { pattern });
    expect(compiled([null], contextOf())).toEqual([2n]);
    expect(seen).toEqual([['n', 'x']]);
  });

  it('reads parameters, also those that are null', () => {
    expect(evaluate('$a + 1', { parameters: { a: 1n } })).toBe(2n);
    expect(evaluate('$a', { parameters: { a: null } })).toBeNull();
    expect(outcome('$b', { parameters: { a: 1n } })).toBe('ParameterMissing: MissingParameter');
  });

  it('refuses names it does not know', () => {
    expect(outcome('x')).toBe('SyntaxError: UndefinedVariable');
    expect(outcome('nothing(1)')).toBe('SyntaxError: UnknownFunction');
    expect(outcome('size(1, 2)')).toBe('SyntaxError: InvalidNumberOfArguments');
    expect(outcome('[x IN [1] | x] + x')).toBe('SyntaxError: UndefinedVariable');
  });

  it('carries expressions as deep as the parser lets through', () => {
    expect(outcome(`${'('.repeat(400)}1${')'.repeat(400)}`)).toBe('1');
    const sum = Array.from({ length: 400 }, () => '$one').join(' + ');
    expect(outcome(sum, { parameters: { one: 1n } })).toBe('400');
    const either = Array.from({ length: 5_000 }, (_, i) => `$one = ${i + 2}`).join(' OR ');
    expect(outcome(either, { parameters: { one: 1n } })).toBe('false');
  });
});

describe('slots', () => {
  it('hides outer names by inner ones and never shares a slot', () => {
    const outer = new Slots(['a', 'b']);
    const inner = outer.child();
    expect(inner.add('a')).toBe(2);
    expect(inner.add('a')).toBe(2);
    expect(outer.add('c')).toBe(3);
    expect(inner.slotOf('a')).toBe(2);
    expect(inner.slotOf('b')).toBe(1);
    expect(outer.slotOf('a')).toBe(0);
    expect(outer.slotOf('d')).toBeUndefined();
    expect(inner.width).toBe(4);
    expect(inner.names()).toEqual(['b', 'a', 'c']);
    outer.alias('d', 1);
    expect(outer.slotOf('d')).toBe(1);
  });
});
