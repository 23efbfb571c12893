/** `facet query`: one SQL statement against a running server. */
import type { Command } from 'commander';
import type { Json } from '../base/index.ts';
import type { QueryOptions } from './client.ts';
import { rowCount } from './output.ts';
import { registerStatement, type StatementCommand, type StatementOptions } from './statement-command.ts';
import { renderTable } from './table.ts';

const EXAMPLES = `  facet query "SELECT 1 + 1 AS two"
  facet query "SELECT name FROM airports WHERE iata = $1" --param FRA
  facet query --format csv --file report.sql > report.csv
  echo "SELECT now()" | facet query -`;

const QUERY: StatementCommand = {
  name: 'query',
  summary: 'run one SQL statement on a running server',
  description:
    'Runs one SQL statement on a running server. The result goes to standard output; row count and times go to ' +
    'standard error.',
  argument: 'sql',
  noun: 'statement',
  param: { flag: '--param <value>', help: 'value of $1, again for $2 …; \\N is NULL' },
  examples: EXAMPLES,
  async table(client, sql, options) {
    const answer = await client.query(sql, queryOptions(options));
    const { columns, rows, rowsAffected, executionTimeMs } = answer;
    return {
      render: columns.length > 0 ? () => renderTable(columns, rows) : undefined,
      rows: rows.length,
      changes: rowsAffected === undefined ? [] : [`${rowCount(rowsAffected)} affected`],
      serverMs: executionTimeMs,
    };
  },
  stream: async (client, sql, options) => await client.stream(sql, queryOptions(options)),
};

export const register = (program: Command): void => registerStatement(program, QUERY);

function queryOptions({ params, timeoutMs }: StatementOptions): QueryOptions<readonly Json[]> {
  const values = params.map((value) => (value === '\\N' ? null : value));
  return { timeoutMs, params: values.length > 0 ? values : undefined };
}
