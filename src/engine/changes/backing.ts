/** What is different between following by logical decoding and by triggers, made for one namespace. */
import type { ChangePositions } from '../change-contract.ts';
import type { Database } from '../contract.ts';
import type { ChangeParts } from './change-parts.ts';
import type { ChangeSource, Retention, TableWatcher } from './change-source.ts';
import { ChangedTables } from './changed-tables.ts';
import type { Control } from './control.ts';
import { LogicalSource } from './logical-source.ts';
import { Slot, slotNameOf } from './slot.ts';
import { Outbox, TriggerSource, TriggerWatcher } from './triggers/index.ts';
import { Watcher } from './watcher.ts';

export interface Backing {
  readonly source: ChangeSource;
  readonly retention: Retention;
  readonly watcher: TableWatcher;
  /** SQL: the position behind everything that has committed, a pg_lsn. */
  readonly nowSql: string;
  readonly positions: ChangePositions;
}

/**
 * Where the log ends with everything that a statement can see, what committed without waiting for the disk as well. At
 * the beginning of a page the next record is put behind the header of the page, up to 40 bytes, that is not written yet.
 */
const LOG_END = `(SELECT CASE WHEN (flushed - '0/0') % 8192 = 0 AND inserted - flushed <= 40 THEN flushed ELSE inserted END
    FROM (SELECT pg_catalog.pg_current_wal_flush_lsn() AS flushed, pg_catalog.pg_current_wal_insert_lsn() AS inserted) AS log)`;

/**
 * Behind the last transaction in the outbox that the statement sees. Not the last position taken: those of transactions
 * under way count there too, and a reader that sleeps is woken by commits alone. Of what has been removed all have had it.
 */
const LAST_NOTED = `(SELECT '0/0'::pg_catalog.pg_lsn + (coalesce(
    (SELECT position + 1 FROM cdc.outbox_commit ORDER BY position DESC LIMIT 1), first))::pg_catalog.numeric
    FROM cdc.outbox_state)`;

export function backingOf(parts: ChangeParts, control: Control): Backing {
  return parts.source === 'logical' ? logical(parts, parts.database, control) : triggers(parts);
}

function logical(parts: ChangeParts, database: Database, control: Control): Backing {
  const slot = new Slot(slotNameOf(parts.databaseName), database, control);
  return {
    source: new LogicalSource(parts, slot, new ChangedTables(database)),
    retention: slot,
    watcher: new Watcher(parts, control),
    nowSql: 'pg_catalog.pg_current_wal_flush_lsn()',
    positions: {
      durable: 'pg_catalog.pg_current_wal_flush_lsn()',
      seen: 'pg_catalog.pg_current_wal_insert_lsn()',
      awaited: LOG_END,
      settled: 'pg_catalog.pg_current_wal_flush_lsn()',
    },
  };
}

function triggers(parts: ChangeParts): Backing {
  const outbox = new Outbox(parts.database);
  return {
    source: new TriggerSource(parts, outbox),
    retention: outbox,
    watcher: new TriggerWatcher(parts),
    nowSql: 'cdc.outbox_now()',
    positions: {
      durable: LAST_NOTED,
      seen: LAST_NOTED,
      awaited: LAST_NOTED,
      settled: 'cdc.outbox_settled()',
    },
  };
}
