/** Runs one statement in one of the languages, and gives its answer as text: the table, and a line about it. */
import { monotonicMs } from '../../base/index.ts';
import type { ServerClient } from '../client.ts';
import { cypherColumns, outcomeNotes } from '../cypher.ts';
import { graphCell } from '../graph-cells.ts';
import { duration, rowCount } from '../output.ts';
import { fittedTable } from './fitted-table.ts';
import type { Mode } from './modes.ts';
import { shownAnswer } from './neumann-answer.ts';

export interface Ran {
  /** Ends with a newline; empty for statements that return nothing. */
  readonly text: string;
  /** Row count and changes, without an end. */
  readonly note: string;
  /** How long it took. */
  readonly timing: string;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Columns of the terminal; undefined: as wide as the cells are. */
  readonly widthMax: number | undefined;
}

/** @throws NoServerError, ServerError; anything when the signal was aborted */
export async function runStatement(
  client: ServerClient,
  mode: Mode,
  statement: string,
  options: RunOptions,
): Promise<Ran> {
  const startedMs = monotonicMs();
  const answer = await ASK[mode](client, statement, options);
  const total = `round trip ${duration(monotonicMs() - startedMs)}`;
  const timing = answer.serverMs === undefined ? total : `server ${duration(answer.serverMs)}, ${total}`;
  return { text: answer.render(), note: answer.note, timing };
}

interface Answered {
  readonly render: () => string;
  readonly note: string;
  /** Absent where the server does not say. */
  readonly serverMs?: number;
}

type Ask = (client: ServerClient, statement: string, options: RunOptions) => Promise<Answered>;

const nothing = (): string => '';

const ASK: Readonly<Record<Mode, Ask>> = {
  async sql(client, statement, { signal, widthMax }) {
    const { columns, rows, rowsAffected, executionTimeMs } = await client.query(statement, { signal });
    const changes = rowsAffected === undefined ? [] : [`${rowCount(rowsAffected)} affected`];
    const hasRows = columns.length > 0;
    return {
      render: hasRows ? () => fittedTable(columns, rows, widthMax) : nothing,
      note: [...(hasRows ? [rowCount(rows.length)] : []), ...changes].join(', ') || 'done',
      serverMs: executionTimeMs,
    };
  },
  async cypher(client, statement, { signal, widthMax }) {
    const answer = await client.cypher(statement, { signal });
    const hasRows = answer.columns.length > 0;
    const cells = () => answer.rows.map((row) => row.map(graphCell));
    return {
      render: hasRows ? () => fittedTable(cypherColumns(answer), cells(), widthMax) : nothing,
      note:
        [...(hasRows ? [rowCount(answer.rows.length)] : []), ...outcomeNotes(answer)].join(', ') || 'done',
    };
  },
  async neumann(client, statement, { signal, widthMax }) {
    const shown = shownAnswer(await client.neumann(statement, signal));
    if ('columns' in shown) {
      const { columns, rows, note } = shown;
      const hasRows = rows.length > 0;
      return {
        render: hasRows ? () => fittedTable(columns, rows, widthMax) : nothing,
        note: note ?? rowCount(rows.length),
      };
    }
    return { render: shown.text === undefined ? nothing : () => `${shown.text}\n`, note: shown.note };
  },
};
