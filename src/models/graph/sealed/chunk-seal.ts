/**
 * How one chunk is protected. With a key: AES-256-GCM under a key that is derived from the file's header (HKDF, RFC
 * 5869), with the number of the chunk and whether it is the last one as nonce, as in the STREAM construction (Hoang,
 * Reyhanitabar, Rogaway, Vizár 2015): a chunk that was moved, dropped, or is from another file does not open, nor does a
 * file that was cut. Without a key the same is found out by a SHA-256, which proves nothing against who means harm.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import type { SealedHeader } from './header.ts';

export const CHECK_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;

export interface ChunkPlace {
  /** From 0. */
  readonly number: number;
  /** The four bytes before the chunk: its length, and whether it is the last one. */
  readonly word: Buffer;
  readonly isLast: boolean;
}

export interface ChunkSeal {
  seal(bytes: Uint8Array, place: ChunkPlace): { readonly body: Buffer; readonly check: Buffer };
  /** Undefined when the chunk is not as it was sealed. */
  open(body: Buffer, check: Buffer, place: ChunkPlace): Buffer | undefined;
}

/** Sixteen hexadecimal digits that tell keys apart and say nothing about them. */
export const keyNameOf = (key: KeyObject): string =>
  createHmac('sha256', key).update('facet sealed file key name').digest('hex').slice(0, 16);

/** @param key of 32 bytes; undefined for a file that is not encrypted */
export function chunkSeal(header: SealedHeader, key: KeyObject | undefined): ChunkSeal {
  return key === undefined ? plainSeal(header) : encryptedSeal(header, key);
}

function encryptedSeal(header: SealedHeader, key: KeyObject): ChunkSeal {
  const derived = hkdfSync('sha256', key, header.bytes.subarray(24, 56), header.bytes, KEY_BYTES);
  const fileKey = createSecretKey(new Uint8Array(derived));
  return {
    seal(bytes, place) {
      const cipher = createCipheriv(ALGORITHM, fileKey, nonceOf(place)).setAAD(place.word);
      const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
      return { body, check: cipher.getAuthTag() };
    },
    open(body, check, place) {
      const decipher = createDecipheriv(ALGORITHM, fileKey, nonceOf(place), { authTagLength: CHECK_BYTES });
      decipher.setAAD(place.word).setAuthTag(check);
      try {
        return Buffer.concat([decipher.update(body), decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}

function plainSeal(header: SealedHeader): ChunkSeal {
  const checkOf = (bytes: Uint8Array, place: ChunkPlace): Buffer =>
    createHash('sha256')
      .update(header.bytes)
      .update(nonceOf(place))
      .update(place.word)
      .update(bytes)
      .digest()
      .subarray(0, CHECK_BYTES);
  return {
    seal: (bytes, place) => ({ body: Buffer.from(bytes), check: checkOf(bytes, place) }),
    open: (body, check, place) => (checkOf(body, place).equals(check) ? body : undefined),
  };
}

function nonceOf({ number, isLast }: ChunkPlace): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeBigUInt64BE(BigInt(number), 3);
  nonce[NONCE_BYTES - 1] = isLast ? 1 : 0;
  return nonce;
}
