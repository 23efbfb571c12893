/** The form of dumps. */
import { describe, expect, it } from 'vitest';
import { asFacetError } from '../../../base/index.ts';
import { type Frame, FrameWriter, isDump, readFrames } from './frames.ts';

const written = (): Buffer => {
  const frames = new FrameWriter();
  return Buffer.concat([
    frames.begin(),
    frames.frame('M', Buffer.from([8, 1])),
    frames.frame('N', '[[1,["Person"],{"name":"Ann"}]]'),
    frames.frame('S', '[]'),
    frames.end(),
  ]);
};

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size = 7): Promise<Frame[]> {
  const found: Frame[] = [];
  for await (const frame of readFrames(inPieces(bytes, size))) found.push(frame);
  return found;
}

const codeOf = async (bytes: Uint8Array): Promise<string> => {
  try {
    await read(bytes);
    return 'none';
  } catch (error) {
    return asFacetError(error).code;
  }
};

describe('frames', () => {
  it('come out as they went in, in pieces of any size', async () => {
    for (const size of [1, 2, 5, 1_000]) {
      const frames = await read(written(), size);
      expect(frames.map(({ kind, body }) => [kind, body.toString()])).toEqual([
        ['M', '\b\u0001'],
        ['N', '[[1,["Person"],{"name":"Ann"}]]'],
        ['S', '[]'],
      ]);
    }
  });

  it('each flipped bit is found', async () => {
    const bytes = written();
    for (let at = 0; at < bytes.length; at++) {
      for (const change of [1, 0x40]) {
        const copy = Buffer.from(bytes);
        copy[at] = (copy[at] ?? 0) ^ change;
        expect(await codeOf(copy), `byte ${at}`).toBe('FILE_DAMAGED');
      }
    }
  });

  it('an end that is missing is found, and what comes behind it', async () => {
    const bytes = written();
    for (let length = 0; length < bytes.length; length++) {
      expect(await codeOf(bytes.subarray(0, length)), `${length} bytes`).toBe('FILE_DAMAGED');
    }
    expect(await codeOf(Buffer.concat([bytes, Buffer.from('x')]))).toBe('FILE_DAMAGED');
  });

  it('without its first part it is none', async () => {
    const frames = new FrameWriter();
    expect(await codeOf(Buffer.concat([frames.begin(), frames.frame('S', '[]'), frames.end()]))).toBe(
      'FILE_DAMAGED',
    );
  });
});

it('a dump is told by its beginning', () => {
  expect(isDump(written())).toBe(true);
  expect(isDump(Buffer.from('facet'))).toBe(false);
  expect(isDump(Buffer.from('{"nodes": []} and so on'))).toBe(false);
});
