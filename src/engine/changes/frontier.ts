/**
 * How far a reader or a consumer has come, to the single change. Everything before a frontier has been delivered, nothing
 * from it on. Pure.
 */
import type { ChangeItem, Lsn } from '../change-contract.ts';

export interface Frontier {
  /** All transactions whose commit record lies before it were delivered. */
  readonly lsn: Lsn;
  /** Of the transaction whose commit record lies there, the changes with a lower sequence were delivered, too. */
  readonly sequence: number;
}

/** Before everything that commits at or after `lsn`. */
export const frontierAt = (lsn: Lsn): Frontier => ({ lsn, sequence: 0 });

/** The place of an item among all: the end of a transaction comes after its last change. */
export const sequenceOf = (item: ChangeItem): number =>
  item.kind === 'commit' ? item.changes : item.sequence;

/** Right behind an item. */
export const frontierAfter = (item: ChangeItem): Frontier =>
  item.kind === 'commit'
    ? { lsn: item.transaction.endLsn, sequence: 0 }
    : { lsn: item.transaction.commitLsn, sequence: item.sequence + 1 };

export const isBefore = (a: Frontier, b: Frontier): boolean =>
  a.lsn < b.lsn || (a.lsn === b.lsn && a.sequence < b.sequence);

/** The item was delivered to who has come to `frontier`. */
export const isDelivered = (item: ChangeItem, frontier: Frontier): boolean => {
  const { commitLsn } = item.transaction;
  return commitLsn < frontier.lsn || (commitLsn === frontier.lsn && sequenceOf(item) < frontier.sequence);
};
