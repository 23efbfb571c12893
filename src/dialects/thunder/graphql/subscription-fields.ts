/** What the fields of subscriptions follow: the changes of one table, of one kind. */
import type { GraphQLFieldResolver } from 'graphql';
import { timestamp } from '../../../base/index.ts';
import { lsnText } from '../../../engine/index.ts';
import * as models from '../../../models/index.ts';
import { rowText } from '../event-text.ts';
import type { Caller } from './caller.ts';
import { FeedEvents } from './feed-events.ts';
import { RawJson } from './raw-json.ts';

interface Follow {
  readonly table: string;
  readonly filter?: string | null | undefined;
}

type Follower = GraphQLFieldResolver<unknown, Caller, Follow>;

/** Follows one kind of changes from now on. */
const follower =
  (operation: models.RowChange['operation'], eventOf: (change: models.RowChange) => object): Follower =>
  async (_, { table, filter }, caller) => {
    const followed = await caller.call(models.changesFollow, {
      table,
      events: [operation],
      filter: filter ?? undefined,
    });
    return new FeedEvents(followed.feed, caller.signal, eventOf);
  };

const common = ({ operation, table, committedAtMs, commitLsn }: models.RowChange) => ({
  table: table.schema === 'public' ? table.name : `${table.schema}.${table.name}`,
  operation,
  timestamp: timestamp(committedAtMs),
  lsn: lsnText(commitLsn),
});

/** Functions, so that a row that is not asked for is not written. */
const insertEvent = (change: models.RowChange): object => ({
  ...common(change),
  row: () => rowJson(change, change.newRow),
});

const deleteEvent = (change: models.RowChange): object => ({
  ...common(change),
  row: () => rowJson(change, change.oldRow),
});

const updateEvent = (change: models.RowChange): object => ({
  ...common(change),
  oldRow: () => rowJson(change, change.oldRow),
  newRow: () => rowJson(change, change.newRow),
  changedColumns: change.changedColumns.map((at) => change.table.columns[at]?.name),
});

const rowJson = ({ table }: models.RowChange, row: models.RowChange['newRow']): RawJson | null =>
  row === undefined ? null : new RawJson(rowText(table, row));

export const SUBSCRIPTION: Readonly<Record<string, Follower>> = {
  onRowInserted: follower('insert', insertEvent),
  onRowUpdated: follower('update', updateEvent),
  onRowDeleted: follower('delete', deleteEvent),
};
