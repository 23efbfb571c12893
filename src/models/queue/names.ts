/** Names of queues, ids of messages, and what a message may weigh: checks that every operation shares. */
import { FacetError, LIMITS } from '../../base/index.ts';
import { ENGINE_ERRORS, type Parameter, type ResultSet, type Statement } from '../../engine/index.ts';
import type { Message } from './schemas.ts';

/** Runs one statement, by itself or in the caller's transaction. */
export type Run = (statement: Statement, parameters: readonly Parameter[]) => Promise<ResultSet>;

const LONE_SURROGATE = /\p{Surrogate}/u;
const SHOWN_CHARACTERS_MAX = 100;

/** Codes that all operations on queues can fail with. */
export const QUEUE_ERRORS = [
  ...ENGINE_ERRORS,
  'INVALID_PARAMETER',
  'LIMIT_EXCEEDED',
  'LOCK_TIMEOUT',
  'DEADLOCK_DETECTED',
  'SERIALIZATION_FAILURE',
  'READ_ONLY_TRANSACTION',
  'TRANSACTION_ABORTED',
  'QUEUE_NOT_FOUND',
] as const;

/** The name of a queue or a consumer. @throws INVALID_PARAMETER */
export function checkName(name: string, what: string, bytesMax: number): void {
  if (name.length === 0) throw new FacetError('INVALID_PARAMETER', `${what} is at least one byte long`);
  if (name.includes('\0')) throw new FacetError('INVALID_PARAMETER', `${what} cannot hold the character NUL`);
  if (LONE_SURROGATE.test(name)) {
    throw new FacetError('INVALID_PARAMETER', `${what} is text: it cannot hold half of a surrogate pair`);
  }
  if (name.length * 3 <= bytesMax || Buffer.byteLength(name) <= bytesMax) return;
  throw new FacetError('INVALID_PARAMETER', `${what} is longer than ${bytesMax} bytes`);
}

export const checkQueue = (name: string): void =>
  checkName(name, 'The name of a queue', LIMITS.queueNameBytesMax);

export const checkConsumer = (name: string | undefined): void => {
  if (name !== undefined) checkName(name, 'The name of a consumer', LIMITS.queueConsumerBytesMax);
};

/** A name in a message: long ones are cut. */
export const shown = (name: string): string =>
  name.length > SHOWN_CHARACTERS_MAX ? `${name.slice(0, SHOWN_CHARACTERS_MAX)}…` : name;

export const noQueue = (name: string): FacetError =>
  new FacetError('QUEUE_NOT_FOUND', `There is no queue '${shown(name)}'`);

/** `msg_` and at least 12 hexadecimal digits. */
export const messageIdOf = (id: Parameter | undefined): string =>
  `msg_${BigInt(id ?? 0)
    .toString(16)
    .padStart(12, '0')}`;

const MESSAGE_ID = /^msg_([0-9a-f]{12,15})(?:\.(\d{1,9}))?$/;

/** The id and, of a receipt, the delivery, as parameters. @throws MESSAGE_NOT_FOUND: no message ever had such an id */
export function parseMessageId(text: string): { readonly id: string; readonly delivery: Parameter } {
  const [, id, delivery] = MESSAGE_ID.exec(text) ?? [];
  if (id === undefined) {
    throw new FacetError('MESSAGE_NOT_FOUND', `'${shown(text)}' is not the id of a message`);
  }
  return { id: BigInt(`0x${id}`).toString(), delivery: delivery ?? null };
}

/** Bytes of its body and headers. @throws VALUE_TOO_LARGE, INVALID_PARAMETER */
export function checkMessage({ messageJson, payloadBase64, headersJson }: Message): number {
  if (messageJson?.includes('\0') === true) {
    throw new FacetError('INVALID_PARAMETER', 'The message is not JSON text: it has the character NUL');
  }
  const bodyBytes =
    messageJson === undefined ? ((payloadBase64 ?? '').length * 3) / 4 : Buffer.byteLength(messageJson);
  bound(bodyBytes, 'The message', LIMITS.queueMessageBytesMax, 'queueMessageBytesMax');
  if (headersJson === undefined) return bodyBytes;
  const headersBytes = Buffer.byteLength(headersJson);
  bound(headersBytes, 'The headers', LIMITS.queueHeadersBytesMax, 'queueHeadersBytesMax');
  if (!isObject(headersJson)) throw new FacetError('INVALID_PARAMETER', 'The headers are not a JSON object');
  return bodyBytes + headersBytes;
}

function bound(bytes: number, what: string, bytesMax: number, limit: string): void {
  if (bytes <= bytesMax) return;
  throw new FacetError('VALUE_TOO_LARGE', `${what} has ${bytes} bytes, more than ${bytesMax} (${limit})`);
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Bytes in PostgreSQL's text form, from base64. */
export const byteaOf = (base64: string | undefined): Parameter =>
  base64 === undefined ? null : `\\x${Buffer.from(base64, 'base64').toString('hex')}`;

/** Base64 of bytes in PostgreSQL's text form. */
export const base64Of = (cell: Parameter | undefined): string | null =>
  typeof cell === 'string' ? Buffer.from(cell.slice(2), 'hex').toString('base64') : null;
