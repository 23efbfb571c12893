/**
 * Commands on the text of a string. The text of a JSON string is its characters, of any other value its JSON text, so
 * that `append` to the number 4 of `2` gives `"42"`, which is still a counter. Offsets and lengths are bytes of UTF-8,
 * as in Redis; what would leave half a character behind is refused, and half a character that is read is U+FFFD.
 */
import { isUtf8 } from 'node:buffer';
import { FacetError, LIMITS } from '../../../base/index.ts';
import { statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { checkValue, kindName, type StoredKey, shown, storedKey, wrongType } from '../entry.ts';
import { keyspaceOf, type Run } from '../keyspace.ts';
import { get } from './get.ts';
import type {
  AppendInput,
  GetInput,
  GetrangeInput,
  GetsetInput,
  GetsetResult,
  LengthResult,
  SetrangeInput,
  TextResult,
} from './schemas.ts';
import { noteTtl, SET_NEW, set, setParameters } from './set.ts';

const HOLD = statement(
  'kv.hold_string',
  'SELECT kind, value FROM kv.entry WHERE key = $1 AND kv.live(expires_at) FOR UPDATE',
);
const REPLACE = statement(
  'kv.replace_string',
  'UPDATE kv.entry SET value = $2, version = version + 1 WHERE key = $1',
);

const textOf = (valueJson: string): string =>
  valueJson.trimStart().startsWith('"') ? String(JSON.parse(valueJson)) : valueJson;

/** Adds to the end; a key that is not there begins empty. @throws INVALID_PARAMETER, VALUE_TOO_LARGE, WRONG_TYPE */
export async function append(context: OperationContext, input: AppendInput): Promise<LengthResult> {
  return rewrite(context, input.key, (text) => Buffer.from(text + input.text));
}

/** Overwrites bytes from `offset` on. @throws as `append`; INVALID_PARAMETER when it would cut a character in two */
export async function setrange(context: OperationContext, input: SetrangeInput): Promise<LengthResult> {
  const given = Buffer.from(input.text);
  if (given.length === 0) return strlen(context, { key: input.key });
  const end = input.offset + given.length;
  if (end > LIMITS.kvValueBytesMax) {
    throw new FacetError(
      'VALUE_TOO_LARGE',
      `The text would have ${end} bytes, more than ${LIMITS.kvValueBytesMax} (kvValueBytesMax)`,
    );
  }
  return rewrite(context, input.key, (text) => {
    const before = Buffer.from(text);
    const bytes = Buffer.alloc(Math.max(before.length, end));
    before.copy(bytes);
    given.copy(bytes, input.offset);
    return bytes;
  });
}

/** The bytes from `start` to `end`, both inclusive. @throws INVALID_PARAMETER, WRONG_TYPE */
export async function getrange(context: OperationContext, input: GetrangeInput): Promise<TextResult> {
  const { valueJson } = await get(context, { key: input.key });
  if (valueJson === null) return { text: '' };
  const bytes = Buffer.from(textOf(valueJson));
  const from = input.start < 0 ? Math.max(0, bytes.length + input.start) : input.start;
  const to = input.end < 0 ? bytes.length + input.end : input.end;
  return { text: to < from ? '' : bytes.toString('utf8', from, to + 1) };
}

/** Bytes of the text, 0 for a key that is not there. @throws INVALID_PARAMETER, WRONG_TYPE */
export async function strlen(context: OperationContext, input: GetInput): Promise<LengthResult> {
  const { valueJson } = await get(context, input);
  return { length: valueJson === null ? 0 : Buffer.byteLength(textOf(valueJson)) };
}

/** Sets a string without time to live and returns the one from before. @throws as `set` */
export async function getset(context: OperationContext, input: GetsetInput): Promise<GetsetResult> {
  const { previousJson } = await set(context, { ...input, previous: true });
  return { previousJson };
}

/** Replaces the text of a key by what `next` makes of it; the time to live stays. */
async function rewrite(
  context: OperationContext,
  key: string,
  next: (text: string) => Buffer,
): Promise<LengthResult> {
  const stored = storedKey(key);
  const space = keyspaceOf(context.database);
  const length = await space.together(context, [stored], (run) => rewriteIn(run, stored, next));
  space.counts.sets++;
  noteTtl(space, context, undefined);
  return { length };
}

async function rewriteIn(run: Run, stored: StoredKey, next: (text: string) => Buffer): Promise<number> {
  const name = stored.longKey ?? stored.key;
  // Ends when the row is held, or made: another writer was faster only a few times in a row.
  while (true) {
    const { rows } = await run(HOLD, [stored.key]);
    const [kind, value = null] = rows[0] ?? [];
    const found = kindName(kind);
    if (found !== undefined && found !== 'string') throw wrongType(name, found, 'string');
    const bytes = next(value === null ? '' : textOf(value));
    const valueJson = jsonOf(name, bytes);
    if (found !== undefined) {
      await run(REPLACE, [stored.key, valueJson]);
      return bytes.length;
    }
    const made = await run(SET_NEW, setParameters([{ stored, valueJson, ttlMs: undefined }]));
    if (made.rows.length > 0) return bytes.length;
  }
}

/** @throws INVALID_PARAMETER when the bytes are no text, VALUE_TOO_LARGE */
function jsonOf(key: string, bytes: Buffer): string {
  if (!isUtf8(bytes)) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `The text of key '${shown(key)}' would be cut within a character`,
    );
  }
  const valueJson = JSON.stringify(bytes.toString());
  checkValue(valueJson);
  return valueJson;
}
