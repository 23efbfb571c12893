/** Messages of the sockets: what they have in common, and how they are read. Not what they ask for. */
import { FacetError, type Json, LIMITS } from '../../../base/index.ts';
import { decodeBody } from '../../http/index.ts';

/** A message whose `type` is known, without it. */
export interface Message {
  readonly type: string;
  readonly members: { readonly [name: string]: Json };
  /** Of the message on the wire. */
  readonly bytes: number;
}

/** @throws INVALID_MESSAGE for what is no JSON object with a `type` */
export function readMessage(bytes: Buffer): Message {
  const body = bodyOf(bytes);
  if (body === undefined || body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new FacetError('INVALID_MESSAGE', 'A message is a JSON object');
  }
  const { type, ...members } = body as { readonly [name: string]: Json };
  if (typeof type !== 'string') throw new FacetError('INVALID_MESSAGE', "A message has a 'type', a string");
  return { type, members, bytes: bytes.length };
}

/** The codes of bodies are not those of messages, but what is wrong with them is the same. */
function bodyOf(bytes: Buffer): Json | undefined {
  try {
    return decodeBody(bytes);
  } catch (thrown) {
    if (!(thrown instanceof FacetError) || thrown.kind !== 'invalid') throw thrown;
    throw new FacetError('INVALID_MESSAGE', thrown.message);
  }
}

/** The `id` of a message, as far as it can be told, for the frame that refuses it. */
export function idIn({ members }: Message): string | undefined {
  const { id } = members;
  return typeof id === 'string' && id.length <= LIMITS.socketIdCharactersMax ? id : undefined;
}

/** @throws MISSING_PARAMETER, INVALID_PARAMETER */
export function requiredId(message: Message): string {
  const id = requiredText(message, 'id');
  if (id.length > LIMITS.socketIdCharactersMax) {
    throw new FacetError(
      'INVALID_PARAMETER',
      `'id' has more than ${LIMITS.socketIdCharactersMax} characters (socketIdCharactersMax)`,
    );
  }
  return id;
}

/** @throws MISSING_PARAMETER, INVALID_PARAMETER */
export function requiredText(message: Message, name: string): string {
  const text = optionalText(message, name);
  if (text === undefined) throw new FacetError('MISSING_PARAMETER', `'${name}' is required`);
  if (text === '') throw new FacetError('INVALID_PARAMETER', `'${name}' is empty`);
  return text;
}

/** Null is as good as absent. @throws INVALID_PARAMETER */
export function optionalText({ members }: Message, name: string): string | undefined {
  const value = members[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new FacetError('INVALID_PARAMETER', `'${name}' must be a string`);
}

/** @throws INVALID_PARAMETER */
export function optionalFlag(
  members: { readonly [name: string]: Json | undefined },
  name: string,
): boolean | undefined {
  const value = members[name] ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw new FacetError('INVALID_PARAMETER', `'${name}' must be true or false`);
}

/** From 0. @throws INVALID_PARAMETER */
export function optionalInteger(
  members: { readonly [name: string]: Json | undefined },
  name: string,
): number | undefined {
  const value = members[name] ?? undefined;
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)) {
    return value;
  }
  throw new FacetError('INVALID_PARAMETER', `'${name}' must be a whole number from 0`);
}

/** @throws INVALID_PARAMETER naming a member that is none of `known` */
export function refuseOthers(
  members: { readonly [name: string]: Json | undefined },
  known: readonly string[],
): void {
  const other = Object.keys(members).find((name) => !known.includes(name));
  if (other === undefined) return;
  throw new FacetError('INVALID_PARAMETER', `Unknown field: '${other.slice(0, 100)}'`);
}
