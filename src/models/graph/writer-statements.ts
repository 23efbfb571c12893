/** The SQL of writers: epochs, claims, and the counts behind the manifest version. */
import { statement } from '../../engine/index.ts';

/** A waiting claim holds up other writers, so it does not wait for long. */
export const CLAIM_PATIENCE = statement('graph.claim_patience', "SET LOCAL lock_timeout = '5s'");

/** "graph" in ASCII. The lock belongs to the database, so each namespace has its own. */
const LOCK = '444234428520';

/** Waits until every transaction that holds the epoch has ended, and keeps new ones waiting. */
export const LOCK_EPOCH = statement('graph.lock_epoch', `SELECT pg_advisory_xact_lock(${LOCK})`);

/**
 * Unlike nextval, setval leaves no numbers out after a crash. Counts of backends that are in the middle of a
 * transaction stay where they are for the next claim.
 */
export const CLAIM = statement(
  'graph.claim',
  `WITH idle AS (SELECT backend FROM graph.write_count FOR UPDATE SKIP LOCKED),
     gone AS (
       DELETE FROM graph.write_count AS c USING idle WHERE c.backend = idle.backend
       RETURNING c.writes, c.node_writes, c.edge_writes),
     folded AS (
       SELECT coalesce(sum(writes), 0) AS writes, coalesce(sum(node_writes), 0) AS node_writes,
              coalesce(sum(edge_writes), 0) AS edge_writes
       FROM gone)
   UPDATE graph.writer AS w
   SET claims = w.claims + 1, writes = w.writes + folded.writes,
       node_writes = w.node_writes + folded.node_writes, edge_writes = w.edge_writes + folded.edge_writes
   FROM folded
   RETURNING setval('graph.epoch', (SELECT last_value FROM graph.epoch) + 1)`,
);

/**
 * Holds the epoch and the state of the journal until the transaction ends, and returns them. The sequences are read for
 * the row that the lock made, so after the lock was granted; `OFFSET 0` keeps the planner from merging the two.
 */
export const HOLD_EPOCH = statement(
  'graph.hold_epoch',
  `SELECT (SELECT last_value FROM graph.epoch WHERE held.lock IS NOT NULL),
     (SELECT last_value FROM graph.journal_state WHERE held.lock IS NOT NULL)
   FROM (SELECT pg_advisory_xact_lock_shared(${LOCK})::text AS lock OFFSET 0) AS held`,
);

/** "journals" in ASCII: for writers of the mode shared, who do not hold up claims. */
const STATE_LOCK = '7669477824722660467';

/** Waits until every transaction that knows of the state of the journal has ended, and keeps new ones waiting. */
export const LOCK_JOURNAL_STATE = statement(
  'graph.lock_journal_state',
  `SELECT pg_advisory_xact_lock(${LOCK}), pg_advisory_xact_lock(${STATE_LOCK})`,
);

/** What the sequence of the state is when the journal is on; 0 is undecided, 1 off. */
export const JOURNAL_ON = '2';

/** Holds the state of the journal until the transaction ends, and returns it. */
export const HOLD_JOURNAL = statement(
  'graph.hold_journal',
  `SELECT (SELECT last_value FROM graph.journal_state WHERE held.lock IS NOT NULL)
   FROM (SELECT pg_advisory_xact_lock_shared(${STATE_LOCK})::text AS lock OFFSET 0) AS held`,
);

/** One query that changed nodes, relationships or both: parameters are 0 or 1. */
export const COUNT_WRITE = statement(
  'graph.count_write',
  `INSERT INTO graph.write_count AS c (backend, writes, node_writes, edge_writes)
   VALUES (pg_backend_pid(), $1, $2, $3)
   ON CONFLICT (backend) DO UPDATE
   SET writes = c.writes + excluded.writes, node_writes = c.node_writes + excluded.node_writes,
       edge_writes = c.edge_writes + excluded.edge_writes`,
);

/** Epoch, manifest version, writes of nodes and of relationships, and whether either is newer than the last flush. */
export const STATUS = statement(
  'graph.status',
  `SELECT (SELECT last_value FROM graph.epoch), w.claims + w.flushes + w.writes + c.writes,
     w.node_writes + c.node_writes, w.edge_writes + c.edge_writes,
     w.node_writes + c.node_writes > w.nodes_flushed, w.edge_writes + c.edge_writes > w.edges_flushed
   FROM graph.writer AS w, (
     SELECT coalesce(sum(writes), 0)::bigint AS writes, coalesce(sum(node_writes), 0)::bigint AS node_writes,
            coalesce(sum(edge_writes), 0)::bigint AS edge_writes
     FROM graph.write_count) AS c`,
);

/** Counts what was there before the checkpoint as flushed, unless another flush was faster. */
export const MARK_FLUSHED = statement(
  'graph.mark_flushed',
  `UPDATE graph.writer
   SET flushes = flushes + 1, nodes_flushed = greatest(nodes_flushed, $1::bigint),
       edges_flushed = greatest(edges_flushed, $2::bigint)
   WHERE nodes_flushed < $1::bigint OR edges_flushed < $2::bigint`,
);
