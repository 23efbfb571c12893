/** `facet cypher`: one Cypher query on the graph of a running server. The sibling of `facet query`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ExactNumber, type Json, monotonicMs, parseExactJson } from '../base/index.ts';
import { csvRecord, jsonLine } from './cells.ts';
import type { CypherAnswer, CypherOptions, ServerClient } from './client.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { failureOf } from './error-text.ts';
import { graphCell } from './graph-cells.ts';
import { duration, endWithReader, note, PIECE_CHARACTERS, print, rowCount } from './output.ts';
import { collect, milliseconds, statementText } from './statement-source.ts';
import { renderTable, type TableColumn } from './table.ts';

interface Options extends ConnectionOptions {
  readonly format: 'table' | 'json' | 'csv';
  readonly param: readonly string[];
  readonly timeout?: number;
  readonly file?: string;
}

const EXAMPLES = `
Examples:
  facet cypher "CREATE (:Person {name: 'Ann'})-[:KNOWS]->(:Person {name: 'Bob'})"
  facet cypher "MATCH (a:Airport {iata: \\$code})-[:ROUTE]->(b) RETURN b.name LIMIT 5" --param code=FRA
  facet cypher --format json --file report.cypher --param 'ids=[1, 2]'
  echo "CALL db.labels()" | facet cypher -

Exit codes: 0 done, 1 the server or the input says no, 2 no server.`;

export function register(program: Command): void {
  const command = program
    .command('cypher')
    .summary('run one Cypher query on a running server')
    .description(
      'Runs one Cypher query on the graph of a running server. The result goes to standard output; row count, changes ' +
        'and times go to standard error.',
    )
    .argument('[query]', 'the query; - reads it from standard input');
  addConnectionOptions(command)
    .addOption(
      new Option('--format <format>', 'table, json (one object per line) or csv (RFC 4180)')
        .choices(['table', 'json', 'csv'])
        .default('table'),
    )
    .option('--param <name=value>', 'value of $name: JSON, else text; again for more', named, [])
    .option('--timeout <ms>', 'cancel the query after this time', milliseconds)
    .option('--file <path>', 'read the query from a file')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

function named(text: string, before: readonly string[]): string[] {
  if (/^[^=]+=/.test(text)) return collect(text, before);
  throw new InvalidArgumentError('Write it as name=value.');
}

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

async function run(argument: string | undefined, options: Options): Promise<void> {
  endWithReader();
  let query: string | undefined;
  let client: ServerClient | undefined;
  try {
    query = await statementText(argument, options.file);
    client = connect(options);
    const queryOptions: CypherOptions = { params: parametersOf(options.param), timeoutMs: options.timeout };
    if (options.format === 'table') await printTable(client, query, queryOptions);
    else await printStream(client, query, queryOptions, options.format);
  } catch (error) {
    const failure = failureOf(error, query);
    note(failure.text);
    process.exitCode = failure.exitCode;
  } finally {
    client?.close();
  }
}

async function printTable(client: ServerClient, query: string, options: CypherOptions): Promise<void> {
  const startedMs = monotonicMs();
  const answer = await client.cypher(query, options);
  const time = duration(monotonicMs() - startedMs);
  if (answer.columns.length > 0) await print(cypherTable(answer));
  const counts = answer.columns.length > 0 ? [rowCount(answer.rows.length)] : [];
  note(`${[...counts, ...changesOf(answer)].join(', ') || 'done'} (round trip ${time})\n`);
}

/** Columns of nothing but numbers stand on the right. */
export function cypherTable({ columns, rows }: Pick<CypherAnswer, 'columns' | 'rows'>): string {
  const isNumber = (cell: Json | undefined): boolean =>
    typeof cell === 'number' || cell instanceof ExactNumber;
  const described = columns.map((name, at): TableColumn => {
    const cells = rows.map((row) => row[at] ?? null).filter((cell) => cell !== null);
    return { name, type: cells.length > 0 && cells.every(isNumber) ? 'Float64' : '' };
  });
  return renderTable(
    described,
    rows.map((row) => row.map(graphCell)),
  );
}

const CHANGES: readonly (readonly [outcome: string, one: string, many: string])[] = [
  ['nodes_created', 'node created', 'nodes created'],
  ['edges_created', 'relationship created', 'relationships created'],
  ['nodes_deleted', 'node deleted', 'nodes deleted'],
  ['edges_deleted', 'relationship deleted', 'relationships deleted'],
  ['properties_set', 'property set', 'properties set'],
];

/** `2 nodes created`, and so on; nothing for what was not done. */
function changesOf({ outcome }: CypherAnswer): string[] {
  return CHANGES.flatMap(([name, one, many]) => {
    const count = outcome?.get(name) ?? 0;
    return count === 0 ? [] : [`${count.toLocaleString('en-US')} ${count === 1 ? one : many}`];
  });
}

async function printStream(
  client: ServerClient,
  query: string,
  options: CypherOptions,
  format: 'json' | 'csv',
): Promise<void> {
  const startedMs = monotonicMs();
  const { columns, rows } = await client.cypherStream(query, options);
  if (format === 'csv' && columns.length > 0) await print(csvRecord(columns));
  let count = 0;
  let pending = '';
  for await (const row of rows) {
    count++;
    pending += format === 'csv' ? csvRecord(row) : jsonLine(columns, row);
    if (pending.length > PIECE_CHARACTERS) {
      await print(pending);
      pending = '';
    }
  }
  await print(pending);
  note(`${rowCount(count)} (${duration(monotonicMs() - startedMs)})\n`);
}
