/** The binary form of bytea[], byte for byte: PostgreSQL's array_recv is the other side, which tests of blobs meet. */
import { expect, it } from 'vitest';
import { byteaArray } from './bytea-array.ts';

it('writes dimensions, type, bounds and each value with its length', () => {
  expect(byteaArray([Buffer.from('ab'), new Uint8Array([7]), new Uint8Array()]).toString('hex')).toBe(
    [
      '00000001',
      '00000000',
      '00000011',
      '00000003',
      '00000001',
      '000000026162',
      '0000000107',
      '00000000',
    ].join(''),
  );
});

it('writes an empty array without dimensions', () => {
  expect(byteaArray([]).toString('hex')).toBe('000000000000000000000011');
});
