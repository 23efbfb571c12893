/** Chunks by their bytes: pieces of any size, signs of life, bounds. */
import { expect, it } from 'vitest';
import { FrameReader } from './frame-reader.ts';

const BYTES_MAX = 100;
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const read = (reader: FrameReader, hex: string): string[] =>
  reader.push(bytes(hex)).map((message) => message.toString('hex'));

it.each([
  ['a message in one chunk', '0002 B10F 0000', ['b10f']],
  ['a message in three', '0001 B1 0001 0F 0003 010203 0000', ['b10f010203']],
  ['several messages', '0001 AA 0000 0002 BBCC 0000', ['aa', 'bbcc']],
  ['signs of life before, between and behind', '0000 0001 AA 0000 0000 0000 0001 BB 0000 0000', ['aa', 'bb']],
  ['chunks of which the second is cut off', '0001 AA 0002 BB', []],
])('%s, in any pieces', (_name, hex, expected) => {
  expect(read(new FrameReader(BYTES_MAX), hex)).toEqual(expected);
  const all = bytes(hex);
  for (let size = 1; size < all.length; size++) {
    const reader = new FrameReader(BYTES_MAX);
    const found: string[] = [];
    for (let at = 0; at < all.length; at += size) {
      const piece = Buffer.from(all.subarray(at, at + size));
      found.push(...reader.push(piece).map((message) => message.toString('hex')));
      // A socket may use its memory again.
      piece.fill(0xee);
    }
    expect(found).toEqual(expected);
  }
});

it('tells whether a message is under way', () => {
  const reader = new FrameReader(BYTES_MAX);
  const states = ['0000', '00', '01', 'AA', '00', '00', '0001 AA 0000'].map((hex) => {
    read(reader, hex);
    return reader.isInMessage;
  });
  expect(states).toEqual([false, true, true, true, true, false, false]);
});

it('refuses a message beyond the bound before it is there', () => {
  const tooLarge = expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' });
  const exact = `0064 ${'AA'.repeat(100)}`;
  expect(read(new FrameReader(BYTES_MAX), `${exact} 0000`)).toEqual(['aa'.repeat(100)]);
  expect(() => read(new FrameReader(BYTES_MAX), '0065')).toThrow(tooLarge);
  expect(() => read(new FrameReader(BYTES_MAX), `${exact} 0001`)).toThrow(tooLarge);
  expect(() => read(new FrameReader(BYTES_MAX), 'FFFF')).toThrow(tooLarge);
});

it('takes a larger bound from the next message on', () => {
  const reader = new FrameReader(1);
  expect(read(reader, '0001 AA 0000')).toEqual(['aa']);
  reader.messageBytesMax = 2;
  expect(read(reader, '0002 AAAA 0000')).toEqual(['aaaa']);
});

it('needs no more memory for chunks of one byte than for one chunk', () => {
  const reader = new FrameReader(1 << 20);
  const piece = bytes('0001AA'.repeat(20_000));
  for (let round = 0; round < 50; round++) expect(reader.push(piece)).toEqual([]);
  const [message] = reader.push(bytes('0000'));
  expect(message?.length).toBe(1_000_000);
  expect(message?.every((byte) => byte === 0xaa)).toBe(true);
});
