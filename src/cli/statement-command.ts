/**
 * What `facet query` and `facet cypher` have in common: one statement against a running server. A table is gathered
 * first, because its columns are as wide as their widest cell; JSON and CSV are written as the rows arrive, so that a
 * result may be of any size.
 */
import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { LIMITS, monotonicMs } from '../base/index.ts';
import { csvRecord, jsonLine, uniqueNames } from './cells.ts';
import type { RowStream, ServerClient } from './client.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { failureOf } from './error-text.ts';
import { readText } from './http.ts';
import { duration, endWithReader, note, PIECE_CHARACTERS, print, rowCount } from './output.ts';

/** What the command line says beside the statement. */
export interface StatementOptions {
  readonly params: readonly string[];
  readonly timeoutMs: number | undefined;
}

/** A gathered answer for people. */
export interface TableText {
  /** Undefined for statements that return no rows. Called when the clock has stopped. */
  readonly render: (() => string) | undefined;
  readonly rows: number;
  /** What was changed: `2 rows affected`. */
  readonly changes: readonly string[];
  /** Absent: the server does not say how long it took. */
  readonly serverMs?: number;
}

export interface StatementCommand {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly argument: string;
  /** What the help calls it: `statement`. */
  readonly noun: string;
  readonly param: {
    readonly flag: string;
    readonly help: string;
    readonly check?: (value: string) => boolean;
    readonly wanted?: string;
  };
  readonly examples: string;
  table(client: ServerClient, text: string, options: StatementOptions): Promise<TableText>;
  stream(client: ServerClient, text: string, options: StatementOptions): Promise<RowStream>;
}

interface Options extends ConnectionOptions {
  readonly format: 'table' | 'json' | 'csv';
  readonly param: readonly string[];
  readonly timeout?: number;
  readonly file?: string;
}

export function registerStatement(program: Command, kind: StatementCommand): void {
  const { noun, param } = kind;
  const collect = (value: string, before: readonly string[]): string[] => {
    if (param.check?.(value) === false) throw new InvalidArgumentError(param.wanted ?? '');
    return [...before, value];
  };
  const command = program
    .command(kind.name)
    .summary(kind.summary)
    .description(kind.description)
    .argument(`[${kind.argument}]`, `the ${noun}; - reads it from standard input`);
  addConnectionOptions(command)
    .addOption(
      new Option('--format <format>', 'table, json (one object per line) or csv (RFC 4180)')
        .choices(['table', 'json', 'csv'])
        .default('table'),
    )
    .option(param.flag, param.help, collect, [])
    .option('--timeout <ms>', `cancel the ${noun} after this time`, milliseconds)
    .option('--file <path>', `read the ${noun} from a file`)
    .addHelpText(
      'after',
      `\nExamples:\n${kind.examples}\n\nExit codes: 0 done, 1 the server or the input says no, 2 no server.`,
    )
    .action(async (argument: string | undefined, options: Options) => await run(kind, argument, options));
}

function milliseconds(text: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= LIMITS.queryTimeoutMsMax) return value;
  throw new InvalidArgumentError(`From 1 to ${LIMITS.queryTimeoutMsMax} milliseconds.`);
}

async function run(kind: StatementCommand, argument: string | undefined, options: Options): Promise<void> {
  endWithReader();
  let text: string | undefined;
  let client: ServerClient | undefined;
  try {
    text = await statementText(argument, options.file);
    client = connect(options);
    const statementOptions = { params: options.param, timeoutMs: options.timeout };
    const startedMs = monotonicMs();
    if (options.format === 'table') {
      await printTable(await kind.table(client, text, statementOptions), monotonicMs() - startedMs);
    } else {
      const count = await printRows(await kind.stream(client, text, statementOptions), options.format);
      note(`${rowCount(count)} (${duration(monotonicMs() - startedMs)})\n`);
    }
  } catch (error) {
    const failure = failureOf(error, text);
    note(failure.text);
    process.exitCode = failure.exitCode;
  } finally {
    client?.close();
  }
}

/** The statement from exactly one of its three sources. */
async function statementText(argument: string | undefined, file: string | undefined): Promise<string> {
  if ((argument === undefined) === (file === undefined)) {
    throw new Error('Give the statement as an argument, as - for standard input, or by --file.');
  }
  if (file !== undefined) return await readFile(file, 'utf8');
  return argument === '-' ? await readText(process.stdin) : (argument ?? '');
}

async function printTable({ render, rows, changes, serverMs }: TableText, totalMs: number): Promise<void> {
  if (render !== undefined) await print(render());
  const counts = render === undefined ? changes : [rowCount(rows), ...changes];
  const server = serverMs === undefined ? '' : `server ${duration(serverMs)}, `;
  note(`${counts.join(', ') || 'done'} (${server}round trip ${duration(totalMs)})\n`);
}

/** Returns how many rows there were. */
async function printRows({ columns, rows }: RowStream, format: 'json' | 'csv'): Promise<number> {
  const keys = uniqueNames(columns);
  if (format === 'csv' && columns.length > 0) await print(csvRecord(columns));
  let count = 0;
  let pending = '';
  for await (const row of rows) {
    count++;
    pending += format === 'csv' ? csvRecord(row) : jsonLine(keys, row);
    if (pending.length > PIECE_CHARACTERS) {
      await print(pending);
      pending = '';
    }
  }
  await print(pending);
  return count;
}
