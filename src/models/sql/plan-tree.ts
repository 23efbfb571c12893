/**
 * PostgreSQL's EXPLAIN (FORMAT JSON) -> plan nodes in the words of the ThunderDB API reference: `HashJoin` with a
 * `condition`, `SeqScan` of a `table`. Pure.
 */
import type { PlanNode } from './statement-schemas.ts';

/** A node as PostgreSQL prints it. */
export type PostgresNode = Readonly<Record<string, unknown>>;

/**
 * The tree under `node`. With `verbose` the schema, the alias and the output of each node are kept, and a root that
 * is not a projection itself gets one above it with the columns of the result.
 */
export function planTree(node: PostgresNode, verbose: boolean): PlanNode {
  const root = planNodeOf(node, verbose);
  if (!verbose || root.output === undefined || root.nodeType === 'Projection') return root;
  return { nodeType: 'Projection', output: root.output, children: [root] };
}

function planNodeOf(node: PostgresNode, verbose: boolean): PlanNode {
  const children = childrenOf(node).map((child) => planNodeOf(child, verbose));
  return present({
    nodeType: nodeType(node),
    table: text(node['Relation Name']),
    schema: verbose ? text(node.Schema) : undefined,
    alias: verbose ? text(node.Alias) : undefined,
    function: text(node['Function Name']),
    index: text(node['Index Name']),
    joinType: text(node['Join Type'])?.toLowerCase(),
    condition: conditionOf(node),
    indexCondition: unwrapped(node['Index Cond'] ?? node['Recheck Cond'] ?? node['TID Cond']),
    filter: unwrapped(node.Filter ?? node['One-Time Filter']),
    groupBy: texts(node['Group Key']),
    sortKeys: texts(node['Sort Key']),
    output: verbose ? texts(node.Output) : undefined,
    estimatedRows: number(node['Plan Rows']),
    estimatedCost: number(node['Total Cost']),
    actualRows: number(node['Actual Rows']),
    actualTimeMs: number(node['Actual Total Time']),
    loops: number(node['Actual Loops']),
    children: children.length === 0 ? undefined : children,
  });
}

/** Without the keys that have no value, so that answers do not carry them. */
const present = (node: PlanNode): PlanNode =>
  Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined)) as unknown as PlanNode;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const texts = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.map(String) : undefined;

function plansOf(node: PostgresNode): PostgresNode[] {
  return Array.isArray(node.Plans) ? (node.Plans as PostgresNode[]) : [];
}

/** The Hash below a hash join is how the join works, not a step of its own: its input takes its place. */
function childrenOf(node: PostgresNode): PostgresNode[] {
  return plansOf(node).flatMap((child) => (child['Node Type'] === 'Hash' ? plansOf(child) : [child]));
}

/** Names that need no look at other keys. All others are PostgreSQL's without spaces: `WindowAgg`, `FunctionScan`. */
const RENAMED: Readonly<Record<string, string>> = {
  'Bitmap Heap Scan': 'BitmapScan',
  Group: 'SortAggregate',
  'Incremental Sort': 'Sort',
  Append: 'Union',
  'Merge Append': 'Union',
  'Recursive Union': 'Union',
  Memoize: 'Materialize',
  'CTE Scan': 'Materialize',
  Result: 'Projection',
};

const AGGREGATES: Readonly<Record<string, string>> = {
  Hashed: 'HashAggregate',
  Mixed: 'HashAggregate',
  Sorted: 'SortAggregate',
  Plain: 'StreamingAggregate',
};

function nodeType(node: PostgresNode): string {
  const type = text(node['Node Type']) ?? '';
  switch (type) {
    case 'Aggregate':
      return AGGREGATES[text(node.Strategy) ?? ''] ?? 'StreamingAggregate';
    case 'Nested Loop':
      return hasIndexInside(node) ? 'IndexNestedLoopJoin' : 'NestedLoopJoin';
    case 'Sort':
      if (node['Sort Space Type'] === 'Disk') return 'ExternalSort';
      return node['Sort Method'] === 'top-N heapsort' ? 'TopN' : 'Sort';
    case 'SetOp':
      return text(node.Command)?.startsWith('Intersect') ? 'Intersect' : 'Except';
    case 'ModifyTable':
      return text(node.Operation) ?? type;
    default:
      return RENAMED[type] ?? type.replaceAll(' ', '');
  }
}

/** True when the inner side of a nested loop is looked up by an index for each outer row. */
function hasIndexInside(node: PostgresNode): boolean {
  let inner = plansOf(node).find((child) => child['Parent Relationship'] === 'Inner');
  while (inner?.['Node Type'] === 'Memoize' || inner?.['Node Type'] === 'Materialize')
    inner = plansOf(inner)[0];
  return /^(Index|Bitmap Heap)/.test(text(inner?.['Node Type']) ?? '');
}

function conditionOf(node: PostgresNode): string | undefined {
  const main = node['Hash Cond'] ?? node['Merge Cond'];
  const rest = node['Join Filter'];
  if (typeof main === 'string' && typeof rest === 'string') return `${main} AND ${rest}`;
  return unwrapped(main ?? rest);
}

/** `(a = b)` as `a = b`, but `(a) = (b)` as it is. */
function unwrapped(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (!value.startsWith('(') || !value.endsWith(')')) return value;
  let depth = 0;
  let quote = '';
  for (let at = 0; at < value.length; at++) {
    const char = value[at] as string;
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === "'" || char === '"') quote = char;
    else if (char === '(') depth++;
    else if (char === ')' && --depth === 0 && at < value.length - 1) return value;
  }
  return value.slice(1, -1);
}
