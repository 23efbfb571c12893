/** A stable sort of many things that lets everybody else have their turn in between. */
import type { Meter } from '../../values/meter.ts';
import { inSlices } from '../slices.ts';

/** Sorted at once: some milliseconds, unless the values are long. */
const RUN_LENGTH = 2_048;

/** @returns another array */
export async function sortInSlices<Item>(
  items: readonly Item[],
  meter: Meter,
  compare: (a: Item, b: Item) => number,
): Promise<readonly Item[]> {
  const runs: Item[][] = [];
  const count = Math.ceil(items.length / RUN_LENGTH);
  await inSlices(count, meter, (index) => {
    const run = items.slice(index * RUN_LENGTH, (index + 1) * RUN_LENGTH);
    runs.push(run.sort(compare));
  });
  let sorted: readonly (readonly Item[])[] = runs;
  while (sorted.length > 1) {
    const longer: (readonly Item[])[] = [];
    for (let at = 0; at < sorted.length; at += 2) {
      const [left, right] = [sorted[at] ?? [], sorted[at + 1] ?? []];
      longer.push(right.length === 0 ? left : await merged(left, right, meter, compare));
    }
    sorted = longer;
  }
  return sorted[0] ?? [];
}

/** Of equal ones, those of `left` come first. */
async function merged<Item>(
  left: readonly Item[],
  right: readonly Item[],
  meter: Meter,
  compare: (a: Item, b: Item) => number,
): Promise<readonly Item[]> {
  // What is in order already, or in the opposite one, need not be looked at.
  if (compare(left.at(-1) as Item, right[0] as Item) <= 0) return left.concat(right);
  if (compare(left[0] as Item, right.at(-1) as Item) > 0) return right.concat(left);
  const out: Item[] = [];
  let [fromLeft, fromRight] = [0, 0];
  const parts = Math.ceil((left.length + right.length) / RUN_LENGTH);
  await inSlices(parts, meter, () => {
    for (let taken = 0; taken < RUN_LENGTH; taken++) {
      if (fromLeft < left.length && fromRight < right.length) {
        const [a, b] = [left[fromLeft] as Item, right[fromRight] as Item];
        if (compare(a, b) <= 0) {
          out.push(a);
          fromLeft++;
        } else {
          out.push(b);
          fromRight++;
        }
      } else if (fromLeft < left.length) out.push(left[fromLeft++] as Item);
      else if (fromRight < right.length) out.push(right[fromRight++] as Item);
    }
  });
  return out;
}
