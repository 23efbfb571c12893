/** UUIDs for callers that no hub has given one: always the same for one name. */
import { createHash } from 'node:crypto';

/** The namespace of our names: a random UUID, without hyphens. */
const NAMESPACE = Buffer.from('7c1fb6d2a9e04c55b3d8a1f04be2c936', 'hex');

/** A name-based UUID of version 5 (RFC 9562 section 5.5). */
export function userIdOf(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
