/**
 * Walking through keys in the order of their bytes. A cursor says behind which key to go on, so that what is written or
 * deleted meanwhile moves nothing: a key that is there all the time comes exactly once.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FacetError, LIMITS, monotonicMs } from '../../../base/index.ts';
import { type Cell, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { indexedPart, keyOf } from '../entry.ts';
import { keyspaceOf } from '../keyspace.ts';
import { parseGlob } from './glob.ts';
import type { KeysPattern, KeysResult, ScanInput, ScanResult } from './schemas.ts';

const SCAN = statement('kv.scan', 'SELECT * FROM kv.scan_page($1, $2, $3, $4::int)');

/** @throws INVALID_PARAMETER, INVALID_CURSOR */
export async function scan(context: OperationContext, input: ScanInput): Promise<ScanResult> {
  const after = input.cursor === undefined || input.cursor === null ? '' : placeOf(input.cursor);
  const page = await pageOf(context, input.prefix ?? '', after, input.count ?? LIMITS.kvScanKeysDefault);
  return { keys: page.keys, cursor: page.next === undefined ? null : cursorOf(page.next) };
}

/** @throws INVALID_PARAMETER, QUERY_TIMEOUT, QUERY_CANCELLED, LIMIT_EXCEEDED when more than LIMITS.kvItemsMax keys match */
export async function keys(context: OperationContext, input: KeysPattern): Promise<KeysResult> {
  const glob = parseGlob(input.pattern ?? '*');
  const found: string[] = [];
  const endMs = monotonicMs() + LIMITS.queryTimeoutMsDefault;
  let pauseAt = LIMITS.kvPatternStepsAtOnce;
  let after: string | undefined = '';
  while (after !== undefined) {
    const page: Page = await pageOf(context, glob.prefix, after, LIMITS.kvScanKeysMax);
    for (const key of page.keys) {
      if (glob.matches(key)) found.push(key);
      if (glob.steps < pauseAt) continue;
      pauseAt = glob.steps + LIMITS.kvPatternStepsAtOnce;
      await nextTurn();
      if (context.signal.aborted) throw new FacetError('QUERY_CANCELLED', 'The request was cancelled');
      if (monotonicMs() > endMs) throw new FacetError('QUERY_TIMEOUT', 'Matching the keys took too long');
    }
    if (found.length > LIMITS.kvItemsMax) {
      throw new FacetError('LIMIT_EXCEEDED', `More than ${LIMITS.kvItemsMax} keys match (kvItemsMax)`, {
        hint: 'kv.scan returns them page by page.',
      });
    }
    after = page.next;
  }
  return { keys: found };
}

interface Page {
  readonly keys: string[];
  /** Behind which key of the table the next page begins; undefined: there is none. */
  readonly next: string | undefined;
}

async function pageOf(
  context: OperationContext,
  prefix: string,
  after: string,
  count: number,
): Promise<Page> {
  if (prefix.includes('\0'))
    throw new FacetError('INVALID_PARAMETER', 'A prefix cannot hold the character NUL');
  const from = indexedPart(prefix);
  // One more than asked for tells whether there is another page.
  const page = [after, from, upperBound(from), String(count + 1)];
  const { rows } = await keyspaceOf(context.database).read(context, [], SCAN, page);
  const shown = rows.slice(0, count);
  const keys = shown.map(([key, longKey]) => keyOf(key, longKey));
  return {
    keys: from === prefix ? keys : keys.filter((key) => key.startsWith(prefix)),
    next: rows.length > count ? storedOf(shown.at(-1)) : undefined,
  };
}

const storedOf = (row: readonly Cell[] | undefined): string => row?.[0] ?? '';

/**
 * The first text behind all that begin with `prefix`, in the order of code points, which is that of UTF-8 bytes; null
 * when there is none.
 */
export function upperBound(prefix: string): string | null {
  const characters = Array.from(prefix);
  while (characters.length > 0) {
    const code = characters.pop()?.codePointAt(0) ?? 0;
    if (code < LAST_CODE_POINT) return characters.join('') + String.fromCodePoint(followerOf(code));
  }
  return null;
}

const LAST_CODE_POINT = 0x10ffff;
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;

const followerOf = (code: number): number => (code + 1 === FIRST_SURROGATE ? LAST_SURROGATE + 1 : code + 1);

const cursorOf = (after: string): string => Buffer.from(JSON.stringify({ after })).toString('base64url');

/** @throws INVALID_CURSOR */
function placeOf(cursor: string): string {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof place === 'object' && place !== null && 'after' in place) {
      if (typeof place.after === 'string' && !place.after.includes('\0')) return place.after;
    }
  } catch {
    // Not one of ours, see below.
  }
  throw new FacetError('INVALID_CURSOR', `The cursor '${cursor.slice(0, 40)}' is not one of this server`);
}
