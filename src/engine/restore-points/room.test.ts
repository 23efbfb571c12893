/** Room for a copy: what it takes and what is to stay free, to the byte. */
import { expect, it } from 'vitest';
import { FacetError, LIMITS } from '../../base/index.ts';
import { assertRoom } from './room.ts';

it('wants the bytes of the copy, and some that stay free', () => {
  const copyBytes = 1_000_000;
  const wanted = copyBytes + LIMITS.restorePointSpareBytes;
  assertRoom(wanted, copyBytes);
  let fault: unknown;
  try {
    assertRoom(wanted - 1, copyBytes);
  } catch (thrown) {
    fault = thrown;
  }
  expect(fault).toBeInstanceOf(FacetError);
  expect(fault).toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
    message: expect.stringContaining(`has ${wanted - 1} bytes free, and a copy takes ${copyBytes},`),
  });
});
