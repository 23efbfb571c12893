/** Slots of those who replicate: durable consumers of the feed by another name. */
import { FacetError } from '../../base/index.ts';
import { lsnText } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { followedOf } from './followed.ts';
import { type Holding, hold } from './hold.ts';
import type { DropSlotInput, DropSlotResult, ListSlotsResult } from './schemas.ts';
import { HELD_CONSUMERS, HOLD_CONSUMER, LET_CONSUMERS_GO } from './statements.ts';

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

export const slotHolding = (slot: string): Holding => ({
  consumer: slotConsumer(slot),
  key: slotConsumer(slot),
  what: `Slot '${slot}'`,
  take: HOLD_CONSUMER,
  letGo: LET_CONSUMERS_GO,
});

export async function listSlots({ database, store }: OperationContext): Promise<ListSlotsResult> {
  const followed = followedOf(database);
  await followed.allLeft();
  const [consumers, now, held] = await Promise.all([
    database.changes.consumers(SLOTS),
    database.changes.now(),
    database.run(HELD_CONSUMERS, [], { reads: true }),
  ]);
  // Leases of another process are of one that is gone where there can be one only.
  const elsewhere = new Set(store.facts.embedded ? [] : held.rows.map(([name]) => name));
  return {
    slots: consumers.map(({ name, position, available }) => ({
      name: name.slice(SLOTS.length),
      position: lsnText(position),
      available,
      lagBytes: Number(now > position ? now - position : 0n),
      inUse: followed.isOccupied(name) || elsewhere.has(name),
    })),
  };
}

/** @throws SLOT_IN_USE */
export async function dropSlot(context: OperationContext, { slot }: DropSlotInput): Promise<DropSlotResult> {
  const { changes } = context.database;
  const consumer = slotConsumer(checkedSlot(slot));
  const known = (await changes.consumers(consumer)).some(({ name }) => name === consumer);
  if (!known) return { slot, dropped: false };
  const { release } = await hold(context, slotHolding(slot), () => undefined);
  try {
    return { slot, dropped: await changes.forget(consumer) };
  } finally {
    release();
  }
}
