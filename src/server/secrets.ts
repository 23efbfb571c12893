/**
 * Secrets at rest: what the configuration holds instead of a token or a password, and how one is checked.
 *
 *   sha256:<64 hex digits>                          a generated token of 256 bits: nothing to guess, so a fast hash
 *   scrypt:<N>:<r>:<p>:<salt, base64>:<hash, base64>   a password that a person chose: slow and salted
 *
 * The default cost (N 32,768, r 8, p 3: 32 MiB, some 0.2 s) is one of the settings of the OWASP Password Storage
 * Cheat Sheet. Bounds keep a mistyped cost from taking all memory.
 */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { FacetError } from '../base/index.ts';

export type SecretHash =
  | { readonly kind: 'sha256'; readonly digest: Buffer }
  | {
      readonly kind: 'scrypt';
      readonly cost: number;
      readonly blockSize: number;
      readonly parallelization: number;
      readonly salt: Buffer;
      readonly digest: Buffer;
    };

export type ScryptHash = Extract<SecretHash, { kind: 'scrypt' }>;

/** The costs that the comment at the top speaks of. */
const SCRYPT_COST = 32_768;
const SCRYPT_BLOCK_SIZE = 8;
const SCRYPT_PARALLELIZATION = 3;
const SCRYPT_DIGEST_BYTES = 32;
const SCRYPT_SALT_BYTES = 16;
/** Eight times what the default cost needs. */
const SCRYPT_MEMORY_BYTES_MAX = 2 ** 28;
/** Below it the hash is no slower than a plain one. */
const SCRYPT_COST_MIN = 2 ** 10;

export const sha256 = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest();

/** A new token, and the hash of it for the configuration. */
export function newToken(): { readonly token: string; readonly hash: string } {
  const token = `facet_${randomBytes(32).toString('base64url')}`;
  return { token, hash: `sha256:${sha256(token).toString('hex')}` };
}

/** The salted hash of a password, for the configuration. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SCRYPT_SALT_BYTES);
  const settings = {
    kind: 'scrypt',
    cost: SCRYPT_COST,
    blockSize: SCRYPT_BLOCK_SIZE,
    parallelization: SCRYPT_PARALLELIZATION,
    salt,
    digest: Buffer.alloc(SCRYPT_DIGEST_BYTES),
  } as const;
  const digest = await derive(password, settings);
  const numbers = [SCRYPT_COST, SCRYPT_BLOCK_SIZE, SCRYPT_PARALLELIZATION].join(':');
  return `scrypt:${numbers}:${salt.toString('base64')}:${digest.toString('base64')}`;
}

/**
 * Reads a hash of the configuration.
 * @throws CONFIG_INVALID naming `place`; the text itself is not repeated, in case it is a bare secret
 */
export function parseSecretHash(text: string, place: string): SecretHash {
  const plain = /^sha256:([0-9a-f]{64})$/i.exec(text);
  if (plain) return { kind: 'sha256', digest: Buffer.from(plain[1] ?? '', 'hex') };

  const slow = /^scrypt:(\d{1,9}):(\d{1,3}):(\d{1,3}):([A-Za-z0-9+/]+={0,2}):([A-Za-z0-9+/]+={0,2})$/.exec(
    text,
  );
  if (!slow) {
    throw new FacetError('CONFIG_INVALID', `${place} is not a hash of a secret`, {
      hint: 'It must begin with sha256: or scrypt:. The command `facet credential` makes one.',
    });
  }
  const [cost, blockSize, parallelization] = [Number(slow[1]), Number(slow[2]), Number(slow[3])];
  const hash: ScryptHash = {
    kind: 'scrypt',
    cost,
    blockSize,
    parallelization,
    salt: Buffer.from(slow[4] ?? '', 'base64'),
    digest: Buffer.from(slow[5] ?? '', 'base64'),
  };
  const powerOfTwo = cost >= SCRYPT_COST_MIN && (cost & (cost - 1)) === 0;
  const affordable = 128 * cost * blockSize <= SCRYPT_MEMORY_BYTES_MAX && blockSize >= 1;
  const repeated = parallelization >= 1 && parallelization <= 16;
  if (!powerOfTwo || !affordable || !repeated || hash.digest.length < 16 || hash.salt.length < 8) {
    throw new FacetError('CONFIG_INVALID', `${place} has scrypt settings out of bounds`, {
      hint: 'N is a power of two from 1024, 128*N*r at most 256 MiB, p from 1 to 16, salt from 8 bytes, hash from 16.',
    });
  }
  return hash;
}

/** Runs scrypt on libuv's threads, so that the event loop goes on. */
export async function verifyPassword(password: string, hash: ScryptHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, hash), hash.digest);
}

function derive(password: string, hash: ScryptHash): Promise<Buffer> {
  const options = {
    N: hash.cost,
    r: hash.blockSize,
    p: hash.parallelization,
    maxmem: 2 * SCRYPT_MEMORY_BYTES_MAX,
  };
  return new Promise((resolve, reject) => {
    scrypt(password, hash.salt, hash.digest.length, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
