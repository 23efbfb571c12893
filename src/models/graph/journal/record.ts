/** Takes what a query does for the journal, and has it appended by the commit of the transaction. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { MapValue } from '../../../cypher/index.ts';
import { byteaArray, type Database, type Participant, type Transaction } from '../../../engine/index.ts';
import type { Effect } from '../effects.ts';
import { HOLD_JOURNAL, JOURNAL_ON } from '../writer-statements.ts';
import { bodiesOf, continued } from './entry.ts';
import { APPEND } from './statements.ts';

/** What one run of a query does. */
export class Recorder {
  #effects: Effect[] | undefined = [];

  readonly note = (effect: Effect): void => void this.#effects?.push(effect);

  /** Nobody wants it: nothing is kept any more. */
  drop(): void {
    this.#effects = undefined;
  }

  /** The query is done. One that did nothing makes no entry. @throws LIMIT_EXCEEDED */
  enlist(database: Database, transaction: Transaction, query: string, parameters: MapValue): void {
    const effects = this.#effects;
    this.#effects = undefined;
    if (effects === undefined || effects.length === 0) return;
    enlistBodies(database, transaction, bodiesOf(query, parameters, effects));
  }
}

/**
 * Journals a text that is run again when the journal is replayed: one that does the same whenever it is run in the same
 * place of the history. Nothing happens where the journal is off.
 * @param transaction in which it was run
 */
export async function journalText(
  database: Database,
  transaction: Transaction,
  text: string,
  parameters: MapValue = new Map(),
): Promise<void> {
  if (transaction.readOnly) return;
  const { rows } = await database.run(HOLD_JOURNAL, [], { transaction });
  if (rows[0]?.[0] === JOURNAL_ON) enlistText(database, transaction, text, parameters);
}

/** As journalText, of a transaction that is known to be journaled. */
export const enlistText = (
  database: Database,
  transaction: Transaction,
  text: string,
  parameters: MapValue = new Map(),
): void => enlistBodies(database, transaction, bodiesOf(text, parameters, []));

/** @throws LIMIT_EXCEEDED */
export function enlistBodies(
  database: Database,
  transaction: Transaction,
  bodies: readonly Uint8Array[],
): void {
  for (const body of bodies) {
    if (body.length <= LIMITS.journalEntryBytesMax) continue;
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `An entry of the journal would be larger than ${LIMITS.journalEntryBytesMax} bytes (journalEntryBytesMax)`,
      { hint: 'Send smaller parameters: each writing query is in the journal with all of them.' },
    );
  }
  const participant = PARTICIPANTS.get(database) ?? participantOf(database);
  PARTICIPANTS.set(database, participant);
  transaction.enlist(participant, bodies);
}

type Journaler = Participant<readonly Uint8Array[]>;

const PARTICIPANTS = new WeakMap<Database, Journaler>();

/** The lock of the journal is held from here to the end of the commit, which therefore does not wait for the disk. */
const participantOf = (database: Database): Journaler => ({
  name: 'graph.journal',
  ahead: true,
  sharesFlush: true,
  async finish(transaction, items) {
    const bodies = items.flat();
    const entries = bodies.map((body, at) => (at < bodies.length - 1 ? continued(body) : body));
    const sent = inCalls(entries).map((call) =>
      database.run(APPEND, [byteaArray(call)], { transaction, ahead: true }),
    );
    await Promise.all(sent);
  },
});

/** What one statement takes: PostgreSQL holds all of it in memory. */
function inCalls(entries: readonly Uint8Array[]): Uint8Array[][] {
  const calls: Uint8Array[][] = [[]];
  let bytes = 0;
  for (const entry of entries) {
    if (bytes > 0 && bytes + entry.length > LIMITS.journalCallBytesMax) {
      calls.push([]);
      bytes = 0;
    }
    calls.at(-1)?.push(entry);
    bytes += entry.length;
  }
  return calls;
}
