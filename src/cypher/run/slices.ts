/**
 * Work that goes over many rows, in slices of time: after each, everybody else has a turn, so that one query never
 * keeps the process from answering others, from cancelling it, or from stopping.
 */
import { isMuch, type Meter, STEPS_PER_ROW, worked } from '../values/meter.ts';

/** What stays, in bytes, of all that was made for a row. Asked only when that was much. */
export type Kept = (index: number) => number;

export const NOTHING_KEPT: Kept = () => 0;

/** Calls `work` for 0 up to but not including `count`. Undefined when one slice was enough. */
export function inSlices(
  count: number,
  meter: Meter,
  work: (index: number) => void,
  kept: Kept = NOTHING_KEPT,
): Promise<void> | undefined {
  const next = slice(0, count, meter, work, kept);
  return next < count ? moreSlices(next, count, meter, work, kept) : undefined;
}

async function moreSlices(
  from: number,
  count: number,
  meter: Meter,
  work: (index: number) => void,
  kept: Kept,
): Promise<void> {
  for (let next = from; next < count; ) {
    await meter.rest();
    next = slice(next, count, meter, work, kept);
  }
}

/** @returns where it stopped because the slice was over, or `count` */
function slice(from: number, count: number, meter: Meter, work: (index: number) => void, kept: Kept): number {
  return meter.during(() => {
    for (let index = from; index < count; index++) {
      if (meter.isTired) return index;
      const before = meter.made;
      meter.isNewRow = true;
      worked(STEPS_PER_ROW);
      work(index);
      if (isMuch(before)) meter.settle(before, kept(index));
    }
    return count;
  });
}
