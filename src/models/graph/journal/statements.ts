/** The SQL of the journal. Its functions are in the migration. */
import { statement } from '../../../engine/index.ts';

/** @param 1 bodies of entries, as `bytea[]` */
export const APPEND = statement('graph.journal_append', 'SELECT graph.journal_append($1::bytea[])');

/** @param 1 the number of the entry before; 2 payloads; 3 their times */
export const STORE = statement(
  'graph.journal_store',
  'SELECT graph.journal_store($1::bigint, $2::bytea[], $3::bigint[])',
);

export const SEAT = statement(
  'graph.journal_seat',
  'SELECT graph.journal_seat($1::bigint, $2::bigint, $3::bytea)',
);

export const MEND = statement('graph.journal_mend', 'SELECT graph.journal_mend()');

export const READ_STATE = statement('graph.journal_state', 'SELECT last_value FROM graph.journal_state');

/** Unlike nextval, setval leaves no numbers out after a crash. */
export const SET_STATE = statement(
  'graph.set_journal_state',
  `SELECT setval('graph.journal_state', $1::bigint)`,
);

/** Whether the graph has nothing: no node, no relationship, no index or constraint, no declared table. */
export const IS_BLANK = statement(
  'graph.is_blank',
  `SELECT NOT EXISTS (SELECT FROM graph.node) AND NOT EXISTS (SELECT FROM graph.edge)
     AND NOT EXISTS (SELECT FROM graph.schema_entry) AND NOT EXISTS (SELECT FROM graph.declared_table)`,
);

/**
 * Base and end of the journal as the snapshot sees them, with times, and what it takes: numbers, hashes, bytes. The end
 * is the base where no entry is.
 */
export const READ_ENDS = statement(
  'graph.journal_ends',
  `SELECT b.sequence, b.at_ms, encode(b.hash, 'hex'), coalesce(e.sequence, b.sequence), coalesce(e.at_ms, b.at_ms),
     encode(coalesce(e.hash, b.hash), 'hex'), pg_catalog.pg_total_relation_size('graph.journal_entry')
   FROM graph.journal_base AS b
   LEFT JOIN (SELECT sequence, at_ms, hash FROM graph.journal_entry ORDER BY sequence DESC LIMIT 1) AS e ON true`,
);

/** @param 1 a number -> the hash of that entry, which may be the base */
export const READ_HASH = statement(
  'graph.journal_hash',
  `SELECT encode(hash, 'hex') FROM graph.journal_entry WHERE sequence = $1::bigint
   UNION ALL SELECT encode(hash, 'hex') FROM graph.journal_base WHERE sequence = $1::bigint LIMIT 1`,
);

/**
 * Entries behind `$1` up to `$2`, at most `$3` of them and of some `$4` bytes together, but at least one.
 */
export const READ_PAGE = statement(
  'graph.journal_page',
  `SELECT sequence, at_ms, encode(prev_hash, 'hex'), encode(hash, 'hex'), encode(payload, 'base64')
   FROM (
     SELECT *, sum(octet_length(payload)) OVER (ORDER BY sequence) - octet_length(payload) AS before
     FROM (
       SELECT * FROM graph.journal_entry WHERE sequence > $1::bigint AND sequence <= $2::bigint
       ORDER BY sequence LIMIT $3::integer
     ) AS page
   ) AS measured
   WHERE before < $4::bigint ORDER BY sequence`,
);

/** The end as appending takes it; `sequence`, `hash`. It waits for those who append. */
export const READ_PLACES = statement(
  'graph.journal_places',
  `SELECT sequence, encode(hash, 'hex') FROM graph.journal_open()`,
);

export const ALLOW_PRUNING = statement('graph.allow_pruning', 'SET LOCAL facet.prunes_journal = on');

/** The last entry of which the time is before `$2`, of those up to `$1`; entries are in the order of their times. */
export const LAST_BEFORE = statement(
  'graph.journal_last_before',
  `SELECT sequence FROM graph.journal_entry WHERE sequence <= $1::bigint AND at_ms < $2::bigint
   ORDER BY sequence DESC LIMIT 1`,
);

/** Never backwards: who waits here for somebody who removes more still sees the entry that the other has removed. */
export const SET_BASE = statement(
  'graph.set_journal_base',
  `UPDATE graph.journal_base AS b SET sequence = e.sequence, at_ms = e.at_ms, hash = e.hash
   FROM graph.journal_entry AS e WHERE e.sequence = $1::bigint AND b.sequence < e.sequence`,
);

export const DELETE_UP_TO = statement(
  'graph.prune_journal',
  'DELETE FROM graph.journal_entry WHERE sequence <= $1::bigint',
);
