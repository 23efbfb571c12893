/**
 * What an HTTP request says about who sends it. One source counts, the first of: Authorization (Bearer or Basic),
 * X-API-Key, X-Hub-Access-Key (of those that a hub knows), the client certificate. Whether it is true is for the
 * authenticator in server/ to say.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Credentials } from '../../dispatch/index.ts';

const NONE: Credentials = { scheme: 'none' };

/** A certificate belongs to the connection, so it is looked at once. */
const certificates = new WeakMap<Socket, Credentials>();

export function credentialsOf(headers: IncomingHttpHeaders, socket: Socket): Credentials {
  const authorization = headers.authorization;
  if (authorization !== undefined) return ofAuthorization(authorization);
  const key = headers['x-api-key'] ?? headers['x-hub-access-key'];
  if (typeof key === 'string') return { scheme: 'api-key', secret: key };
  return socket instanceof TLSSocket ? ofCertificate(socket) : NONE;
}

/**
 * What the URL of a WebSocket says, for browsers can set no headers on one: `api_key`, or `token` in the words of the
 * ThunderDB API. It counts before the headers: whoever wrote the URL meant it, and a browser adds Basic credentials and
 * certificates by itself, also for pages of other sites.
 */
export function credentialsIn(query: URLSearchParams): Credentials | undefined {
  const secret = [...query.getAll('api_key'), ...query.getAll('token')].find((each) => each !== '');
  if (secret === undefined) return undefined;
  return { scheme: query.has('api_key') ? 'api-key' : 'bearer', secret };
}

/** RFC 9110 section 11.4: a scheme, in any case, then its value. */
export function ofAuthorization(header: string): Credentials {
  const space = header.indexOf(' ');
  const scheme = (space === -1 ? header : header.slice(0, space)).toLowerCase();
  const value = space === -1 ? '' : header.slice(space + 1).trim();
  if (scheme === 'bearer') {
    return value === '' ? unreadable('Bearer without a token') : { scheme: 'bearer', secret: value };
  }
  if (scheme === 'basic') return ofBasic(value);
  return unreadable('neither Bearer nor Basic');
}

/** RFC 7617: base64 of `name:secret`; the secret may have colons, the name may not. */
function ofBasic(value: string): Credentials {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return unreadable('Basic without base64');
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) return unreadable('Basic without a colon');
  return { scheme: 'basic', name: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function ofCertificate(socket: TLSSocket): Credentials {
  const known = certificates.get(socket);
  if (known !== undefined) return known;
  const found = subjectOf(socket);
  certificates.set(socket, found);
  return found;
}

/** `authorized` is true only if the chain leads to the configured authority. */
function subjectOf(socket: TLSSocket): Credentials {
  if (!socket.authorized) return NONE;
  const subject: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof subject === 'string' ? { scheme: 'mtls', subject } : NONE;
}

const unreadable = (reason: string): Credentials => ({ scheme: 'unreadable', reason });
