/**
 * Cursors of paginated queries: everything about the next page in a text that is signed, so that nobody makes one up, and
 * bound to its query, its caller and a time. The key is this process's own: a cursor ends with it. Only cursors that were
 * closed before their time are kept here.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { FacetError, LIMITS, nowMs, randomHex } from '../../../base/index.ts';
import type { Session } from '../../../dispatch/index.ts';

/** Where a listing is. */
export interface Position {
  /** Of all cursors of one listing. */
  readonly id: string;
  readonly offset: number;
  readonly pageSize: number;
  /** Items of all pages, when that was asked for. */
  readonly total: number | undefined;
  /** Unix time in milliseconds. */
  readonly expiresAtMs: number;
}

interface Signed extends Position {
  /** Digests of query and caller. */
  readonly query: string;
  readonly caller: string;
}

/** Ours have some 300. */
const CURSOR_CHARACTERS_MAX = 1_024;
const ID_BYTES = 12;

export class Cursors {
  readonly #key = randomBytes(32);
  /** When each would have expired, in the order in which they were closed. */
  readonly #closed = new Map<string, number>();

  /** The first page of a new listing. */
  begin(pageSize: number, seconds: number): Position {
    return {
      id: randomHex(ID_BYTES),
      ...{ offset: 0, pageSize, total: undefined },
      expiresAtMs: nowMs() + seconds * 1_000,
    };
  }

  text(position: Position, query: string, session: Session): string {
    const signed: Signed = { ...position, query: digest(query), caller: callerOf(session) };
    const body = Buffer.from(JSON.stringify(signed)).toString('base64url');
    return `${body}.${this.#sign(body).toString('base64url')}`;
  }

  /** @throws INVALID_CURSOR */
  read(cursor: string, query: string, session: Session): Position {
    const found = this.#open(cursor, session);
    if (found === undefined) throw invalid('The cursor is not one that this server gave to this caller');
    if (found.query !== digest(query)) throw invalid('The cursor belongs to another query');
    if (found.expiresAtMs <= nowMs()) throw invalid('The cursor has expired');
    if (this.#closed.has(found.id)) throw invalid('The cursor was closed');
    return found;
  }

  /** Ends a listing. False when there is nothing to end. */
  close(cursor: string, session: Session): boolean {
    const found = this.#open(cursor, session);
    const now = nowMs();
    if (found === undefined || found.expiresAtMs <= now || this.#closed.has(found.id)) return false;
    for (const [id, expiresAtMs] of this.#closed) {
      if (expiresAtMs > now && this.#closed.size < LIMITS.neumannCursorsClosedMax) break;
      this.#closed.delete(id);
    }
    this.#closed.set(found.id, found.expiresAtMs);
    return true;
  }

  /** What a cursor says, when it is this caller's. */
  #open(cursor: string, session: Session): Signed | undefined {
    const [body = '', signature = '', ...more] = cursor.split('.');
    if (cursor.length > CURSOR_CHARACTERS_MAX || more.length > 0) return undefined;
    const given = Buffer.from(signature, 'base64url');
    const right = this.#sign(body);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    // Nobody else can have signed it.
    const found = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Signed;
    return found.caller === callerOf(session) ? found : undefined;
  }

  #sign(body: string): Buffer {
    return createHmac('sha256', this.#key).update(body).digest();
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

const callerOf = ({ principal, namespace }: Session): string =>
  digest(JSON.stringify([principal?.name ?? '', principal?.namespace ?? '', namespace ?? '']));

const invalid = (message: string): FacetError =>
  new FacetError('INVALID_CURSOR', message, { hint: 'Ask for the first page again.' });
