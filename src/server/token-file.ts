/**
 * graphd's file of tokens, `{"tokens": [{"hash": "<64 hexadecimal digits>", "label": "ci"}]}`, as credentials. The hash is
 * the SHA-256 of the whole token. Beyond graphd's own form an entry may have a `role`, which is write without, and a
 * `namespace`. Where graphd takes an empty list for open access, this is an error: nobody empties a list to let everyone in.
 */
import { readFileSync } from 'node:fs';
import { didYouMean, FacetError, ROLES, type Role } from '../base/index.ts';
import type { Credential } from './credentials.ts';

const FIELDS = ['hash', 'label', 'role', 'namespace'];
/** As many as `credentials.ts` takes. */
const TOKENS_MAX = 10_000;
const HASH = /^[0-9a-f]{64}$/i;

/** @throws CONFIG_INVALID naming the file and the entry */
export function loadTokenFile(path: string): readonly Credential[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw wrong(path, reason === 'ENOENT' ? 'does not exist' : `cannot be read (${reason})`);
  }
  return parseTokenFile(text, path);
}

/** @throws CONFIG_INVALID */
export function parseTokenFile(text: string, path: string): readonly Credential[] {
  const tokens = tokensIn(text, path);
  if (tokens.length === 0) {
    throw wrong(
      path,
      'has no token',
      'Add one with facet token create, or leave token-file out for a server that everyone may use.',
    );
  }
  if (tokens.length > TOKENS_MAX) throw wrong(path, `has more than ${TOKENS_MAX} tokens`);
  return tokens.map((entry, index) => credentialOf(entry, `tokens[${index}]`, path));
}

/** The entries as they stand there. @throws CONFIG_INVALID */
export function tokensIn(text: string, path: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong(path, 'is not JSON');
  }
  const tokens = value !== null && typeof value === 'object' && 'tokens' in value ? value.tokens : undefined;
  if (!Array.isArray(tokens)) {
    throw wrong(path, 'has no list of tokens', 'Its form is {"tokens": [{"hash": "…", "label": "…"}]}.');
  }
  return tokens;
}

function credentialOf(entry: unknown, place: string, path: string): Credential {
  if (entry === null || typeof entry !== 'object') throw wrong(path, `has no object at ${place}`);
  const fields = entry as Readonly<Record<string, unknown>>;
  for (const field of Object.keys(fields)) {
    if (FIELDS.includes(field)) continue;
    throw wrong(path, `has the unknown field '${field}' in ${place}`, didYouMean(field, FIELDS));
  }
  const { hash, label = '', namespace } = fields;
  if (typeof hash !== 'string' || !HASH.test(hash)) {
    throw wrong(path, `needs the SHA-256 of a token in ${place}: 64 hexadecimal digits`);
  }
  if (typeof label !== 'string') throw wrong(path, `has a label in ${place} that is not text`);
  const role = ROLES.find((known): known is Role => known === (fields.role ?? 'write'));
  if (role === undefined) throw wrong(path, `needs a role in ${place}: ${ROLES.join(', ')}`);
  if (
    namespace !== undefined &&
    (typeof namespace !== 'string' || !/^[a-z][a-z0-9_]{0,47}$/.test(namespace))
  ) {
    throw wrong(path, `has a namespace in ${place} that cannot exist`);
  }
  return {
    principal: { name: nameOf(label, hash), role, namespace },
    secret: { kind: 'sha256', digest: Buffer.from(hash, 'hex') },
    mtlsSubject: undefined,
    expiresAtMs: undefined,
  };
}

/** Labels are free text and names are not. Without a label it is the beginning of the hash. */
function nameOf(label: string, hash: string): string {
  const name = label.replace(/[^A-Za-z0-9._@:-]+/g, '-').slice(0, 64);
  return name === '' || name === '-' ? `token-${hash.slice(0, 8).toLowerCase()}` : name;
}

const wrong = (path: string, complaint: string, hint?: string): FacetError =>
  new FacetError('CONFIG_INVALID', `token-file: ${path} ${complaint}`, { hint });
