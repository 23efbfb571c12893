/**
 * The change feed of a standby: there is none. What it takes (a slot, a publication, positions of consumers) is written
 * on the primary, and that is where changes are followed.
 */
import { FacetError } from '../../base/index.ts';
import type { ChangeFeed, ChangeFeedFacts, ChangePositions } from '../change-contract.ts';

/** What a statement on a standby sees, it has replayed. */
const REPLAYED = 'pg_catalog.pg_last_wal_replay_lsn()';
const POSITIONS: ChangePositions = {
  durable: REPLAYED,
  seen: REPLAYED,
  awaited: REPLAYED,
  settled: REPLAYED,
};

const FACTS: ChangeFeedFacts = {
  following: false,
  cursors: 0,
  catchingUp: 0,
  lagBytes: 0,
  retainedBytes: 0,
  changes: 0,
  logItems: 0,
  logBytes: 0,
};

const refuse = async (): Promise<never> => {
  throw new FacetError('CHANGES_UNAVAILABLE', "This server's PostgreSQL is a standby", {
    hint: 'Follow changes on a server whose PostgreSQL is the primary.',
  });
};

export const STANDBY_FEED: ChangeFeed = {
  source: 'logical',
  positions: POSITIONS,
  facts: FACTS,
  watch: refuse,
  watchAll: refuse,
  open: refuse,
  now: refuse,
  consumer: refuse,
  consumers: async () => [],
  advance: refuse,
  reset: refuse,
  forget: refuse,
};
