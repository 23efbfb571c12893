/** Fields of messages by their place and by their name, with words for what is wrong about them. */
import { FacetError } from '../../base/index.ts';
import type { MapValue, Value } from '../../cypher/index.ts';
import type { Authentication, HelloRequest, NotificationFilter, TransactionExtra } from './request.ts';
import { isAtLeast, type Wire } from './versions.ts';

/** The fields of one message, whose number was checked. */
export class Fields {
  readonly #message: string;
  readonly #values: readonly Value[];

  constructor(message: string, values: readonly Value[]) {
    this.#message = message;
    this.#values = values;
  }

  value(index: number): Value {
    return this.#values[index] ?? null;
  }

  text(index: number): string {
    const value = this.value(index);
    if (typeof value === 'string') return value;
    throw wrong(`field ${index + 1} of ${this.#message}`, 'a string');
  }

  /** Null is as no members. */
  map(index: number): Members {
    const value = this.value(index) ?? new Map<string, Value>();
    if (value instanceof Map) return new Members(this.#message, value);
    throw wrong(`field ${index + 1} of ${this.#message}`, 'a map');
  }

  texts(index: number): readonly string[] {
    return listOfTexts(this.value(index), `field ${index + 1} of ${this.#message}`) ?? [];
  }
}

/** The members of a map in a message. Null is as missing; members that nobody knows are left alone, as drivers expect. */
export class Members {
  /** Of the message. */
  readonly name: string;
  readonly values: MapValue;

  constructor(name: string, values: MapValue) {
    this.name = name;
    this.values = values;
  }

  text(key: string): string | undefined {
    const value = this.values.get(key) ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    throw wrong(`${key} of ${this.name}`, 'a string');
  }

  /** Numbers beyond those that are exact become the largest of these. */
  integer(key: string): number | undefined {
    const value = this.values.get(key) ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'bigint') throw wrong(`${key} of ${this.name}`, 'an integer');
    return Math.max(Math.min(Number(value), Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER);
  }

  map(key: string): MapValue | undefined {
    const value = this.values.get(key) ?? undefined;
    if (value === undefined || value instanceof Map) return value;
    throw wrong(`${key} of ${this.name}`, 'a map');
  }

  texts(key: string): readonly string[] | undefined {
    return listOfTexts(this.values.get(key) ?? null, `${key} of ${this.name}`);
  }
}

function listOfTexts(value: Value, place: string): readonly string[] | undefined {
  if (value === null) return undefined;
  if (!Array.isArray(value)) throw wrong(place, 'a list of strings');
  return (value as readonly Value[]).map((item) => {
    if (typeof item === 'string') return item;
    throw wrong(place, 'a list of strings');
  });
}

/** Without a scheme it is `none`: the client has nothing to say about who it is. */
export function authentication(members: Members): Authentication {
  return {
    scheme: members.text('scheme') ?? 'none',
    principal: members.text('principal'),
    credentials: members.text('credentials'),
    realm: members.text('realm'),
  };
}

export function hello(fields: Fields, wire: Wire): HelloRequest {
  const members = fields.map(0);
  return {
    kind: 'hello',
    userAgent: members.text('user_agent'),
    boltAgent: members.map('bolt_agent'),
    authentication: isAtLeast(wire, 5, 1) ? undefined : authentication(members),
    routing: members.map('routing'),
    patches: members.texts('patch_bolt') ?? [],
    notifications: notificationFilter(members),
  };
}

/** `notifications_disabled_categories` until 5.4, `notifications_disabled_classifications` from 5.5 on: the same names. */
function notificationFilter(members: Members): NotificationFilter | undefined {
  const minimumSeverity = members.text('notifications_minimum_severity');
  const disabled =
    members.texts('notifications_disabled_classifications') ??
    members.texts('notifications_disabled_categories');
  if (minimumSeverity === undefined && disabled === undefined) return undefined;
  return { minimumSeverity, disabled };
}

export function transactionExtra(members: Members): TransactionExtra {
  const mode = members.text('mode') ?? 'w';
  if (mode !== 'r' && mode !== 'w') throw wrong(`mode of ${members.name}`, "'r' or 'w'");
  const timeoutMs = members.integer('tx_timeout');
  if (timeoutMs !== undefined && timeoutMs < 0) throw wrong(`tx_timeout of ${members.name}`, 'at least 0');
  return {
    bookmarks: members.texts('bookmarks') ?? [],
    timeoutMs,
    metadata: members.map('tx_metadata'),
    mode,
    database: members.text('db'),
    impersonatedUser: members.text('imp_user'),
    notifications: notificationFilter(members),
  };
}

const wrong = (place: string, expected: string): FacetError =>
  new FacetError('INVALID_MESSAGE', `${place} is not ${expected}`);
