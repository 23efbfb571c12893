/**
 * Where triggers keep changes, cdc.outbox_change: takes it up, says what it has, and removes what nobody needs. What its
 * tables and functions do is said where they are made.
 */
import { asFacetError, FacetError, LIMITS } from '../../../base/index.ts';
import type { Lsn } from '../../change-contract.ts';
import type { Database, Statement } from '../../contract.ts';
import type { Retention, RetentionLook, RetentionState } from '../change-source.ts';
import { parseLsn } from '../lsn.ts';

const LOOK: Statement = {
  name: 'changes.outbox.look',
  text: `SELECT cdc.outbox_now(), first, cdc.outbox_last('cdc.outbox_lost') <> lost, system_identifier = 0,
      pg_catalog.pg_relation_size('cdc.outbox_change')
    FROM cdc.outbox_state`,
};
const OPEN: Statement = { name: 'changes.outbox.open', text: 'SELECT cdc.outbox_open_up()' };
const TRIM: Statement = { name: 'changes.outbox.trim', text: 'SELECT cdc.outbox_trim($1, $2)' };
/** What it takes on disk beside the space that is free for more: of notes that are there, by a sample of the newest. */
const BYTES: Statement = {
  name: 'changes.outbox.bytes',
  text: `SELECT coalesce(pg_catalog.avg(60 + coalesce(pg_catalog.octet_length(new_row), 0)
      + coalesce(pg_catalog.octet_length(old_row), 0)), 0)
    FROM (SELECT new_row, old_row FROM cdc.outbox_change TABLESAMPLE SYSTEM (1) LIMIT 1000) AS sample`,
};

/** What a position grows by with each change: as in the migration. */
const POSITION_STEP = 256;

export class Outbox implements Retention {
  readonly #database: Database;
  #opening: Promise<RetentionState> | undefined = undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  async look(signal?: AbortSignal): Promise<RetentionLook> {
    const { rows } = await this.#database.run(LOOK, [], { reads: true, signal });
    const [now, first, lost, unused] = rows[0] ?? [];
    if (now == null || first == null) throw new FacetError('CHANGES_UNAVAILABLE', 'The outbox is gone');
    return {
      now: parseLsn(now, 'now'),
      slot:
        unused === 't'
          ? undefined
          : { confirmed: BigInt(first), restart: BigInt(first), active: false, lost: lost === 't' },
    };
  }

  /** @throws CHANGES_UNAVAILABLE, UNAVAILABLE */
  ensure(): Promise<RetentionState> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** As much as a few steps remove, and more the next time. Beyond its bound it lets go of what somebody would need. */
  async advance(to: Lsn): Promise<void> {
    const keep = await this.#keep(to);
    for (let step = 0; step < LIMITS.changeOutboxStepsMax; step++) {
      const { rows } = await this.#database.run(TRIM, [String(keep), String(LIMITS.changeOutboxStepRows)]);
      if (Number(rows[0]?.[0] ?? 0) < LIMITS.changeOutboxStepRows) return;
    }
  }

  /** What it holds is let go. False: triggers go on noting, so it has to be looked after. */
  async drop(): Promise<boolean> {
    const { now } = await this.look();
    await this.advance(now);
    return false;
  }

  async #open(): Promise<RetentionState> {
    try {
      await this.#database.run(OPEN);
    } catch (error) {
      const known = asFacetError(error);
      if (known.kind === 'unavailable') throw error;
      throw new FacetError('CHANGES_UNAVAILABLE', `Changes cannot be noted: ${known.message}`, {
        cause: error,
      });
    }
    const { slot } = await this.look();
    if (slot === undefined) throw new FacetError('CHANGES_UNAVAILABLE', 'The outbox cannot be taken up');
    return slot;
  }

  async #keep(wanted: Lsn): Promise<Lsn> {
    const { rows } = await this.#database.run(LOOK, [], { reads: true });
    const [now, first, , , size] = rows[0] ?? [];
    if (now == null || Number(size) <= LIMITS.changeOutboxBytesMax) return wanted;
    const sample = await this.#database.run(BYTES, [], { reads: true });
    const noteBytes = Math.max(POSITION_STEP, Number(sample.rows[0]?.[0] ?? 0));
    const end = parseLsn(now, 'now');
    const notesMax = BigInt(Math.floor(LIMITS.changeOutboxBytesMax / noteBytes));
    const oldest = end - notesMax * BigInt(POSITION_STEP);
    const least = oldest > BigInt(first ?? 0) ? oldest : BigInt(first ?? 0);
    return least > wanted ? least : wanted;
  }
}
