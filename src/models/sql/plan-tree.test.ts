/** PostgreSQL's plans in the words of the ThunderDB API reference. */
import { expect, test } from 'vitest';
import { planDot } from './plan-dot.ts';
import { planTree } from './plan-tree.ts';

const SCAN = {
  'Node Type': 'Seq Scan',
  'Relation Name': 'orders',
  Schema: 'public',
  Alias: 'o',
  'Plan Rows': 50_000,
};

const JOIN = {
  'Node Type': 'Aggregate',
  Strategy: 'Hashed',
  'Group Key': ['u.name'],
  Output: ['u.name', 'count(o.id)'],
  Plans: [
    {
      'Node Type': 'Hash Join',
      'Join Type': 'Inner',
      'Hash Cond': '(o.customer_id = u.id)',
      'Plan Rows': 15_000,
      Plans: [
        { ...SCAN, 'Parent Relationship': 'Outer' },
        {
          'Node Type': 'Hash',
          'Parent Relationship': 'Inner',
          Plans: [{ 'Node Type': 'Seq Scan', 'Relation Name': 'users', 'Plan Rows': 5_000 }],
        },
      ],
    },
  ],
};

test('the example of the reference has its shape', () => {
  expect(planTree(JOIN, true)).toEqual({
    nodeType: 'Projection',
    output: ['u.name', 'count(o.id)'],
    children: [
      {
        nodeType: 'HashAggregate',
        groupBy: ['u.name'],
        output: ['u.name', 'count(o.id)'],
        children: [
          {
            nodeType: 'HashJoin',
            joinType: 'inner',
            condition: 'o.customer_id = u.id',
            estimatedRows: 15_000,
            children: [
              { nodeType: 'SeqScan', table: 'orders', schema: 'public', alias: 'o', estimatedRows: 50_000 },
              { nodeType: 'SeqScan', table: 'users', estimatedRows: 5_000 },
            ],
          },
        ],
      },
    ],
  });
});

test('without verbose there is no projection, schema or output', () => {
  const tree = planTree(JOIN, false);
  expect(tree.nodeType).toBe('HashAggregate');
  expect(JSON.stringify(tree)).not.toMatch(/output|schema|alias/);
});

test.each([
  [{ 'Node Type': 'Aggregate', Strategy: 'Sorted' }, 'SortAggregate'],
  [{ 'Node Type': 'Aggregate', Strategy: 'Plain' }, 'StreamingAggregate'],
  [{ 'Node Type': 'Sort', 'Sort Method': 'top-N heapsort' }, 'TopN'],
  [{ 'Node Type': 'Sort', 'Sort Method': 'external merge', 'Sort Space Type': 'Disk' }, 'ExternalSort'],
  [{ 'Node Type': 'Sort' }, 'Sort'],
  [{ 'Node Type': 'SetOp', Command: 'Intersect All' }, 'Intersect'],
  [{ 'Node Type': 'SetOp', Command: 'Except' }, 'Except'],
  [{ 'Node Type': 'ModifyTable', Operation: 'Insert' }, 'Insert'],
  [{ 'Node Type': 'Append' }, 'Union'],
  [{ 'Node Type': 'CTE Scan' }, 'Materialize'],
  [{ 'Node Type': 'Bitmap Heap Scan' }, 'BitmapScan'],
  [{ 'Node Type': 'Result' }, 'Projection'],
  [{ 'Node Type': 'Index Only Scan' }, 'IndexOnlyScan'],
  [{ 'Node Type': 'WindowAgg' }, 'WindowAgg'],
  [{ 'Node Type': 'Function Scan' }, 'FunctionScan'],
])('%j is a %s', (node, name) => {
  expect(planTree(node, false).nodeType).toBe(name);
});

test('a nested loop is named by how its inner side is read', () => {
  const loop = (inner: Record<string, unknown>) =>
    planTree(
      { 'Node Type': 'Nested Loop', Plans: [SCAN, { ...inner, 'Parent Relationship': 'Inner' }] },
      false,
    ).nodeType;
  expect(loop({ 'Node Type': 'Index Scan' })).toBe('IndexNestedLoopJoin');
  expect(loop({ 'Node Type': 'Memoize', Plans: [{ 'Node Type': 'Index Only Scan' }] })).toBe(
    'IndexNestedLoopJoin',
  );
  expect(loop({ 'Node Type': 'Seq Scan' })).toBe('NestedLoopJoin');
});

test.each([
  ['(a = b)', 'a = b'],
  ['((a = b) AND (c = d))', '(a = b) AND (c = d)'],
  ['(a) = (b)', '(a) = (b)'],
  ["(a = ')')", "a = ')'"],
])('the condition %s loses its outer parentheses only', (written, condition) => {
  expect(planTree({ 'Node Type': 'Hash Join', 'Hash Cond': written }, false).condition).toBe(condition);
});

test('dot has a box per node and an edge per child, with quotes escaped', () => {
  const dot = planDot(planTree({ ...JOIN, 'Relation Name': 'a"b' }, false));
  expect(dot.match(/\[label=/g)).toHaveLength(4);
  expect(dot).toContain('n0 -> n1;');
  expect(dot).toContain('n1 -> n3;');
  expect(dot).toContain('HashAggregate\\na\\"b');
  expect(dot).toMatch(/^digraph plan \{\n[\s\S]*\n\}\n$/);
});
