/**
 * The keys of the vault: what the server was given, and what is derived from it for one namespace. The first key writes;
 * the others only read what was written before the key was changed.
 */
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { FacetError } from '../../base/index.ts';
import type { OperationContext, VaultKey } from '../operation.ts';

export const VAULT_KEY_BYTES = 32;

/** For one namespace, derived from one key of the server. */
export interface NamespaceKey {
  readonly id: string;
  /** AES-256-GCM. */
  readonly value: KeyObject;
  /** HMAC-SHA-256 over what decides who may read, and over the rows of the audit. */
  readonly seal: KeyObject;
}

/** A key from its 32 bytes. Its id says nothing about them. */
export function vaultKey(bytes: Uint8Array): VaultKey {
  const key = createSecretKey(bytes);
  return { id: createHmac('sha256', key).update('facet vault key id').digest('hex').slice(0, 16), key };
}

/** Keys by id; a map keeps the order in which they were given. */
export type KeyRing = ReadonlyMap<string, VaultKey>;

/** @throws VAULT_NOT_CONFIGURED */
export function ringOf({ server }: OperationContext): KeyRing {
  const keys = server.vaultKeys ?? [];
  if (keys.length === 0) {
    throw new FacetError('VAULT_NOT_CONFIGURED', 'The vault has no key', {
      hint: 'Write 32 random bytes as hexadecimal digits into a file that only the server can read (openssl rand -hex 32), and name it with vault-key-file.',
    });
  }
  return new Map(keys.map((key) => [key.id, key]));
}

/** The key that writes. */
export function writingKey(ring: KeyRing, namespace: string): NamespaceKey {
  const [first] = ring.values();
  if (first === undefined) throw new FacetError('VAULT_NOT_CONFIGURED', 'The vault has no key');
  return derived(first, namespace);
}

/** @throws VAULT_KEY_MISSING */
export function readingKey(ring: KeyRing, id: string, namespace: string): NamespaceKey {
  const key = ring.get(id);
  if (key !== undefined) return derived(key, namespace);
  throw new FacetError(
    'VAULT_KEY_MISSING',
    `The value was encrypted with key ${id}, which the server does not have`,
    {
      hint: 'Add the earlier key as a further line of the file that vault-key-file names.',
    },
  );
}

/** RFC 5869. Namespaces and purposes have keys of their own, so that nothing sealed for one fits another. */
function derived({ id, key }: VaultKey, namespace: string): NamespaceKey {
  const derive = (purpose: string): KeyObject =>
    createSecretKey(
      new Uint8Array(hkdfSync('sha256', key, '', `facet vault ${purpose} ${namespace}`, VAULT_KEY_BYTES)),
    );
  return { id, value: derive('value'), seal: derive('seal') };
}
