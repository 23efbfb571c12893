/** Messages from and to bytes, where the general way is good enough. */
import { type DescMessage, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { FacetError } from '../../base/index.ts';
import type { Reply } from './surface.ts';

/** @throws INVALID_PARAMETER for bytes that are no such message */
export function decoded(desc: DescMessage, bytes: Uint8Array): Message {
  try {
    return fromBinary(desc, bytes);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : 'the bytes do not decode';
    throw new FacetError('INVALID_PARAMETER', `The request is no ${desc.typeName}: ${why}`);
  }
}

export const encoded = (desc: DescMessage, reply: Reply): Uint8Array =>
  reply instanceof Uint8Array ? reply : toBinary(desc, reply);

/** For ways in that encode messages themselves. */
export const messageOf = (desc: DescMessage, reply: Reply): Message =>
  reply instanceof Uint8Array ? fromBinary(desc, reply) : reply;
