/**
 * `facet query`: one SQL statement against a running server. A table is gathered first, because its columns are as
 * wide as their widest cell; JSON and CSV are written as the rows arrive, so that a result may be of any size.
 */
import { type Command, Option } from 'commander';
import { monotonicMs } from '../base/index.ts';
import { csvRecord, jsonLine, uniqueNames } from './cells.ts';
import type { QueryOptions, ServerClient } from './client.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { failureOf } from './error-text.ts';
import { duration, endWithReader, note, PIECE_CHARACTERS, print, rowCount } from './output.ts';
import { collect, milliseconds, statementText } from './statement-source.ts';
import { renderTable } from './table.ts';

interface Options extends ConnectionOptions {
  readonly format: 'table' | 'json' | 'csv';
  readonly param: readonly string[];
  readonly timeout?: number;
  readonly file?: string;
}

const EXAMPLES = `
Examples:
  facet query "SELECT 1 + 1 AS two"
  facet query "SELECT name FROM airports WHERE iata = $1" --param FRA
  facet query --format csv --file report.sql > report.csv
  echo "SELECT now()" | facet query -

Exit codes: 0 done, 1 the server or the input says no, 2 no server.`;

export function register(program: Command): void {
  const command = program
    .command('query')
    .summary('run one SQL statement on a running server')
    .description(
      'Runs one SQL statement on a running server. The result goes to standard output; row count and times go to ' +
        'standard error.',
    )
    .argument('[sql]', 'the statement; - reads it from standard input');
  addConnectionOptions(command)
    .addOption(
      new Option('--format <format>', 'table, json (one object per line) or csv (RFC 4180)')
        .choices(['table', 'json', 'csv'])
        .default('table'),
    )
    .option('--param <value>', 'value of $1, again for $2 …; \\N is NULL', collect, [])
    .option('--timeout <ms>', 'cancel the statement after this time', milliseconds)
    .option('--file <path>', 'read the statement from a file')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(argument: string | undefined, options: Options): Promise<void> {
  endWithReader();
  let sql: string | undefined;
  let client: ServerClient | undefined;
  try {
    sql = await statementText(argument, options.file);
    client = connect(options);
    const queryOptions: QueryOptions = {
      timeoutMs: options.timeout,
      ...(options.param.length > 0
        ? { params: options.param.map((value) => (value === '\\N' ? null : value)) }
        : {}),
    };
    if (options.format === 'table') await printTable(client, sql, queryOptions);
    else await printStream(client, sql, queryOptions, options.format);
  } catch (error) {
    const failure = failureOf(error, sql);
    note(failure.text);
    process.exitCode = failure.exitCode;
  } finally {
    client?.close();
  }
}

async function printTable(client: ServerClient, sql: string, options: QueryOptions): Promise<void> {
  const startedMs = monotonicMs();
  const answer = await client.query(sql, options);
  const totalMs = monotonicMs() - startedMs;
  const times = `server ${duration(answer.executionTimeMs)}, round trip ${duration(totalMs)}`;
  if (answer.columns.length > 0) await print(renderTable(answer.columns, answer.rows));
  const counts = answer.columns.length > 0 ? [rowCount(answer.rows.length)] : [];
  if (answer.rowsAffected !== undefined) counts.push(`${rowCount(answer.rowsAffected)} affected`);
  note(`${counts.join(', ') || 'done'} (${times})\n`);
}

async function printStream(
  client: ServerClient,
  sql: string,
  options: QueryOptions,
  format: 'json' | 'csv',
): Promise<void> {
  const startedMs = monotonicMs();
  const answer = await client.stream(sql, options);
  const names = answer.columns.map((column) => column.name);
  const keys = uniqueNames(names);
  if (format === 'csv' && names.length > 0) await print(csvRecord(names));
  let rows = 0;
  let pending = '';
  for await (const row of answer.rows) {
    rows++;
    pending += format === 'csv' ? csvRecord(row) : jsonLine(keys, row);
    if (pending.length > PIECE_CHARACTERS) {
      await print(pending);
      pending = '';
    }
  }
  await print(pending);
  note(`${rowCount(rows)} (${duration(monotonicMs() - startedMs)})\n`);
}
