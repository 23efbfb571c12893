/** The memory that vector indexes of this process take together. Over the bound no index is taken in, rather than all slowed down. */
import { FacetError } from '../../base/index.ts';

const HELD = new Map<object, number>();

export const heldBytes = (): number => {
  let sum = 0;
  for (const bytes of HELD.values()) sum += bytes;
  return sum;
};

/** `owner` holds `bytes` from now on, and all together at most `bytesMax`. @throws LIMIT_EXCEEDED */
export function holdBytes(owner: object, bytes: number, bytesMax: number): void {
  const others = heldBytes() - (HELD.get(owner) ?? 0);
  if (others + bytes > bytesMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `Vector indexes would take ${others + bytes} bytes of memory, of ${bytesMax} (vector-memory)`,
      { hint: 'Searches without an index look at every row; drop an index that is not needed.' },
    );
  }
  HELD.set(owner, bytes);
}

export function releaseBytes(owner: object): void {
  HELD.delete(owner);
}
