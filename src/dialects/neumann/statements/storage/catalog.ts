/** SHOW TABLES, DESCRIBE and CLUSTER: what there is. */
import { LIMITS } from '../../../../base/index.ts';
import {
  clusterNodes,
  graphQuery,
  type Node,
  sqlDescribeTable,
  sqlListTables,
} from '../../../../models/index.ts';
import { foldedName, type StatementOf } from '../../../../nql/index.ts';
import type { Result } from '../../result.ts';
import { type Runners, type StatementCall, timeoutOf } from '../../statement-call.ts';
import { ask, valueResult } from './answers.ts';

async function showTables(_: unknown, call: StatementCall): Promise<Result> {
  const tables: string[] = [];
  let cursor: string | null = null;
  do {
    const page = { limit: LIMITS.pageRowsMax, ...(cursor === null ? {} : { cursor }) };
    const found: Awaited<ReturnType<typeof sqlListTables.run>> = await ask(call, sqlListTables, page);
    tables.push(...found.tables.map(({ name }) => name));
    cursor = found.pagination.nextCursor;
  } while (cursor !== null);
  return { case: 'tableList', value: { tables } };
}

type Describe = StatementOf<'describe'>;

async function describe(statement: Describe, call: StatementCall): Promise<Result> {
  const lines =
    statement.what === 'table' ? await tableLines(statement, call) : await graphLines(statement, call);
  return valueResult(`${lines.join('\n')}\n`);
}

async function tableLines({ name, schema }: Describe, call: StatementCall): Promise<readonly string[]> {
  const found = await ask(call, sqlDescribeTable, {
    table: foldedName(name),
    ...(schema === undefined ? {} : { schema: foldedName(schema) }),
  });
  const columns = found.columns.map(
    (column) => `  ${column.name} ${column.type}${column.nullable ? '' : ' NOT NULL'}`,
  );
  return [`Table: ${found.name}`, 'Columns:', ...columns];
}

/** Nodes or edges whose properties are looked at: more would tell the same. */
const SAMPLED = 1_000;

async function graphLines({ what, name }: Describe, call: StatementCall): Promise<readonly string[]> {
  const type = `\`${name.text.replaceAll('`', '``')}\``;
  const match = what === 'node' ? `MATCH (x:${type})` : `MATCH ()-[x:${type}]->()`;
  const counted = await cypher(call, `${match} RETURN count(x)`);
  const keys = `${match} WITH x LIMIT ${SAMPLED} UNWIND keys(x) AS key RETURN key, count(*) ORDER BY key`;
  const properties = (await cypher(call, keys)).map(([key, count]) => `  ${String(key)} (${String(count)})`);
  const kind = what === 'node' ? 'Node' : 'Edge';
  const number = Number(counted[0]?.[0]);
  const of = number > SAMPLED ? ` of the first ${SAMPLED}` : '';
  return [`${kind}: ${name.text}`, `Count: ${number}`, `Properties${of}:`, ...properties];
}

async function cypher(call: StatementCall, query: string) {
  const timeoutMs = timeoutOf(call);
  const { rows } = await ask(call, graphQuery, { query, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  return rows;
}

/** This server and its replicas, the leader first. */
const nodesOf = async (call: StatementCall): Promise<readonly Node[]> =>
  (await ask(call, clusterNodes, { limit: LIMITS.pageRowsMax })).nodes;

const lineOf = ({ id, address, role, status }: Node): string =>
  [id, address, role, status].filter((part) => part !== '').join('  ');

async function clusterStatus(call: StatementCall): Promise<string> {
  const nodes = await nodesOf(call);
  if (nodes.length < 2) return 'Cluster: single-node mode (not connected)';
  const healthy = nodes.filter(({ status }) => status === 'healthy').length;
  return `Cluster: ${nodes.length} nodes, ${healthy} of them healthy`;
}

async function clusterList(call: StatementCall): Promise<string> {
  const nodes = await nodesOf(call);
  return nodes.length < 2 ? 'No cluster nodes (single-node mode)' : nodes.map(lineOf).join('\n');
}

async function clusterLeader(call: StatementCall): Promise<string> {
  const nodes = await nodesOf(call);
  if (nodes.length < 2) return 'No leader (single-node mode)';
  const leader = nodes.find(({ role }) => role === 'leader');
  return leader === undefined ? 'No leader' : lineOf(leader);
}

const text = (run: (call: StatementCall) => Promise<string>) => ({
  answers: () => 'value' as const,
  run: async (_: unknown, call: StatementCall) => valueResult(await run(call)),
});

export const CATALOG_RUNNERS = {
  'show-tables': { answers: () => 'tableList', run: showTables },
  describe: { answers: () => 'value', run: describe },
  'cluster-status': text(clusterStatus),
  'cluster-nodes': text(clusterList),
  'cluster-leader': text(clusterLeader),
} as const satisfies Runners<
  'show-tables' | 'describe' | 'cluster-status' | 'cluster-nodes' | 'cluster-leader'
>;
