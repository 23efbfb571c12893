/**
 * The chain: the hash of an entry is SHA-256 of the hash before it and of its payload, so that the last hash stands for
 * everything before. What is in the payload is entry.ts.
 */
import { createHash } from 'node:crypto';

/** Where a journal ends, or a part of it. */
export interface JournalHead {
  /** Of the last entry; 0 before the first. */
  readonly sequence: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** Before the first entry of every journal. */
export const GENESIS: JournalHead = { sequence: 0, hash: new Uint8Array(32) };

/** An entry as it is stored and travels. */
export interface ChainedEntry {
  readonly sequence: number;
  readonly prevHash: Uint8Array;
  readonly hash: Uint8Array;
  /** The message JournalEntry. */
  readonly payload: Uint8Array;
}

export const chainHash = (prevHash: Uint8Array, payload: Uint8Array): Uint8Array =>
  createHash('sha256').update(prevHash).update(payload).digest();

/** The entry behind `head` that has `payload`. */
export function chained(head: JournalHead, payload: Uint8Array): ChainedEntry {
  return {
    sequence: head.sequence + 1,
    prevHash: head.hash,
    hash: chainHash(head.hash, payload),
    payload,
  };
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
