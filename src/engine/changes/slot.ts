/**
 * The slot of a namespace: it makes PostgreSQL keep the write-ahead log from a position on. One slot serves everybody;
 * whoever needs to read from further back than others copies it for the time of reading.
 */
import { createHash } from 'node:crypto';
import { asFacetError, FacetError, LIMITS } from '../../base/index.ts';
import type { Cell } from '../cell.ts';
import type { Lsn } from '../change-contract.ts';
import { command } from '../command.ts';
import type { Database, Statement } from '../contract.ts';
import type { ExchangeHost } from '../exchange.ts';
import { query } from '../query.ts';
import type { Session } from '../session.ts';
import type { Retention, RetentionLook, RetentionState } from './change-source.ts';
import type { Control } from './control.ts';
import { lsnText, parseLsn } from './lsn.ts';
import { ensurePublication } from './publication.ts';

const LOOK: Statement = {
  name: 'changes.look',
  text: `SELECT pg_catalog.pg_current_wal_flush_lsn(), s.confirmed_flush_lsn, s.restart_lsn, s.active,
      s.wal_status = 'lost' OR pg_catalog.to_jsonb(s) ->> 'invalidation_reason' IS NOT NULL
    FROM (SELECT) one LEFT JOIN pg_catalog.pg_replication_slots s
      ON s.slot_name = $1 AND s.database = pg_catalog.current_database() AND s.plugin = 'pgoutput' AND NOT s.temporary`,
};

const PLAIN = /^[a-z0-9_]{1,50}$/;

/**
 * Changes are followed by other means now: what the slot keeps nobody will ever read, so it is dropped.
 * @throws CHANGES_UNAVAILABLE when it cannot be: it goes on keeping the write-ahead log
 */
export async function retireSlot(session: ExchangeHost, name: string): Promise<void> {
  try {
    await query(
      session,
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
       WHERE slot_name = $1 AND database = current_database() AND NOT active`,
      [name],
    );
  } catch (error) {
    const known = asFacetError(error);
    throw new FacetError(
      'CHANGES_UNAVAILABLE',
      `Slot ${name} is of no use any more, and PostgreSQL keeps its write-ahead log for it: ${known.message}`,
      { hint: `Drop it: SELECT pg_drop_replication_slot('${name}')`, cause: error },
    );
  }
}

/** Names of slots are shared by all databases of a server, and have at most 63 of a few characters. */
export function slotNameOf(databaseName: string): string {
  if (PLAIN.test(databaseName)) return `facet_${databaseName}`;
  const plain = databaseName
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/g, '_')
    .slice(0, 30);
  return `facet_${plain}_${createHash('sha256').update(databaseName).digest('hex').slice(0, 16)}`;
}

export class Slot implements Retention {
  readonly name: string;
  readonly #database: Database;
  readonly #control: Control;
  #ensuring: Promise<RetentionState> | undefined = undefined;
  #dropping: Promise<boolean> | undefined = undefined;

  constructor(name: string, database: Database, control: Control) {
    this.name = name;
    this.#database = database;
    this.#control = control;
  }

  /** Cheap. */
  async look(signal?: AbortSignal): Promise<RetentionLook> {
    const { rows } = await this.#database.run(LOOK, [this.name], { reads: true, signal });
    return lookOf(rows[0] ?? []);
  }

  /**
   * Makes it when it is not there, and anew when PostgreSQL has given it up.
   * @throws CHANGES_UNAVAILABLE naming what is missing
   */
  async ensure(): Promise<RetentionState> {
    // Or it would be found there, and be gone a moment later.
    await this.#dropping?.catch(() => undefined);
    const { slot } = await this.look();
    if (slot !== undefined && !slot.lost) return slot;
    this.#ensuring ??= this.#control
      .do((session) => this.#make(session))
      .finally(() => {
        this.#ensuring = undefined;
      });
    return this.#ensuring;
  }

  /** Lets PostgreSQL remove what is before `to`. Nothing happens while somebody streams from it. */
  async advance(to: Lsn): Promise<void> {
    await this.#control.do(async (session) => {
      await query(session, 'SELECT pg_replication_slot_advance($1, $2::pg_lsn)', [this.name, lsnText(to)]);
    });
  }

  /** False when it was not there, or somebody streams from it. */
  drop(): Promise<boolean> {
    this.#dropping ??= this.#control
      .do(async (session) => {
        const { rows } = await query(
          session,
          `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
           WHERE slot_name = $1 AND database = current_database() AND NOT active`,
          [this.name],
        );
        return rows.length > 0;
      })
      .finally(() => {
        this.#dropping = undefined;
      });
    return this.#dropping;
  }

  async #make(session: Session): Promise<RetentionState> {
    await checkServer(session);
    await ensurePublication(session);
    const known = lookOf((await query(session, LOOK.text, [this.name])).rows[0] ?? []).slot;
    if (known !== undefined && !known.lost) return known;
    await command(session, `SET statement_timeout = ${LIMITS.changeSlotMsMax}`);
    try {
      if (known !== undefined) await query(session, 'SELECT pg_drop_replication_slot($1)', [this.name]);
      await query(session, `SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [this.name]);
    } catch (error) {
      const made = lookOf((await query(session, LOOK.text, [this.name])).rows[0] ?? []).slot;
      // Another process was faster.
      if (made !== undefined && !made.lost) return made;
      throw cannotMake(asFacetError(error));
    }
    const made = lookOf((await query(session, LOOK.text, [this.name])).rows[0] ?? []).slot;
    if (made === undefined) throw new FacetError('CHANGES_UNAVAILABLE', `Slot ${this.name} was removed`);
    return made;
  }
}

function lookOf([now, confirmed, restart, active, lost]: readonly Cell[]): RetentionLook {
  const position = (cell: Cell | undefined): Lsn => (cell == null ? 0n : parseLsn(cell, 'lsn'));
  return {
    now: position(now),
    slot:
      active == null
        ? undefined
        : {
            confirmed: position(confirmed),
            restart: position(restart),
            active: active === 't',
            lost: lost === 't',
          },
  };
}

/** @throws CHANGES_UNAVAILABLE naming what the server or the role lacks */
async function checkServer(session: Session): Promise<void> {
  const { rows } = await query(
    session,
    `SELECT current_setting('wal_level'), rolreplication OR rolsuper, current_user
     FROM pg_roles WHERE rolname = current_user`,
  );
  const [walLevel, mayReplicate, role] = rows[0] ?? [];
  if (walLevel !== 'logical') {
    throw new FacetError(
      'CHANGES_UNAVAILABLE',
      `Changes cannot be followed: PostgreSQL runs with wal_level = ${walLevel}`,
      { hint: "Set wal_level = 'logical' in its configuration and restart it." },
    );
  }
  if (mayReplicate !== 't') {
    throw new FacetError(
      'CHANGES_UNAVAILABLE',
      `Changes cannot be followed: role ${role} may not replicate`,
      { hint: 'Give the role of the store URI the attribute REPLICATION.' },
    );
  }
}

function cannotMake(error: FacetError): FacetError {
  if (error.code === 'QUERY_CANCELLED' || error.code === 'QUERY_TIMEOUT') {
    return new FacetError(
      'CHANGES_UNAVAILABLE',
      `A slot could not be made in ${LIMITS.changeSlotMsMax} ms (changeSlotMsMax): transactions that write were open all the time`,
      { retryAfterSeconds: 1, cause: error },
    );
  }
  return new FacetError('CHANGES_UNAVAILABLE', `A slot could not be made: ${error.message}`, {
    hint: error.hint,
    retryAfterSeconds: 1,
    cause: error,
  });
}
