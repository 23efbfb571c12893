/** Field names of the wire and of operations, both ways. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ExactNumber } from '../../base/index.ts';
import { type FieldPlan, fromWire, planOf, toWire, wireName } from './field-names.ts';

interface Tree {
  nodeType: string;
  children?: Tree[] | undefined;
}
const tree: z.ZodType<Tree> = z.object({
  nodeType: z.string(),
  get children() {
    return z.array(tree).optional();
  },
});
const schema = z.strictObject({
  sql: z.string(),
  timeoutMs: z.int().optional(),
  columns: z.array(z.strictObject({ primaryKey: z.boolean().optional() })).optional(),
  options: z.record(z.string(), z.unknown()).optional(),
  params: z.array(z.unknown()).optional(),
  plan: z.union([tree, z.string()]).optional(),
});
const plan = planOf(schema) as FieldPlan;

describe('field names', () => {
  it('are snake case on the wire', () => {
    expect(wireName('timeoutMs')).toBe('timeout_ms');
    expect(wireName('sql')).toBe('sql');
    expect(wireName('raftTerm')).toBe('raft_term');
  });

  it('come in by the schema, at every depth', () => {
    expect(
      fromWire(
        {
          sql: 'x',
          timeout_ms: 5,
          columns: [{ primary_key: true }],
          plan: { node_type: 'a', children: [{ node_type: 'b' }] },
        },
        plan,
      ),
    ).toEqual({
      sql: 'x',
      timeoutMs: 5,
      columns: [{ primaryKey: true }],
      plan: { nodeType: 'a', children: [{ nodeType: 'b' }] },
    });
  });

  it('keeps data alone: keys of records, values of parameters, digits', () => {
    const number = new ExactNumber('1.10');
    const input = { options: { pages_per_range: 4, timeoutMs: 1 }, params: [{ timeout_ms: 1 }, number] };
    expect(fromWire(input, plan)).toEqual(input);
  });

  it('gives plain numbers to schemas that want them', () => {
    expect(fromWire({ timeout_ms: new ExactNumber('30000.0') }, plan)).toEqual({ timeoutMs: 30_000 });
  });

  it('leaves unknown fields for the schema to refuse, whatever the value is', () => {
    expect(fromWire({ nope_nope: 1 }, plan)).toEqual({ nope_nope: 1 });
    expect(fromWire('text', plan)).toBe('text');
    expect(fromWire([1], plan)).toEqual([1]);
    expect(fromWire(null, plan)).toBe(null);
  });

  it('does not take the inner spelling for the wire spelling', () => {
    expect(() => fromWire({ timeoutMs: 5 }, plan)).toThrow("Unknown field: 'timeoutMs'");
    expect(() => fromWire({ columns: [{ primaryKey: true }] }, plan)).toThrow("Unknown field: 'primaryKey'");
    expect(() => fromWire(JSON.parse('{"__proto__":{"sql":"x"}}'), plan)).toThrow(
      "Unknown field: '__proto__'",
    );
  });

  it('go out by the schema', () => {
    expect(
      toWire(
        { timeoutMs: 5, plan: { nodeType: 'a', children: [{ nodeType: 'b' }] }, options: { aB: 1 } },
        plan,
      ),
    ).toEqual({
      timeout_ms: 5,
      plan: { node_type: 'a', children: [{ node_type: 'b' }] },
      options: { aB: 1 },
    });
    expect(toWire({ plan: 'digraph' }, plan)).toEqual({ plan: 'digraph' });
  });
});
