/** Single bits and questions about them, answered in PostgreSQL, so that no bitmap travels. */
import { statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { answered } from '../collection.ts';
import { kindName, storedKey, wrongType } from '../entry.ts';
import { keyspaceOf } from '../keyspace.ts';
import type {
  BitResult,
  CountInput,
  CountResult,
  GetInput,
  OldResult,
  PosInput,
  PosResult,
  SetInput,
} from './schemas.ts';

const SET = statement('bitmap.setbit', 'SELECT kv.setbit($1, $2, $3::bigint, $4::int)');
const GET = statement(
  'bitmap.getbit',
  `SELECT kind, CASE WHEN $2::bigint < octet_length(bytes) * 8::bigint
     THEN get_bit(bytes, kv.bit_place($2::bigint)) ELSE 0 END
   FROM kv.entry WHERE key = $1 AND kv.live(expires_at)`,
);

/** First and last bit, within the bitmap, of a range that may be given from the end. */
const WINDOW = `FROM (SELECT kind, bytes, octet_length(bytes) * 8::bigint AS bits
     FROM kv.entry WHERE key = $1 AND kv.live(expires_at)) AS e
   CROSS JOIN LATERAL (SELECT
     greatest(CASE WHEN $2::bigint < 0 THEN $2::bigint + bits ELSE $2::bigint END, 0) AS low,
     least(CASE WHEN $3::bigint < 0 THEN $3::bigint + bits ELSE $3::bigint END, bits - 1) AS high) AS w`;
const COUNT = statement(
  'bitmap.bitcount',
  `SELECT kind, CASE WHEN low <= high THEN bit_count(kv.bit_window(bytes, low, high, 0)) ELSE 0 END ${WINDOW}`,
);
const POS = statement(
  'bitmap.bitpos',
  `SELECT kind, CASE WHEN low <= high THEN kv.bit_position(bytes, $4::int, low, high) END, bits, low ${WINDOW}`,
);

const bitOf = (cell: string | null | undefined): 0 | 1 => (cell === '1' ? 1 : 0);

/** Bits up to `offset` that were not there are 0. @throws INVALID_PARAMETER, WRONG_TYPE */
export async function setbit(context: OperationContext, input: SetInput): Promise<OldResult> {
  const stored = storedKey(input.key);
  const parameters = [stored.key, stored.longKey, String(input.offset), String(input.value)];
  const { rows } = await keyspaceOf(context.database).run(context, [stored], SET, parameters);
  return { oldValue: bitOf(answered(rows, stored, 'bitmap')[0]) };
}

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function getbit(context: OperationContext, input: GetInput): Promise<BitResult> {
  const stored = storedKey(input.key);
  const parameters = [stored.key, String(input.offset)];
  const { rows } = await keyspaceOf(context.database).read(context, [stored], GET, parameters);
  const [row] = rows;
  if (row === undefined) return { exists: false, value: 0 };
  checkKind(input.key, row[0]);
  return { exists: true, value: bitOf(row[1]) };
}

/** Bits that are 1. @throws INVALID_PARAMETER, WRONG_TYPE */
export async function bitcount(context: OperationContext, input: CountInput): Promise<CountResult> {
  const stored = storedKey(input.key);
  const parameters = [stored.key, String(input.start ?? 0), String(input.end ?? -1)];
  const { rows } = await keyspaceOf(context.database).read(context, [stored], COUNT, parameters);
  const [row] = rows;
  if (row === undefined) return { exists: false, count: 0 };
  checkKind(input.key, row[0]);
  return { exists: true, count: Number(row[1]) };
}

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function bitpos(context: OperationContext, input: PosInput): Promise<PosResult> {
  const stored = storedKey(input.key);
  const parameters = [stored.key, String(input.start ?? 0), String(input.end ?? -1), String(input.value)];
  const { rows } = await keyspaceOf(context.database).read(context, [stored], POS, parameters);
  const [row] = rows;
  if (row === undefined) return { exists: false, position: null };
  checkKind(input.key, row[0]);
  const [, position = null, bits, low] = row;
  if (position !== null) return { exists: true, position: Number(position) };
  // Behind the last byte there are zeros, for whoever did not say where to stop.
  const behind = input.value === 0 && input.end === undefined && Number(low) < Number(bits);
  return { exists: true, position: behind ? Number(bits) : null };
}

function checkKind(key: string, kind: string | null | undefined): void {
  const found = kindName(kind);
  if (found !== 'bitmap') throw wrongType(key, found, 'bitmap');
}
