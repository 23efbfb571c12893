/** One secret: its row, its names, and who may do what with it. */
import { FacetError, LIMITS, type Principal } from '../../base/index.ts';
import { arrayLiteral, type Cell, type Parameter } from '../../engine/index.ts';
import { byteaOf, bytesOf, namesOf } from './cells.ts';
import { type KeyRing, readingKey } from './keys.ts';
import { isIntact, openValue, type Sealed, type SecretFacts, tampered } from './sealing.ts';

/** A row as it stands there: nothing of it is believed before it was opened or its seal was checked. */
export interface StoredSecret extends Sealed {
  readonly facts: SecretFacts;
  /** RFC 3339. */
  readonly changedAt: string;
}

/** From the columns that READ_SECRET names. */
export function secretFrom(row: readonly Cell[], namespace: string): StoredSecret {
  const [name, owner, grants, version, keyId, nonce, ciphertext, seal, changedAt] = row;
  return {
    facts: {
      namespace,
      name: name ?? '',
      owner: owner ?? '',
      grants: namesOf(grants),
      version: version ?? '',
    },
    keyId: keyId ?? '',
    nonce: bytesOf(nonce),
    ciphertext: bytesOf(ciphertext),
    seal: bytesOf(seal),
    changedAt: changedAt ?? '',
  };
}

/** As INSERT_SECRET takes them. */
export const parametersOf = (facts: SecretFacts, sealed: Sealed): readonly Parameter[] => [
  facts.name,
  facts.owner,
  arrayLiteral(facts.grants),
  facts.version,
  sealed.keyId,
  byteaOf(sealed.nonce),
  byteaOf(sealed.ciphertext),
  byteaOf(sealed.seal),
];

/** The value in the clear. @throws SECRET_TAMPERED, VAULT_KEY_MISSING */
export function opened(stored: StoredSecret, ring: KeyRing): string {
  const key = readingKey(ring, stored.keyId, stored.facts.namespace);
  if (!isIntact(key, stored.facts, stored.seal)) throw tampered(stored.facts.name);
  return openValue(key, stored.facts, stored);
}

export const isAdmin = (principal: Principal): boolean => principal.role === 'admin';

export const owns = (principal: Principal, { owner }: SecretFacts): boolean =>
  isAdmin(principal) || owner === principal.name;

export const mayRead = (principal: Principal, facts: SecretFacts): boolean =>
  owns(principal, facts) || facts.grants.includes(principal.name);

/** The same words whether the secret is missing or somebody else's. */
export const denied = (name: string): FacetError =>
  new FacetError(
    'VAULT_ACCESS_DENIED',
    `Access to secret '${name}' is denied, or there is none of that name`,
    {
      hint: 'Its owner or an admin can grant it.',
    },
  );

/** What the caller is told of a secret that is not there: only admins may know. */
export const missing = (principal: Principal, name: string): FacetError =>
  isAdmin(principal) ? new FacetError('SECRET_NOT_FOUND', `There is no secret '${name}'`) : denied(name);

const LONE_SURROGATE = /\p{Surrogate}/u;

/** @throws INVALID_PARAMETER */
export function checkText(text: string, what: string, bytesMax: number): void {
  if (text.includes('\0')) throw new FacetError('INVALID_PARAMETER', `${what} cannot hold the character NUL`);
  if (LONE_SURROGATE.test(text)) {
    throw new FacetError('INVALID_PARAMETER', `${what} is text: it cannot hold half of a surrogate pair`);
  }
  if (Buffer.byteLength(text) > bytesMax) {
    throw new FacetError('INVALID_PARAMETER', `${what} is longer than ${bytesMax} bytes`);
  }
}

export const checkName = (name: string): void =>
  checkText(name, 'The name of a secret', LIMITS.vaultNameBytesMax);

/** @throws VALUE_TOO_LARGE, INVALID_PARAMETER; neither repeats anything of the value */
export function checkValue(value: string): void {
  if (LONE_SURROGATE.test(value)) {
    throw new FacetError('INVALID_PARAMETER', 'The value is text: it cannot hold half of a surrogate pair');
  }
  const bytes = Buffer.byteLength(value);
  if (bytes <= LIMITS.vaultValueBytesMax) return;
  throw new FacetError(
    'VALUE_TOO_LARGE',
    `The value has ${bytes} bytes, more than ${LIMITS.vaultValueBytesMax} (vaultValueBytesMax)`,
  );
}
