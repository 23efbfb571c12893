/** `facet cypher`: one Cypher query on the graph of a running server. The sibling of `facet query`. */
import type { Command } from 'commander';
import { ExactNumber, type Json, parseExactJson } from '../base/index.ts';
import type { CypherAnswer, QueryOptions } from './client.ts';
import { graphCell } from './graph-cells.ts';
import { registerStatement, type StatementCommand, type StatementOptions } from './statement-command.ts';
import { renderTable, type TableColumn } from './table.ts';

const EXAMPLES = `  facet cypher "CREATE (:Person {name: 'Ann'})-[:KNOWS]->(:Person {name: 'Bob'})"
  facet cypher "MATCH (a:Airport {iata: \\$code})-[:ROUTE]->(b) RETURN b.name LIMIT 5" --param code=FRA
  facet cypher --format json --file report.cypher --param 'ids=[1, 2]'
  echo "CALL db.labels()" | facet cypher -`;

const CYPHER: StatementCommand = {
  name: 'cypher',
  summary: 'run one Cypher query on a running server',
  description:
    'Runs one Cypher query on the graph of a running server. The result goes to standard output; row count, changes ' +
    'and times go to standard error.',
  argument: 'query',
  noun: 'query',
  param: {
    flag: '--param <name=value>',
    help: 'value of $name: JSON, else text; again for more',
    check: (text) => /^[^=]+=/.test(text),
    wanted: 'Write it as name=value.',
  },
  examples: EXAMPLES,
  async table(client, query, options) {
    const answer = await client.cypher(query, queryOptions(options));
    return {
      render: answer.columns.length > 0 ? () => cypherTable(answer) : undefined,
      rows: answer.rows.length,
      changes: outcomeNotes(answer),
    };
  },
  stream: async (client, query, options) => await client.cypherStream(query, queryOptions(options)),
};

export const register = (program: Command): void => registerStatement(program, CYPHER);

const queryOptions = ({ params, timeoutMs }: StatementOptions): QueryOptions<Record<string, Json>> => ({
  timeoutMs,
  params: parametersOf(params),
});

/** What is no JSON is text, so that most values need no quotes. A text that looks like JSON does: `'zip="01234"'`. */
export function parametersOf(given: readonly string[]): Record<string, Json> {
  const parameters: Record<string, Json> = {};
  for (const one of given) {
    const at = one.indexOf('=');
    parameters[one.slice(0, at)] = jsonOrText(one.slice(at + 1));
  }
  return parameters;
}

function jsonOrText(text: string): Json {
  try {
    return parseExactJson(text);
  } catch {
    return text;
  }
}

export function cypherTable(answer: Pick<CypherAnswer, 'columns' | 'rows'>): string {
  return renderTable(
    cypherColumns(answer),
    answer.rows.map((row) => row.map(graphCell)),
  );
}

/** Columns of nothing but numbers stand on the right. */
export function cypherColumns({
  columns,
  rows,
}: Pick<CypherAnswer, 'columns' | 'rows'>): readonly TableColumn[] {
  const isNumber = (cell: Json | undefined): boolean =>
    typeof cell === 'number' || cell instanceof ExactNumber;
  return columns.map((name, at): TableColumn => {
    const cells = rows.map((row) => row[at] ?? null).filter((cell) => cell !== null);
    return { name, type: cells.length > 0 && cells.every(isNumber) ? 'Float64' : '' };
  });
}

const CHANGES: readonly (readonly [outcome: string, one: string, many: string])[] = [
  ['nodes_created', 'node created', 'nodes created'],
  ['edges_created', 'relationship created', 'relationships created'],
  ['nodes_deleted', 'node deleted', 'nodes deleted'],
  ['edges_deleted', 'relationship deleted', 'relationships deleted'],
  ['properties_set', 'property set', 'properties set'],
  ['indexes_added', 'index added', 'indexes added'],
  ['indexes_removed', 'index removed', 'indexes removed'],
  ['constraints_added', 'constraint added', 'constraints added'],
  ['constraints_removed', 'constraint removed', 'constraints removed'],
];

/** `2 nodes created`, and so on; nothing for what was not done. */
export function outcomeNotes({ outcome }: Pick<CypherAnswer, 'outcome'>): string[] {
  return CHANGES.flatMap(([name, one, many]) => {
    const count = outcome?.get(name) ?? 0;
    return count === 0 ? [] : [`${count.toLocaleString('en-US')} ${count === 1 ? one : many}`];
  });
}
