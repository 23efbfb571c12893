/** SQL of the vault. No parameter is ever a value in the clear. */
import { statement } from '../../engine/index.ts';

/** RFC 3339, whatever the settings of the caller's session are; bytes as hexadecimal digits for the same reason. */
const time = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const hex = (column: string): string => `encode(${column}, 'hex')`;

const SECRET = `name, owner, array_to_json(grants), version, key_id, ${hex('nonce')}, ${hex('ciphertext')}, ${hex('seal')},
     ${time('changed_at')}`;

/** $1 name */
export const READ_SECRET = statement('vault.read', `SELECT ${SECRET} FROM vault.secret WHERE name = $1`);

/** $1 name */
export const LOCK_SECRET = statement(
  'vault.lock',
  `SELECT ${SECRET} FROM vault.secret WHERE name = $1 FOR UPDATE`,
);

/** $1 name, $2 owner, $3 grants, $4 version, $5 key id, $6 nonce, $7 ciphertext, $8 seal */
export const INSERT_SECRET = statement(
  'vault.insert',
  `INSERT INTO vault.secret (name, owner, grants, version, key_id, nonce, ciphertext, seal)
   VALUES ($1, $2, $3::text[], $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING`,
);

/** As INSERT_SECRET. */
export const UPDATE_SECRET = statement(
  'vault.update',
  `UPDATE vault.secret SET owner = $2, grants = $3::text[], version = $4, key_id = $5, nonce = $6, ciphertext = $7,
     seal = $8, changed_at = statement_timestamp()
   WHERE name = $1`,
);

/** As INSERT_SECRET: the value is the same, so it counts as unchanged. */
export const RESEAL_SECRET = statement(
  'vault.reseal',
  `UPDATE vault.secret SET owner = $2, grants = $3::text[], version = $4, key_id = $5, nonce = $6, ciphertext = $7, seal = $8
   WHERE name = $1`,
);

/** $1 name */
export const DELETE_SECRET = statement('vault.delete', 'DELETE FROM vault.secret WHERE name = $1');

/** $1 LIKE pattern, $2 after this name, $3 limit, $4 who may read them, or null for all */
export const LIST_SECRETS = statement(
  'vault.list',
  `SELECT name, owner, array_to_json(grants), version, key_id, ${hex('seal')}, ${time('created_at')},
     ${time('changed_at')}
   FROM vault.secret
   WHERE name LIKE $1 AND name > $2 AND ($4::text IS NULL OR owner = $4 OR $4 = ANY (grants))
   ORDER BY name LIMIT $3::int`,
);

/** $1 key id, $2 limit */
export const OTHER_KEYS = statement(
  'vault.other_keys',
  `SELECT ${SECRET} FROM vault.secret WHERE key_id <> $1 ORDER BY name LIMIT $2::int FOR UPDATE SKIP LOCKED`,
);

/** $1 key id */
export const COUNT_OTHER_KEYS = statement(
  'vault.count_other_keys',
  'SELECT count(*) FROM vault.secret WHERE key_id <> $1',
);

/** $1 at, $2 actor, $3 action, $4 name, $5 subject, $6 outcome, $7 request id, $8 key id, $9 seal */
export const NOTE = statement(
  'vault.note',
  `INSERT INTO vault.audit (at, actor, action, name, subject, outcome, request_id, key_id, seal)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);

/** $1 name or null, $2 actor or null, $3 id before which or null, $4 limit */
export const READ_AUDIT = statement(
  'vault.read_audit',
  `SELECT id, ${time('at')}, actor, action, name, subject, outcome, request_id, key_id, ${hex('seal')}
   FROM vault.audit
   WHERE ($1::text IS NULL OR name = $1) AND ($2::text IS NULL OR actor = $2) AND ($3::bigint IS NULL OR id < $3::bigint)
   ORDER BY id DESC LIMIT $4::int`,
);

/** $1 the time before which, $2 rows that are kept, $3 rows removed at most by each of the two */
export const TRIM_AUDIT = statement(
  'vault.trim_audit',
  `DELETE FROM vault.audit WHERE id IN (
     (SELECT id FROM vault.audit WHERE at < $1 ORDER BY at LIMIT $3::int)
     UNION ALL
     (SELECT id FROM vault.audit WHERE id <= (SELECT max(id) FROM vault.audit) - $2::bigint ORDER BY id LIMIT $3::int))`,
);
