/**
 * Encryption of values (AES-256-GCM, NIST SP 800-38D) and the seals of rows (HMAC-SHA-256). Namespace, name, owner,
 * grants and version are associated data of the ciphertext: neither a ciphertext nor a grant can be moved to another row.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { FacetError } from '../../base/index.ts';
import type { NamespaceKey } from './keys.ts';

const ALGORITHM = 'aes-256-gcm';
/** Random nonces of 96 bits are good for some 2^32 values of one key and namespace. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What stands in the clear beside a ciphertext and decides who may read it. */
export interface SecretFacts {
  readonly namespace: string;
  readonly name: string;
  readonly owner: string;
  /** Sorted, each once. */
  readonly grants: readonly string[];
  /** Decimal digits. */
  readonly version: string;
}

export interface Sealed {
  readonly keyId: string;
  readonly nonce: Buffer;
  /** With the tag at its end. */
  readonly ciphertext: Buffer;
  readonly seal: Buffer;
}

/** JSON, so that no two sets of facts have one text. */
const bytesOf = (purpose: string, parts: readonly unknown[]): Buffer =>
  Buffer.from(JSON.stringify([purpose, ...parts]), 'utf8');

const factsBytes = (purpose: string, facts: SecretFacts): Buffer =>
  bytesOf(purpose, [facts.namespace, facts.name, facts.owner, facts.grants, facts.version]);

const hmac = (key: NamespaceKey, bytes: Buffer): Buffer =>
  createHmac('sha256', key.seal).update(bytes).digest();

export function sealValue(key: NamespaceKey, facts: SecretFacts, value: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.value, nonce);
  cipher.setAAD(factsBytes('value', facts));
  const ciphertext = Buffer.concat([cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { keyId: key.id, nonce, ciphertext, seal: hmac(key, factsBytes('facts', facts)) };
}

/** @throws SECRET_TAMPERED when any of it is not what was sealed together */
export function openValue(key: NamespaceKey, facts: SecretFacts, sealed: Sealed): string {
  const { nonce, ciphertext } = sealed;
  if (nonce.length !== NONCE_BYTES || ciphertext.length < TAG_BYTES) throw tampered(facts.name);
  const decipher = createDecipheriv(ALGORITHM, key.value, nonce);
  decipher.setAAD(factsBytes('value', facts));
  decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final()]).toString(
      'utf8',
    );
  } catch {
    throw tampered(facts.name);
  }
}

/** True when owner, grants and version are those that the vault wrote. The ciphertext is not looked at. */
export const isIntact = (key: NamespaceKey, facts: SecretFacts, seal: Buffer): boolean =>
  same(seal, hmac(key, factsBytes('facts', facts)));

export const tampered = (name: string): FacetError =>
  new FacetError(
    'SECRET_TAMPERED',
    `The stored row of secret '${name}' is not the one that the vault wrote`,
    {
      hint: 'Something wrote to the tables of the vault by SQL. An admin can delete the secret and set it again.',
    },
  );

/** The fields of a row of the audit, in the order in which they are sealed. */
export type AuditFields = readonly (string | null)[];

export const sealAudit = (key: NamespaceKey, namespace: string, fields: AuditFields): Buffer =>
  hmac(key, bytesOf('audit', [namespace, ...fields]));

export const isGenuine = (key: NamespaceKey, namespace: string, fields: AuditFields, seal: Buffer): boolean =>
  same(seal, sealAudit(key, namespace, fields));

const same = (given: Buffer, wanted: Buffer): boolean =>
  given.length === wanted.length && timingSafeEqual(given, wanted);
