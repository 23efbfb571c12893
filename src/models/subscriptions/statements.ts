/** SQL of subscriptions: tables that are followed, and rows of cdc.subscription. */
import { statement } from '../../engine/index.ts';

/** $1 schema, $2 name -> oid, JSON list of columns as [name, type oid, type modifier, part of the primary key]. */
export const FOLLOWED_TABLE = statement(
  'subscriptions.table',
  `SELECT c.oid,
     (SELECT coalesce(json_agg(json_build_array(a.attname, a.atttypid::int8, a.atttypmod,
               EXISTS (SELECT FROM pg_catalog.pg_index i
                       WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)))
             ORDER BY a.attnum), '[]')
      FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
   FROM pg_catalog.pg_class c
   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
);

/** $1 array of oids -> those that are tables now, with the names that they have. */
export const TABLES_THERE = statement(
  'subscriptions.tables_there',
  `SELECT c.oid, n.nspname, c.relname
   FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = ANY ($1::oid[])`,
);

/**
 * $1 array of oids -> type, its base type (domains taken off), name of that, element's oid and name when it is an array,
 * how SQL spells the base type, whether an array of it can be unnested to single values.
 */
export const COLUMN_TYPES = statement(
  'subscriptions.types',
  `WITH RECURSIVE chain AS (
     SELECT t.oid AS own, t.oid, t.typtype, t.typbasetype FROM pg_catalog.pg_type t WHERE t.oid = ANY ($1::oid[])
     UNION ALL
     SELECT chain.own, t.oid, t.typtype, t.typbasetype
     FROM chain JOIN pg_catalog.pg_type t ON t.oid = chain.typbasetype WHERE chain.typtype = 'd')
   SELECT chain.own, b.oid, b.typname, e.oid, e.typname,
     CASE s.nspname WHEN 'pg_catalog' THEN pg_catalog.format_type(b.oid, -1)
       ELSE pg_catalog.format('%I.%I', s.nspname, b.typname) END,
     b.typarray <> 0 AND b.typtype <> 'c' AND e.oid IS NULL
   FROM chain
   JOIN pg_catalog.pg_type b ON b.oid = chain.oid
   JOIN pg_catalog.pg_namespace s ON s.oid = b.typnamespace
   LEFT JOIN pg_catalog.pg_type a ON a.oid = b.typelem AND b.typcategory = 'A'
   LEFT JOIN pg_catalog.pg_type e ON e.oid = CASE a.typtype WHEN 'd' THEN a.typbasetype ELSE a.oid END
   WHERE chain.typtype <> 'd'`,
);

/** For the rest of the transaction names without a schema mean what is built in: as where conditions are evaluated. */
export const BUILT_INS_ONLY = statement(
  'subscriptions.built_ins_only',
  `SELECT pg_catalog.set_config('search_path', 'pg_catalog', true)`,
);

/** $1 oid of the table, $2 the condition in parentheses. See the migration. */
export const JUDGE_CONDITION = statement(
  'subscriptions.judge',
  'SELECT array_to_json(cdc.judge_condition($1::oid::regclass, $2))',
);

const TIMESTAMP = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
const FACTS = `s.id, s.name, coalesce(n.nspname, s.table_schema), coalesce(c.relname, s.table_name), to_json(s.events),
  s.delivery, s.endpoint, s.status, s.status_reason, to_char(s.created_at AT TIME ZONE 'UTC', ${TIMESTAMP}),
  to_char(s.last_delivered_at AT TIME ZONE 'UTC', ${TIMESTAMP}), s.delivered_count`;
const CURRENT_TABLE = `LEFT JOIN pg_catalog.pg_class c ON c.oid = s.table_oid
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;

/** $1 rows of the page, $2 rows before it -> count of all and facts of each; one row of nulls when there is none. */
export const LIST_SUBSCRIPTIONS = statement(
  'subscriptions.list',
  `WITH page AS (SELECT * FROM cdc.subscription ORDER BY created_at, id LIMIT $1 OFFSET $2)
   SELECT (SELECT count(*) FROM cdc.subscription), ${FACTS}
   FROM (VALUES (1)) AS one(row) LEFT JOIN page s ON true ${CURRENT_TABLE}
   ORDER BY s.created_at, s.id`,
);

/** $1 id -> as a row of the list. */
export const GET_SUBSCRIPTION = statement(
  'subscriptions.get',
  `SELECT 1, ${FACTS} FROM cdc.subscription s ${CURRENT_TABLE} WHERE s.id = $1`,
);

/** The last parameter is how many there may be. No row when there are as many, or the id is taken. */
export const CREATE_SUBSCRIPTION = statement(
  'subscriptions.create',
  `INSERT INTO cdc.subscription (id, name, table_oid, table_schema, table_name, events, delivery, endpoint, filter,
     include_old_values, batch_size, batch_timeout_ms, max_retries, backoff_ms, backoff_multiplier, secret)
   SELECT $1, $2, $3::oid, $4, $5, $6::text[], $7, $8, $9, $10::boolean, $11::int, $12::int, $13::int, $14::int,
     $15::float8, $16
   WHERE (SELECT count(*) FROM cdc.subscription) < $17::int
   ON CONFLICT (id) DO NOTHING
   RETURNING to_char(created_at AT TIME ZONE 'UTC', ${TIMESTAMP})`,
);

/** $1 id -> name. */
export const DELETE_SUBSCRIPTION = statement(
  'subscriptions.delete',
  'DELETE FROM cdc.subscription WHERE id = $1 RETURNING name',
);

/** $1 id, $2 status, $3 reason, $4 statuses it may have had -> id when it was changed. */
export const SET_STATUS = statement(
  'subscriptions.status',
  `UPDATE cdc.subscription SET status = $2, status_reason = $3, tries = 0
   WHERE id = $1 AND status = ANY ($4::text[]) RETURNING id`,
);

/** $1 id, $2 oid, $3 schema and $4 name of the table: active again, bound to that table. */
export const REVIVE_SUBSCRIPTION = statement(
  'subscriptions.revive',
  `UPDATE cdc.subscription SET status = 'active', status_reason = NULL, tries = 0, generation = generation + 1,
     table_oid = $2::oid, table_schema = $3, table_name = $4
   WHERE id = $1 RETURNING id`,
);

const DETAILS = `id, name, table_oid, table_schema, table_name, to_json(events), delivery, endpoint, filter,
  include_old_values, batch_size, batch_timeout_ms, max_retries, backoff_ms, backoff_multiplier, secret, status,
  tries, status_reason, generation`;

/** $1 id -> all that its delivery needs. */
export const SUBSCRIPTION_DETAILS = statement(
  'subscriptions.details',
  `SELECT ${DETAILS} FROM cdc.subscription WHERE id = $1`,
);

/**
 * $1 id, $2 holder, $3 how many changes were delivered now, $4 position and $5 sequence behind them -> id; no row when it is
 * gone, or another holds it. The count and the place in the feed are of one moment, so they never contradict each other.
 */
export const NOTE_DELIVERED = statement(
  'subscriptions.delivered',
  `WITH mine AS (
     UPDATE cdc.subscription
     SET last_delivered_at = statement_timestamp(), delivered_count = delivered_count + $3::bigint, tries = 0
     WHERE id = $1 AND holder = $2 RETURNING id),
   moved AS (
     UPDATE cdc.consumer SET position = $4::pg_lsn, sequence = $5::bigint, advanced_at = statement_timestamp()
     FROM mine
     WHERE name = 'subscription:' || mine.id AND (position, sequence) < ($4::pg_lsn, $5::bigint))
   SELECT id FROM mine`,
);

/** $1 id, $2 holder, $3 tries of the delivery that is under way. */
export const NOTE_TRIES = statement(
  'subscriptions.tries',
  'UPDATE cdc.subscription SET tries = $3::int WHERE id = $1 AND holder = $2',
);

/**
 * $1 process, $2 milliseconds, $3 whether no other process can be there (leases are of one that is gone then) -> details of
 * the webhooks that are this process's to deliver for so long.
 */
export const HOLD_WEBHOOKS = statement(
  'subscriptions.hold_webhooks',
  `UPDATE cdc.subscription SET holder = $1, held_until = clock_timestamp() + $2::int * interval '1 ms'
   WHERE delivery = 'webhook' AND status = 'active'
     AND (holder IS NULL OR holder = $1 OR held_until < clock_timestamp() OR $3::boolean)
   RETURNING ${DETAILS}`,
);

/** $1 process -> how many webhooks others deliver, in how many milliseconds the first of their leases ends. */
export const HELD_BY_OTHERS = statement(
  'subscriptions.held_by_others',
  `SELECT count(*),
     ceil(greatest(0, extract(epoch FROM min(held_until) - clock_timestamp()) * 1000))::bigint
   FROM cdc.subscription WHERE delivery = 'webhook' AND status = 'active' AND holder <> $1`,
);

/**
 * $1 holder, $2 milliseconds, $3 id, $4 as above: the same for one that a client attaches to. No row while another holds it.
 */
export const HOLD_ONE = statement(
  'subscriptions.hold_one',
  `UPDATE cdc.subscription SET holder = $1, held_until = clock_timestamp() + $2::int * interval '1 ms'
   WHERE id = $3 AND (holder IS NULL OR holder = $1 OR held_until < clock_timestamp() OR $4::boolean)
   RETURNING id`,
);

/** $1 process, $2 array of ids. */
export const LET_GO = statement(
  'subscriptions.let_go',
  `UPDATE cdc.subscription SET holder = NULL, held_until = NULL WHERE holder = $1 AND id = ANY ($2::text[])`,
);

/** As HOLD_ONE, of the consumer with the name $3. */
export const HOLD_CONSUMER = statement(
  'subscriptions.hold_consumer',
  `UPDATE cdc.consumer SET holder = $1, held_until = clock_timestamp() + $2::int * interval '1 ms'
   WHERE name = $3 AND (holder IS NULL OR holder = $1 OR held_until < clock_timestamp() OR $4::boolean)
   RETURNING name`,
);

/** $1 holder, $2 array of names. */
export const LET_CONSUMERS_GO = statement(
  'subscriptions.let_consumers_go',
  'UPDATE cdc.consumer SET holder = NULL, held_until = NULL WHERE holder = $1 AND name = ANY ($2::text[])',
);

/** Names of consumers that are held. */
export const HELD_CONSUMERS = statement(
  'subscriptions.held_consumers',
  'SELECT name FROM cdc.consumer WHERE held_until >= clock_timestamp()',
);

/** $1 array of names of consumers `subscription:<id>` -> those whose subscription is gone. */
export const ORPHANED_CONSUMERS = statement(
  'subscriptions.orphans',
  `SELECT name FROM unnest($1::text[]) AS given(name)
   WHERE NOT EXISTS (SELECT FROM cdc.subscription s WHERE 'subscription:' || s.id = given.name)`,
);
