/** `postgres://user:password@host1:5432,host2/database?sslmode=require&ns=name`, as libpq writes it. */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { FacetError } from '../base/index.ts';
import { checkNamespace, DEFAULT_NAMESPACE, type StoreUri, type TlsChoice } from './store-location.ts';

const KNOWN = new Set([
  'ns',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'host',
  'port',
  'user',
  'password',
]);

/** WHATWG URLs cannot hold several hosts, so the parts are taken apart here. Errors never repeat the URI: it may hold a password. */
export function parsePostgresUri(uri: string): StoreUri {
  const match = /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/i.exec(uri);
  if (match === null) throw new FacetError('STORE_INVALID', 'The postgres:// URI does not parse');
  const [, credentials = '', hostList = '', path = '', query = ''] = match;
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (!KNOWN.has(name)) throw new FacetError('STORE_INVALID', `The store URI has an unknown part: ${name}`);
    if (parameters.getAll(name).length > 1) {
      throw new FacetError('STORE_INVALID', `The store URI gives ${name} more than once`);
    }
  }
  const [userText = '', ...passwordParts] = credentials.split(':');
  const user = parameters.get('user') ?? (userText === '' ? systemUser() : decoded(userText));
  const password =
    parameters.get('password') ?? (passwordParts.length === 0 ? undefined : decoded(passwordParts.join(':')));
  const hosts = (parameters.get('host') ?? hostList)
    .split(',')
    .map((entry) => hostAndPort(entry, parameters.get('port')));
  const database = path === '' ? user : decoded(path);
  const namespace = parameters.get('ns');
  return {
    kind: 'postgres',
    target: { hosts, user, password, tls: tlsChoice(parameters, hosts[0]?.host ?? '') },
    database,
    namespace: namespace === null ? DEFAULT_NAMESPACE : checkNamespace(namespace),
    masked: masked(uri),
  };
}

function hostAndPort(entry: string, commonPort: string | null): { host: string; port: number } {
  const [, bracketed, plain = '', portText] = /^(?:\[([^\]]*)\]|([^:@]*))(?::(\d+))?$/.exec(entry) ?? [];
  const port = Number(portText ?? commonPort ?? '5432');
  if (
    (bracketed === undefined && plain === '' && entry !== '' && portText === undefined) ||
    !(port >= 1 && port <= 65_535)
  ) {
    // The text is not repeated: an @ in a password makes the rest of the password look like a host.
    throw new FacetError('STORE_INVALID', 'The store URI has a host or port that does not parse', {
      hint: 'An @ or : in a user or password is written %40 or %3A.',
    });
  }
  const host = bracketed ?? decoded(plain);
  return { host: host === '' ? 'localhost' : host, port };
}

function tlsChoice(parameters: URLSearchParams, firstHost: string): TlsChoice {
  const mode = parameters.get('sslmode') ?? (firstHost.startsWith('/') ? 'disable' : 'prefer');
  const files = {
    ...fileOption(parameters, 'sslrootcert', 'ca'),
    ...fileOption(parameters, 'sslcert', 'cert'),
    ...fileOption(parameters, 'sslkey', 'key'),
  };
  switch (mode) {
    case 'disable':
      return { first: false };
    case 'allow':
    case 'prefer':
      return { first: { ...files, rejectUnauthorized: false }, fallback: false };
    case 'require':
    case 'no-verify':
      // As libpq has it: `require` encrypts and checks nothing, unless a root certificate is given.
      return parameters.has('sslrootcert') && mode === 'require'
        ? { first: { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined } }
        : { first: { ...files, rejectUnauthorized: false } };
    case 'verify-ca':
      return { first: { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined } };
    case 'verify-full':
      return { first: { ...files, rejectUnauthorized: true } };
    default:
      throw new FacetError('STORE_INVALID', `The sslmode ${mode} is not known`, {
        hint: 'One of disable, allow, prefer, require, verify-ca, verify-full.',
      });
  }
}

function fileOption(
  parameters: URLSearchParams,
  option: string,
  key: 'ca' | 'cert' | 'key',
): { [name: string]: string } {
  const path = parameters.get(option);
  if (path === null) return {};
  try {
    return { [key]: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new FacetError(
      'STORE_INVALID',
      `The file of ${option} cannot be read: ${(error as Error).message}`,
    );
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new FacetError('STORE_INVALID', 'The store URI has a broken % escape');
  }
}

const masked = (uri: string): string =>
  uri.replace(/^([a-z]+:\/\/[^:@/?]*):[^@/]*@/i, '$1:***@').replace(/([?&]password=)[^&]*/gi, '$1***');

/** libpq's default user. A process whose user id has no name gets PostgreSQL's customary one. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'postgres';
  }
}
