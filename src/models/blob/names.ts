/** Names, ids and labels of artifacts: what may be in them, and the errors that every operation shares. */
import { FacetError, LIMITS } from '../../base/index.ts';
import { ENGINE_ERRORS } from '../../engine/index.ts';
import type { Labels } from './schemas.ts';

const LONE_SURROGATE = /\p{Surrogate}/u;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SHOWN_CHARACTERS_MAX = 100;

export const READ_ERRORS = [
  ...ENGINE_ERRORS,
  'INVALID_PARAMETER',
  'ARTIFACT_NOT_FOUND',
  'TRANSACTION_ABORTED',
] as const;
export const WRITE_ERRORS = [
  ...READ_ERRORS,
  'LIMIT_EXCEEDED',
  'LOCK_TIMEOUT',
  'DEADLOCK_DETECTED',
  'SERIALIZATION_FAILURE',
  'READ_ONLY_TRANSACTION',
] as const;

/** @throws INVALID_PARAMETER */
export function checkText(text: string, what: string, bytesMax: number, bytesMin = 1): void {
  if (text.length < bytesMin) throw new FacetError('INVALID_PARAMETER', `${what} is at least one byte long`);
  if (text.includes('\0')) throw new FacetError('INVALID_PARAMETER', `${what} cannot hold the character NUL`);
  if (LONE_SURROGATE.test(text)) {
    throw new FacetError('INVALID_PARAMETER', `${what} is text: it cannot hold half of a surrogate pair`);
  }
  if (text.length * 3 <= bytesMax || Buffer.byteLength(text) <= bytesMax) return;
  throw new FacetError('INVALID_PARAMETER', `${what} is longer than ${bytesMax} bytes`);
}

export const checkTag = (tag: string): void => checkText(tag, 'A tag', LIMITS.blobTagBytesMax);
export const checkEntity = (entity: string): void =>
  checkText(entity, 'The key of an entity', LIMITS.blobLinkBytesMax);
export const checkCustomKey = (key: string): void =>
  checkText(key, 'The key of a custom entry', LIMITS.blobCustomKeyBytesMax);
export const checkCustomValue = (value: string): void =>
  checkText(value, 'The value of a custom entry', LIMITS.blobCustomValueBytesMax, 0);

export const noArtifact = (id: string, detail?: string): FacetError =>
  new FacetError(
    'ARTIFACT_NOT_FOUND',
    `artifact not found: ${id.length > SHOWN_CHARACTERS_MAX ? `${id.slice(0, SHOWN_CHARACTERS_MAX)}…` : id}`,
    detail === undefined ? {} : { detail },
  );

/** @throws ARTIFACT_NOT_FOUND: nothing that is no UUID is the id of an artifact */
export function checkId(id: string): void {
  if (!UUID.test(id)) throw noArtifact(id);
}

/** What an artifact is said to be, complete: sets are sorted by their bytes and have nothing twice. */
export interface CheckedLabels {
  readonly filename: string;
  readonly contentType: string;
  readonly createdBy: string;
  readonly tags: readonly string[];
  readonly linkedTo: readonly string[];
  readonly custom: Readonly<Record<string, string>>;
}

/** @throws INVALID_PARAMETER, LIMIT_EXCEEDED */
export function checkLabels(given: Labels): CheckedLabels {
  const { filename, createdBy = '', custom = {} } = given;
  const contentType =
    given.contentType === undefined || given.contentType === ''
      ? 'application/octet-stream'
      : given.contentType;
  checkText(filename, 'The name of a file', LIMITS.blobFilenameBytesMax);
  checkText(contentType, 'A content type', LIMITS.blobContentTypeBytesMax);
  checkText(createdBy, 'The name of who made an artifact', LIMITS.blobCreatorBytesMax, 0);
  const tags = setOf(given.tags ?? []);
  tags.forEach(checkTag);
  checkCount(tags.length, 'tags', LIMITS.blobTagsMax, 'blobTagsMax');
  const linkedTo = setOf(given.linkedTo ?? []);
  linkedTo.forEach(checkEntity);
  checkCount(linkedTo.length, 'links', LIMITS.blobLinksMax, 'blobLinksMax');
  const entries = Object.entries(custom);
  checkCount(entries.length, 'custom entries', LIMITS.blobCustomEntriesMax, 'blobCustomEntriesMax');
  for (const [key, value] of entries) {
    checkCustomKey(key);
    checkCustomValue(value);
  }
  return { filename, contentType, createdBy, tags, linkedTo, custom };
}

/** @throws LIMIT_EXCEEDED */
export function checkCount(count: number, what: string, most: number, limit: string): void {
  if (count > most) {
    throw new FacetError('LIMIT_EXCEEDED', `An artifact has at most ${most} ${what} (${limit})`);
  }
}

/** Sorted as PostgreSQL's collation "C" does: by the bytes of UTF-8. */
const setOf = (texts: readonly string[]): readonly string[] =>
  [...new Set(texts)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** @throws PAYLOAD_TOO_LARGE */
export function assertSize(bytes: number, bytesMax: number): void {
  if (bytes > bytesMax) {
    throw new FacetError('PAYLOAD_TOO_LARGE', `upload exceeds maximum size of ${bytesMax} bytes`);
  }
}

export const noData = (): FacetError => new FacetError('INVALID_PARAMETER', 'no data provided');
