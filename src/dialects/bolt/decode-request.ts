/**
 * Messages of a client -> requests with checked fields. Which request may come when is for the connection; here is what
 * a message must look like in the version that was agreed on.
 */
import { FacetError } from '../../base/index.ts';
import type { Value } from '../../cypher/index.ts';
import { REQUESTS } from './markers.ts';
import { PackReader } from './pack-reader.ts';
import type { PullRequest, Request, RouteRequest, RunRequest } from './request.ts';
import { authentication, Fields, hello, transactionExtra } from './request-fields.ts';
import { structureReader } from './structure-values.ts';
import { type BoltVersion, isAtLeast, type Wire } from './versions.ts';

interface Form {
  readonly name: string;
  readonly fields: number;
  /** The first version that has the message. */
  readonly since: BoltVersion;
  read(fields: Fields, wire: Wire): Request;
}

const BOLT_4_4: BoltVersion = { major: 4, minor: 4 };

const form = (
  name: string,
  fields: number,
  read: (fields: Fields, wire: Wire) => Request,
  since = BOLT_4_4,
): Form => ({ name, fields, since, read });

const FORMS: ReadonlyMap<number, Form> = new Map([
  [REQUESTS.hello, form('HELLO', 1, hello)],
  [
    REQUESTS.logon,
    form('LOGON', 1, (fields) => ({ kind: 'logon', authentication: authentication(fields.map(0)) }), {
      major: 5,
      minor: 1,
    }),
  ],
  [REQUESTS.logoff, form('LOGOFF', 0, () => ({ kind: 'logoff' }), { major: 5, minor: 1 })],
  [REQUESTS.goodbye, form('GOODBYE', 0, () => ({ kind: 'goodbye' }))],
  [REQUESTS.reset, form('RESET', 0, () => ({ kind: 'reset' }))],
  [REQUESTS.run, form('RUN', 3, run)],
  [REQUESTS.begin, form('BEGIN', 1, (fields) => ({ kind: 'begin', extra: transactionExtra(fields.map(0)) }))],
  [REQUESTS.commit, form('COMMIT', 0, () => ({ kind: 'commit' }))],
  [REQUESTS.rollback, form('ROLLBACK', 0, () => ({ kind: 'rollback' }))],
  [REQUESTS.pull, form('PULL', 1, (fields) => pull('pull', fields))],
  [REQUESTS.discard, form('DISCARD', 1, (fields) => pull('discard', fields))],
  [REQUESTS.route, form('ROUTE', 3, route)],
  [REQUESTS.telemetry, form('TELEMETRY', 1, telemetry, { major: 5, minor: 4 })],
]);

/**
 * Reads one message.
 * @throws INVALID_MESSAGE for bytes that are no message of this version: the connection cannot go on
 * @throws INVALID_PARAMETER for a value that cannot be a parameter: the request fails, the connection goes on
 */
export function decodeRequest(bytes: Buffer, wire: Wire): Request {
  const reader = new PackReader(bytes, structureReader(wire));
  const { tag, fields: count } = reader.structureHeader();
  const found = FORMS.get(tag);
  if (found === undefined || !isAtLeast(wire, found.since.major, found.since.minor)) {
    const hex = tag.toString(16).padStart(2, '0').toUpperCase();
    const name = found === undefined ? '' : ` (${found.name})`;
    throw broken(`There is no message 0x${hex}${name} in Bolt ${wire.major}.${wire.minor}`);
  }
  if (count !== found.fields) {
    throw broken(`${found.name} has ${found.fields} fields, not ${count}`);
  }
  const values: Value[] = [];
  for (let index = 0; index < count; index++) values.push(reader.value());
  if (reader.left > 0) throw broken(`${found.name} ends ${reader.left} bytes before the message does`);
  return found.read(new Fields(found.name, values), wire);
}

function run(fields: Fields): RunRequest {
  return {
    kind: 'run',
    query: fields.text(0),
    parameters: fields.map(1).values,
    extra: transactionExtra(fields.map(2)),
  };
}

function pull(kind: 'pull' | 'discard', fields: Fields): PullRequest {
  const extra = fields.map(0);
  const count = extra.integer('n') ?? -1;
  if (count !== -1 && count < 1) throw broken(`n of ${extra.name} is -1 or at least 1, not ${count}`);
  const queryId = extra.integer('qid') ?? -1;
  if (queryId < -1) throw broken(`qid of ${extra.name} is -1 or at least 0, not ${queryId}`);
  return { kind, count, queryId };
}

function route(fields: Fields): RouteRequest {
  const extra = fields.map(2);
  return {
    kind: 'route',
    routing: fields.map(0).values,
    bookmarks: fields.texts(1),
    database: extra.text('db'),
    impersonatedUser: extra.text('imp_user'),
  };
}

function telemetry(fields: Fields): Request {
  const api = fields.value(0);
  if (typeof api === 'bigint' && api >= 0n && api <= 3n) return { kind: 'telemetry', api: Number(api) };
  throw broken('TELEMETRY has a number from 0 to 3');
}

const broken = (message: string): FacetError => new FacetError('INVALID_MESSAGE', message);
