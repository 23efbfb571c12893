/** Names of collections and keys of embeddings: what they may be, and which table a collection is. Pure. */
import { createHash } from 'node:crypto';
import { FacetError, LIMITS } from '../../../base/index.ts';
import { NAME_BYTES_MAX, type QualifiedName } from '../../table-names.ts';

const CONTROL = /\p{Cc}/u;
const LONE_SURROGATE = /\p{Surrogate}/u;
const SHOWN_CHARACTERS_MAX = 100;

/** Where the tables of collections are. */
const SCHEMA = 'embedding';

/** How the table of a name that cannot be its own table's ends; no other table ends like it. */
const HASHED = /~[0-9a-f]{16}$/;
const HASH_CHARACTERS = 16;

/** @throws INVALID_PARAMETER */
export function checkCollection(name: string): void {
  if (name === '') throw invalid('The name of a collection cannot be empty');
  if (CONTROL.test(name)) throw invalid('The name of a collection cannot hold control characters');
  if (LONE_SURROGATE.test(name)) {
    throw invalid('The name of a collection cannot hold half of a surrogate pair');
  }
  bound(name, LIMITS.collectionNameBytesMax, 'The name of a collection', 'collectionNameBytesMax');
}

/** @throws INVALID_PARAMETER */
export function checkKey(key: string): void {
  if (key === '') throw invalid('The key of an embedding cannot be empty');
  if (key.includes('\0')) throw invalid('The key of an embedding cannot hold the character NUL');
  if (LONE_SURROGATE.test(key)) throw invalid('The key of an embedding cannot hold half of a surrogate pair');
  bound(key, LIMITS.embeddingKeyBytesMax, 'The key of an embedding', 'embeddingKeyBytesMax');
}

/** As `checkKey`, for all of them. @throws INVALID_PARAMETER, LIMIT_EXCEEDED */
export function checkKeys(keys: readonly string[]): void {
  if (keys.length > LIMITS.embeddingsMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `${keys.length} keys are more than ${LIMITS.embeddingsMax} (embeddingsMax)`,
    );
  }
  for (const key of keys) checkKey(key);
}

const invalid = (message: string): FacetError => new FacetError('INVALID_PARAMETER', message);

function bound(text: string, bytesMax: number, what: string, limit: string): void {
  // Three bytes are the most that one character of a string takes.
  if (text.length * 3 <= bytesMax || Buffer.byteLength(text) <= bytesMax) return;
  throw invalid(`${what} has more than ${bytesMax} bytes (${limit})`);
}

/** A name in a message: long ones are cut. */
export const shown = (name: string): string =>
  name.length > SHOWN_CHARACTERS_MAX ? `${name.slice(0, SHOWN_CHARACTERS_MAX)}…` : name;

export const noCollection = (name: string): FacetError =>
  new FacetError('COLLECTION_NOT_FOUND', `There is no collection '${shown(name)}'`);

/**
 * The name of the collection's table: its own where PostgreSQL can hold it, else the beginning of it and a hash. Names
 * that end as those do are hashed, too, so that two collections never have one table.
 */
export function relationOf(name: string): string {
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX && !HASHED.test(name)) return name;
  return `${cut(name, NAME_BYTES_MAX - HASH_CHARACTERS - 1)}~${hash(name)}`;
}

/** The longest beginning of whole characters that has at most so many bytes. */
function cut(text: string, bytesMax: number): string {
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > bytesMax) break;
    kept += character;
  }
  return kept;
}

const hash = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, HASH_CHARACTERS);

export const tableOf = (relation: string): QualifiedName => ({ schema: SCHEMA, name: relation });

/** Names beside the table in its schema: too short to be a table with a hash, and ending as no other table does. */
export const primaryKeyOf = (relation: string): string => `key~${hash(relation)}`;
export const indexNameOf = (relation: string): string => `near~${hash(relation)}`;

/** A number for the lock that belongs to the name: two names may share one, and then wait for each other. */
export const lockOf = (name: string): number => createHash('sha256').update(name).digest().readInt32BE(0);
