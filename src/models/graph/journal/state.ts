/**
 * Whether a graph has a journal: undecided, off or on, kept with the graph. Writers take a lock in shared mode and read
 * the state behind it (see writer.ts); who changes it holds that lock alone. So every transaction that is under way ends
 * as it began, and none that begins later misses the change, in whatever process.
 */
import { asFacetError, FacetError } from '../../../base/index.ts';
import type { Database, RunOptions, Transaction } from '../../../engine/index.ts';
import { CLAIM_PATIENCE, LOCK_JOURNAL_STATE } from '../writer-statements.ts';
import { GENESIS, type JournalHead } from './chain.ts';
import { beginningBody } from './entry.ts';
import { enlistBodies } from './record.ts';
import { IS_BLANK, MEND, READ_ENDS, READ_STATE, SEAT, SET_STATE } from './statements.ts';

export type JournalState = 'undecided' | 'off' | 'on';

const STATES: readonly JournalState[] = ['undecided', 'off', 'on'];

export interface JournalStatus {
  readonly state: JournalState;
  /** Before the first entry that is kept. */
  readonly base: JournalHead & { readonly timestampMs: number };
  /** The last entry; that of `base` when none is kept. Times are 0 before the first entry. */
  readonly head: JournalHead & { readonly timestampMs: number };
  /** What it takes on the disk. */
  readonly bytes: number;
}

/** As the snapshot of the transaction sees it, if one is given; the state is always that of now. */
export async function journalStatus(database: Database, options: RunOptions = {}): Promise<JournalStatus> {
  const [state, ends] = await Promise.all([
    journalState(database, options),
    database.run(READ_ENDS, [], options),
  ]);
  const [from = '0', fromMs, fromHash, to = '0', toMs, toHash, bytes] = ends.rows[0] ?? [];
  const place = (sequence: string | null, atMs: string | null = '0', hash: string | null = '') => ({
    sequence: Number(sequence),
    timestampMs: Number(atMs),
    hash: Buffer.from(hash ?? '', 'hex'),
  });
  return {
    state,
    base: place(from, fromMs, fromHash),
    head: place(to, toMs, toHash),
    bytes: Number(bytes),
  };
}

/** The last entry that the transaction's snapshot sees. */
export const journalHead = async (database: Database, options: RunOptions = {}): Promise<JournalHead> =>
  (await journalStatus(database, options)).head;

export async function journalState(database: Database, options: RunOptions = {}): Promise<JournalState> {
  const { rows } = await database.run(READ_STATE, [], options);
  return STATES[Number(rows[0]?.[0])] ?? 'undecided';
}

/** Of databases whose state is decided: what was decided may change, but not become undecided again. */
const DECIDED = new WeakSet<Database>();

/** Turns the journal on if nobody has decided. @throws LOCK_TIMEOUT */
export async function beginJournal(database: Database): Promise<void> {
  if (DECIDED.has(database)) return;
  await inTurn(database, async () => {
    if (DECIDED.has(database)) return;
    if ((await journalState(database)) === 'undecided') await turnOn(database, 'undecided');
    DECIDED.add(database);
  });
}

/**
 * The journal of a graph that is rebuilt from entries goes on behind them, unless somebody has decided.
 * @param transaction which holds the lock of the state, and has nothing left to do
 */
export async function continueJournal(database: Database, transaction: Transaction): Promise<void> {
  if ((await journalState(database, { transaction })) !== 'undecided') return;
  await database.run(SET_STATE, [String(STATES.indexOf('on'))], { transaction });
}

/** True if it was not on before. @throws LOCK_TIMEOUT */
export const enableJournal = (database: Database): Promise<boolean> =>
  inTurn(database, () => turnOn(database, 'off'));

/** True if it was on before. @throws LOCK_TIMEOUT */
export function disableJournal(database: Database): Promise<boolean> {
  return changing(database, async (transaction) => {
    const state = await journalState(database, { transaction });
    if (state !== 'off') await database.run(SET_STATE, [String(STATES.indexOf('off'))], { transaction });
    return state === 'on';
  });
}

/** The last one that was begun, of each database. */
const TURNS = new WeakMap<Database, Promise<unknown>>();

/** Turning it on takes two sessions: if many did so at once, each could have one and wait for the other. */
function inTurn<T>(database: Database, work: () => Promise<T>): Promise<T> {
  const turn = (TURNS.get(database) ?? Promise.resolve()).then(work, work);
  TURNS.set(
    database,
    turn.catch(() => undefined),
  );
  return turn;
}

/** @param over the last state, in the order of STATES, that is changed */
async function turnOn(database: Database, over: JournalState): Promise<boolean> {
  let opened = (): void => {};
  let decide = (_isWanted: boolean): void => {};
  const open = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const wanted = new Promise<boolean>((resolve) => {
    decide = resolve;
  });
  // By a transaction of its own, for the state is not undone with the transaction that sets it: it must not be on before
  // it is certain what the journal begins with. It has its session before the lock is taken: behind that, writers who
  // wait for the lock may have all the others.
  const making = database.inTransaction(async (transaction) => {
    opened();
    if (await wanted) await makeReady(database, transaction);
  });
  try {
    await Promise.race([open, making]);
    return await changing(database, async (holder) => {
      const state = await journalState(database, { transaction: holder });
      if (STATES.indexOf(state) > STATES.indexOf(over)) return false;
      decide(true);
      await making;
      await database.run(SET_STATE, [String(STATES.indexOf('on'))], { transaction: holder });
      return true;
    });
  } finally {
    decide(false);
    await making.catch(() => undefined);
  }
}

async function makeReady(database: Database, transaction: Transaction): Promise<void> {
  // After a copy to another server its end is not known otherwise.
  await database.run(MEND, [], { transaction });
  const { head } = await journalStatus(database, { transaction });
  const { rows } = await database.run(IS_BLANK, [], { transaction });
  // What was written while it was off is not in it, which can be said for sure of an empty graph only.
  if (head.sequence > 0 || rows[0]?.[0] !== 't') enlistBodies(database, transaction, [beginningBody()]);
}

/**
 * The journal of a graph that was rebuilt goes on behind `head`: its entries up to there are elsewhere. In the transaction
 * that rebuilds it, or by itself. @throws JOURNAL_MISMATCH when the journal has entries
 */
export async function seatJournal(
  database: Database,
  head: JournalHead & { readonly timestampMs: number },
  options: RunOptions = {},
): Promise<void> {
  if (head.sequence === GENESIS.sequence) return;
  const hash = `\\x${Buffer.from(head.hash).toString('hex')}`;
  try {
    await database.inTransaction(
      (transaction) =>
        database.run(SEAT, [String(head.sequence), String(head.timestampMs), hash], { transaction }),
      options,
    );
  } catch (thrown) {
    throw mismatchOf(thrown);
  }
}

/** What the functions of the journal refuse, by its own code. */
export function mismatchOf(thrown: unknown): FacetError {
  const error = asFacetError(thrown);
  if (error.sqlState !== '55000') return error;
  return new FacetError('JOURNAL_MISMATCH', error.message, { hint: error.hint, cause: thrown });
}

async function changing<T>(database: Database, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  try {
    return await database.inTransaction(async (transaction) => {
      await database.run(CLAIM_PATIENCE, [], { transaction });
      await database.run(LOCK_JOURNAL_STATE, [], { transaction });
      return work(transaction);
    });
  } catch (thrown) {
    const error = asFacetError(thrown);
    if (error.code !== 'LOCK_TIMEOUT') throw error;
    throw new FacetError(
      'LOCK_TIMEOUT',
      'The journal cannot be turned on or off while a transaction that has written to the graph is open',
      { retryAfterSeconds: 1, cause: thrown },
    );
  }
}
