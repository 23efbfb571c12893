/** Slots of those who replicate: durable consumers of the feed by another name. */
import { FacetError } from '../../base/index.ts';
import { lsnText } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { followedOf } from './followed.ts';
import type { DropSlotInput, DropSlotResult, ListSlotsResult } from './schemas.ts';

const SLOTS = 'slot:';
export const slotConsumer = (slot: string): string => `${SLOTS}${slot}`;

/** As PostgreSQL names slots. @throws INVALID_PARAMETER */
export function checkedSlot(slot: string): string {
  if (/^[a-z0-9_]{1,63}$/.test(slot)) return slot;
  throw new FacetError(
    'INVALID_PARAMETER',
    "'slot': expected up to 63 lower-case letters, digits and underscores",
  );
}

export async function listSlots({ database }: OperationContext): Promise<ListSlotsResult> {
  const [consumers, now] = await Promise.all([database.changes.consumers(SLOTS), database.changes.now()]);
  const followed = followedOf(database);
  return {
    slots: consumers.map(({ name, position, available }) => ({
      name: name.slice(SLOTS.length),
      position: lsnText(position),
      available,
      lagBytes: Number(now > position ? now - position : 0n),
      inUse: followed.isOccupied(name),
    })),
  };
}

/** @throws SLOT_IN_USE */
export async function dropSlot(
  { database }: OperationContext,
  { slot }: DropSlotInput,
): Promise<DropSlotResult> {
  const consumer = slotConsumer(checkedSlot(slot));
  const release = followedOf(database).occupy(consumer, `Slot '${slot}'`);
  try {
    return { slot, dropped: await database.changes.forget(consumer) };
  } finally {
    release();
  }
}
