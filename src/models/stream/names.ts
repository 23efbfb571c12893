/** Names of rooms, topics, groups and subscribers: what they may be, and how a partition's room is named. */
import { z } from 'zod';
import { FacetError, LIMITS } from '../../base/index.ts';

/** No control characters: they would hide in logs, and partitions of topics are named with one. */
const CONTROL = /\p{Cc}/u;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A name as an operation takes it; `checkName` says what is wrong with it. */
export const nameInput = z
  .string()
  .describe(`1 to ${LIMITS.streamNameBytesMax} bytes of UTF-8 without control characters`);

/** @throws INVALID_PARAMETER */
export function checkName(what: string, name: string, bytesMax: number = LIMITS.streamNameBytesMax): void {
  if (name.length === 0) throw new FacetError('INVALID_PARAMETER', `The name of a ${what} cannot be empty`);
  if (CONTROL.test(name)) {
    throw new FacetError('INVALID_PARAMETER', `The name of a ${what} cannot hold control characters`);
  }
  if (LONE_SURROGATE.test(name)) {
    throw new FacetError('INVALID_PARAMETER', `The name of a ${what} cannot hold half of a surrogate pair`);
  }
  // Three bytes are the most that one character of a string takes.
  if (name.length * 3 > bytesMax && Buffer.byteLength(name) > bytesMax) {
    throw new FacetError('INVALID_PARAMETER', `The name of a ${what} has more than ${bytesMax} bytes`);
  }
}

/** The room of a partition: no other room can have that name, and a topic that is made again has other rooms. */
export const partitionRoom = (topicId: string, partition: number): string =>
  `\u0001topic\u0001${topicId}\u0001${partition}`;
