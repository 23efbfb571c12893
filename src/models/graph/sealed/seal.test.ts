/** Sealed files: what goes in comes out, and nothing of what was changed does. */
import { createSecretKey, randomBytes } from 'node:crypto';
import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { asFacetError } from '../../../base/index.ts';
import { ByteReader, type Compression, isSealed, seal, type UnsealOptions, unseal } from './index.ts';

const KEY = createSecretKey(Buffer.alloc(32, 7));
const OTHER = createSecretKey(Buffer.alloc(32, 8));
const CHUNK = 65_536;
const HEADER = 64;

const hasZstd = 'createZstdCompress' in zlib;

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const piece of pieces) found.push(piece);
  return Buffer.concat(found);
}

const sealed = (
  bytes: Uint8Array,
  options: { compression?: Compression; key?: typeof KEY; content?: 'snapshot' | 'journal' } = {},
): Promise<Buffer> =>
  all(
    seal(inPieces(bytes, 10_000), {
      content: options.content ?? 'snapshot',
      compression: options.compression ?? 'none',
      key: options.key,
    }),
  );

const opened = async (file: Uint8Array, options: Partial<UnsealOptions> = {}): Promise<Buffer> => {
  const { pieces } = await unseal(inPieces(file, 7_001), { content: 'snapshot', keys: [KEY], ...options });
  return await all(pieces);
};

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'none';
  } catch (error) {
    return asFacetError(error).code;
  }
};

const withByte = (file: Buffer, at: number, change: number): Buffer => {
  const copy = Buffer.from(file);
  copy[at] = (copy[at] ?? 0) ^ change;
  return copy;
};

describe('round trips', () => {
  const sizes = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_003];
  for (const size of sizes) {
    it(`${size} bytes, plain and encrypted`, async () => {
      const bytes = randomBytes(size);
      expect((await opened(await sealed(bytes))).equals(bytes)).toBe(true);
      expect((await opened(await sealed(bytes, { key: KEY }))).equals(bytes)).toBe(true);
    });
  }

  it('gzip makes what repeats small, and gives it back', async () => {
    const bytes = Buffer.alloc(2_000_000, 'the same again ');
    const file = await sealed(bytes, { compression: 'gzip', key: KEY });
    expect(file.length).toBeLessThan(bytes.length / 50);
    expect((await opened(file)).equals(bytes)).toBe(true);
  });

  // Only newer versions of Node.js have it.
  it.runIf(hasZstd)('zstd does, too', async () => {
    const bytes = Buffer.alloc(2_000_000, 'the same again ');
    const file = await sealed(bytes, { compression: 'zstd' });
    expect(file.length).toBeLessThan(bytes.length / 50);
    expect((await opened(file)).equals(bytes)).toBe(true);
  });

  // Only older versions of Node.js have none.
  it.runIf(!hasZstd)(
    'without zstd in Node.js it is refused by name, for writing and for reading',
    async () => {
      expect(await codeOf(sealed(Buffer.from('x'), { compression: 'zstd' }))).toBe('FEATURE_NOT_SUPPORTED');
      const file = await sealed(Buffer.from('x'));
      file[10] = 2;
      const { createHash } = await import('node:crypto');
      createHash('sha256').update(file.subarray(0, 56)).digest().copy(file, 56, 0, 8);
      expect(await codeOf(opened(file))).toBe('FEATURE_NOT_SUPPORTED');
    },
  );

  it('the same content is never sealed to the same bytes twice', async () => {
    const one = await sealed(Buffer.from('the same'), { key: KEY });
    const two = await sealed(Buffer.from('the same'), { key: KEY });
    expect(one.subarray(HEADER).equals(two.subarray(HEADER))).toBe(false);
  });

  it('nothing of an encrypted content is in the file', async () => {
    expect((await sealed(Buffer.from('a secret text'), { key: KEY })).includes('secret')).toBe(false);
  });
});

describe('damage', () => {
  for (const [name, key] of [
    ['plain', undefined],
    ['encrypted', KEY],
  ] as const) {
    it(`${name}: each flipped bit of a small file is found`, async () => {
      const file = await sealed(Buffer.from('some content that matters'), key === undefined ? {} : { key });
      for (let at = 0; at < file.length; at++) {
        for (const change of [1, 0x80]) {
          expect(await codeOf(opened(withByte(file, at, change))), `byte ${at}`).toBe('FILE_DAMAGED');
        }
      }
    });

    it(`${name}: a file that was cut anywhere is found`, async () => {
      const file = await sealed(Buffer.from('some content'), key === undefined ? {} : { key });
      for (let length = 0; length < file.length; length++) {
        expect(await codeOf(opened(file.subarray(0, length))), `${length} bytes`).toBe('FILE_DAMAGED');
      }
    });

    it(`${name}: chunks that were moved, dropped, repeated, or are of another file are found`, async () => {
      const options = key === undefined ? {} : { key };
      const content = randomBytes(4 * CHUNK);
      const file = await sealed(content, options);
      const other = await sealed(content, options);
      const size = 4 + CHUNK + 16;
      const chunk = (from: Buffer, number: number): Buffer =>
        from.subarray(HEADER + number * size, HEADER + (number + 1) * size);
      const head = file.subarray(0, HEADER);
      const of = (...chunks: readonly Buffer[]): Buffer => Buffer.concat([head, ...chunks]);
      const [a, b, c, d] = [chunk(file, 0), chunk(file, 1), chunk(file, 2), chunk(file, 3)];
      expect((await opened(of(a, b, c, d))).equals(content)).toBe(true);
      expect(await codeOf(opened(of(b, a, c, d)))).toBe('FILE_DAMAGED');
      expect(await codeOf(opened(of(a, c, d)))).toBe('FILE_DAMAGED');
      expect(await codeOf(opened(of(a, a, b, c, d)))).toBe('FILE_DAMAGED');
      expect(await codeOf(opened(of(a, b, c)))).toBe('FILE_DAMAGED');
      expect(await codeOf(opened(of(d)))).toBe('FILE_DAMAGED');
      expect(await codeOf(opened(of(a, chunk(other, 1), c, d)))).toBe('FILE_DAMAGED');
      expect(await codeOf(opened(of(a, b, c, d, d)))).toBe('FILE_DAMAGED');
    });
  }

  it('the message names the chunk and where it begins', async () => {
    const file = await sealed(randomBytes(3 * CHUNK));
    const second = HEADER + 4 + CHUNK + 16;
    await expect(opened(withByte(file, second + 100, 4))).rejects.toThrow(
      `Chunk 2 of the file, which begins at byte ${second}, was changed`,
    );
  });

  it('what came before the damage was given out, and nothing behind it', async () => {
    const bytes = randomBytes(3 * CHUNK);
    const file = withByte(await sealed(bytes), HEADER + 2 * (4 + CHUNK + 16) + 9, 1);
    const { pieces } = await unseal(inPieces(file, 5_000), { content: 'snapshot', keys: [] });
    const given: Uint8Array[] = [];
    const reading = (async () => {
      for await (const piece of pieces) given.push(piece);
    })();
    await expect(reading).rejects.toThrow('Chunk 3');
    expect(Buffer.concat(given).equals(bytes.subarray(0, 2 * CHUNK))).toBe(true);
  });
});

describe('keys and kinds', () => {
  it('without its key a file is not read, nor with another one', async () => {
    const file = await sealed(Buffer.from('x'), { key: KEY });
    expect(await codeOf(opened(file, { keys: [] }))).toBe('FILE_KEY_MISSING');
    expect(await codeOf(opened(file, { keys: [OTHER] }))).toBe('FILE_KEY_MISSING');
    expect((await opened(file, { keys: [OTHER, KEY] })).toString()).toBe('x');
  });

  it('a journal is no snapshot', async () => {
    const file = await sealed(Buffer.from('x'), { content: 'journal' });
    expect(await codeOf(opened(file))).toBe('INVALID_PARAMETER');
    expect((await opened(file, { content: 'journal' })).toString()).toBe('x');
  });

  it('other files are told from sealed ones by their beginning', async () => {
    expect(isSealed(await sealed(Buffer.from('x')))).toBe(true);
    expect(isSealed(Buffer.from('FACETSF\r\n'))).toBe(false);
    expect(await codeOf(opened(Buffer.from('{"json": true}'.repeat(10))))).toBe('FILE_DAMAGED');
    expect(await codeOf(opened(Buffer.alloc(0)))).toBe('FILE_DAMAGED');
  });
});

describe('flow', () => {
  it('reads no further ahead than what is taken', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      while (true) {
        given++;
        yield Buffer.alloc(CHUNK);
      }
    }
    const file = seal(endless(), { content: 'snapshot', compression: 'none' });
    await file.next();
    for (let chunk = 0; chunk < 10; chunk++) await file.next();
    expect(given).toBeLessThan(15);
    await file.return(undefined);
  });

  it('leaving early closes the source', async () => {
    for (const compression of ['none', 'gzip'] as const) {
      let closed = false;
      async function* source(): AsyncGenerator<Uint8Array> {
        try {
          while (true) yield randomBytes(CHUNK);
        } finally {
          closed = true;
        }
      }
      const file = seal(source(), { content: 'snapshot', compression });
      await file.next();
      await file.next();
      await file.return(undefined);
      await expect.poll(() => closed).toBe(true);
    }
  });

  it('what the source throws comes through', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10);
      throw new Error('the disk is gone');
    }
    for (const compression of ['none', 'gzip'] as const) {
      await expect(all(seal(source(), { content: 'snapshot', compression }))).rejects.toThrow(
        'the disk is gone',
      );
    }
  });
});

it('portions of known size, whatever the pieces are', async () => {
  const bytes = randomBytes(10_000);
  const reader = new ByteReader(inPieces(bytes, 333));
  expect((await reader.take(5)).equals(bytes.subarray(0, 5))).toBe(true);
  expect((await reader.peek(1_000)).equals(bytes.subarray(5, 1_005))).toBe(true);
  expect(reader.offset).toBe(5);
  expect((await reader.take(2_000)).equals(bytes.subarray(5, 2_005))).toBe(true);
  expect((await all(reader.remaining())).equals(bytes.subarray(2_005))).toBe(true);
  expect((await reader.take(1)).length).toBe(0);
});
