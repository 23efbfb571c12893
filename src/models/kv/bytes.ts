/** Kinds whose value is bytes (bitmaps, HyperLogLogs): reading, holding and replacing the whole of it. */
import { arrayLiteral, statement } from '../../engine/index.ts';
import { type KindName, kindName, type StoredKey, wrongType } from './entry.ts';
import type { Run } from './keyspace.ts';

const READ = statement(
  'kv.read_bytes',
  `SELECT key, kind, encode(bytes, 'base64') FROM kv.entry
   WHERE key = ANY ($1::text[]) AND kv.live(expires_at) ORDER BY key`,
);
const HOLD = statement('kv.hold_bytes', `SELECT status FROM kv.hold_or_make($1, $2, $3::int)`);
const PUT = statement('kv.put_bytes', `SELECT kv.put_bytes($1, $2, $3::smallint, decode($4, 'base64'))`);
const REPLACE = statement(
  'kv.replace_bytes',
  `UPDATE kv.entry SET bytes = decode($2, 'base64'), version = version + 1 WHERE key = $1`,
);
const DROP = statement('kv.drop_key', 'DELETE FROM kv.entry WHERE key = $1');

/** In the order of the keys; undefined for a missing one. @throws WRONG_TYPE */
export async function readBytes(
  run: Run,
  keys: readonly StoredKey[],
  wanted: KindName,
): Promise<readonly (Buffer | undefined)[]> {
  const { rows } = await run(READ, [arrayLiteral([...new Set(keys.map(({ key }) => key))])]);
  const found = new Map(rows.map((row) => [row[0], row]));
  return keys.map(({ key, longKey }) => {
    const row = found.get(key);
    if (row === undefined) return undefined;
    const kind = kindName(row[1]);
    if (kind !== wanted) throw wrongType(longKey ?? key, kind, wanted);
    return Buffer.from(row[2] ?? '', 'base64');
  });
}

const KIND_NUMBERS = { bitmap: '6', hyperloglog: '7' } as const;

/** Holds the key to the end of the transaction, making it when it is missing, and reads it. @throws WRONG_TYPE */
export async function holdBytes(
  run: Run,
  stored: StoredKey,
  wanted: 'bitmap' | 'hyperloglog',
): Promise<Buffer | undefined> {
  const { rows } = await run(HOLD, [stored.key, stored.longKey, KIND_NUMBERS[wanted]]);
  if (rows[0]?.[0] === '-1') throw wrongType(stored.longKey ?? stored.key, undefined, wanted);
  return (await readBytes(run, [stored], wanted))[0];
}

/** Overwrites whatever the key holds; with `keep`, of a key that is held, the time to live stays. None leaves no key. */
export async function putBytes(
  run: Run,
  stored: StoredKey,
  kind: number,
  bytes: Buffer,
  keep = false,
): Promise<void> {
  const text = bytes.toString('base64');
  if (keep) await run(REPLACE, [stored.key, text]);
  else if (bytes.length === 0) await run(DROP, [stored.key]);
  else await run(PUT, [stored.key, stored.longKey, String(kind), text]);
}
