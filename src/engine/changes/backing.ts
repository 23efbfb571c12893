/** What is different between following by logical decoding and by triggers, made for one namespace. */
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
  /** As `nowSql`, and before everything that commits from now on. */
  readonly settledSql: string;
}

export function backingOf(parts: ChangeParts, control: Control): Backing {
  return parts.source === 'logical' ? logical(parts, parts.database, control) : triggers(parts);
}

function logical(parts: ChangeParts, database: Database, control: Control): Backing {
  const slot = new Slot(slotNameOf(parts.databaseName), database, control);
  return {
    source: new LogicalSource(parts, slot, new ChangedTables(database)),
    retention: slot,
    watcher: new Watcher(database, control, parts.observe),
    nowSql: 'pg_catalog.pg_current_wal_flush_lsn()',
    settledSql: 'pg_catalog.pg_current_wal_flush_lsn()',
  };
}

function triggers(parts: ChangeParts): Backing {
  const outbox = new Outbox(parts.database);
  return {
    source: new TriggerSource(parts, outbox),
    retention: outbox,
    watcher: new TriggerWatcher(parts),
    nowSql: 'cdc.outbox_now()',
    settledSql: 'cdc.outbox_settled()',
  };
}
