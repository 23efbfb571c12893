/** CRC-32C: values of the standard, and the one byte that was changed. */
import { describe, expect, it } from 'vitest';
import { changedByte, crc32c } from './crc32c.ts';

const bytes = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => ((at + seed) * 2_654_435_761) >>> 13);

describe('CRC-32C', () => {
  // RFC 3720, appendix B.4.
  it.each([
    ['zeros', new Uint8Array(32), 0x8a9136aa],
    ['ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['rising', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
    ['the digits', Buffer.from('123456789'), 0xe3069283],
  ])('of %s is what the standard says', (_, given, expected) => {
    expect(crc32c(given)).toBe(expected);
  });

  it('goes on from what came before, wherever it is cut', () => {
    const whole = bytes(100);
    for (let cut = 0; cut <= 100; cut++) {
      expect(crc32c(whole.subarray(cut), crc32c(whole.subarray(0, cut)))).toBe(crc32c(whole));
    }
  });

  it('tells which byte was changed, and to what', () => {
    const whole = bytes(300, 7);
    const right = crc32c(whole);
    for (let at = 0; at < whole.length; at++) {
      for (const difference of [1, 0x80, 0xff, (at % 255) + 1]) {
        const changed = Uint8Array.from(whole);
        changed[at] = (whole[at] ?? 0) ^ difference;
        expect(changedByte(crc32c(changed), right, whole.length)).toEqual({ at, difference });
      }
    }
  });

  it('tells nothing of what was not changed, or more than a byte', () => {
    const whole = bytes(50);
    expect(changedByte(crc32c(whole), crc32c(whole), 50)).toBeUndefined();
    const changed = Uint8Array.from(whole);
    changed[3] = ~(whole[3] ?? 0);
    changed[40] = ~(whole[40] ?? 0);
    expect(changedByte(crc32c(changed), crc32c(whole), 50)).toBeUndefined();
  });
});
