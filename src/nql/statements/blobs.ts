/** BLOB: one artifact, its content, metadata, tags and links, and the upkeep of all of them. */
import { choose, clause, readClauses } from '../syntax/clauses.ts';
import { type Key, key } from '../syntax/names.ts';
import type { Reader } from '../syntax/reader.ts';
import { textValue } from '../syntax/values.ts';
import type { Refused } from './refused.ts';

export interface BlobPut {
  readonly kind: 'blob-put';
  readonly filename: Key;
  /** To be stored in UTF-8. */
  readonly data: string;
  readonly contentType: string | undefined;
  readonly createdBy: string | undefined;
  readonly links: readonly Key[];
  readonly tags: readonly Key[];
}

/** About one artifact, with no more than its id. */
export interface BlobById {
  readonly kind: 'blob-get' | 'blob-delete' | 'blob-info' | 'blob-links' | 'blob-verify';
  readonly artifact: Key;
}

export interface BlobLink {
  readonly kind: 'blob-link' | 'blob-unlink';
  readonly artifact: Key;
  readonly entity: Key;
}

export interface BlobTag {
  readonly kind: 'blob-tag' | 'blob-untag';
  readonly artifact: Key;
  readonly tag: Key;
}

export interface BlobMetaSet {
  readonly kind: 'blob-meta-set';
  readonly artifact: Key;
  readonly key: Key;
  readonly value: string;
}

export interface BlobMetaGet {
  readonly kind: 'blob-meta-get';
  readonly artifact: Key;
  readonly key: Key;
}

export interface BlobCollectGarbage {
  readonly kind: 'blob-gc';
  /** All at once, not only one bounded step. */
  readonly isFull: boolean;
}

export interface BlobStore {
  readonly kind: 'blob-init' | 'blob-repair' | 'blob-stats';
}

export type BlobStatement =
  | BlobPut
  | BlobById
  | BlobLink
  | BlobTag
  | BlobMetaSet
  | BlobMetaGet
  | BlobCollectGarbage
  | BlobStore;

const artifact = (reader: Reader): Key => key(reader, 'the id of an artifact');

export const blobStatement = (reader: Reader): BlobStatement | Refused =>
  choose<BlobStatement | Refused>(reader, {
    PUT: () => put(reader),
    GET: () => get(reader),
    DELETE: () => ({ kind: 'blob-delete', artifact: artifact(reader) }),
    INFO: () => ({ kind: 'blob-info', artifact: artifact(reader) }),
    LINK: () => link(reader, 'blob-link', 'TO'),
    UNLINK: () => link(reader, 'blob-unlink', 'FROM'),
    LINKS: () => ({ kind: 'blob-links', artifact: artifact(reader) }),
    TAG: () => ({ kind: 'blob-tag', artifact: artifact(reader), tag: key(reader, 'a tag') }),
    UNTAG: () => ({ kind: 'blob-untag', artifact: artifact(reader), tag: key(reader, 'a tag') }),
    META: () => meta(reader),
    VERIFY: () => ({ kind: 'blob-verify', artifact: artifact(reader) }),
    GC: () => ({ kind: 'blob-gc', isFull: reader.acceptWords('FULL') }),
    REPAIR: () => ({ kind: 'blob-repair' }),
    STATS: () => ({ kind: 'blob-stats' }),
    INIT: () => ({ kind: 'blob-init' }),
  });

function put(reader: Reader): BlobPut | Refused {
  const filename = key(reader, 'the name of a file');
  const { start } = reader.token;
  if (reader.acceptWords('FROM')) {
    const span = reader.spanFrom(start);
    return noFiles(
      'BLOB PUT … FROM',
      'Give the content behind DATA, or upload the file by BlobService.Upload.',
      span,
    );
  }
  reader.acceptWords('DATA');
  if (reader.token.kind !== 'string') throw reader.unexpected('the content in quotes');
  const data = reader.advance().text;
  let contentType: string | undefined;
  let createdBy: string | undefined;
  const links: Key[] = [];
  const tags: Key[] = [];
  for (;;) {
    if (reader.acceptWords('LINK')) keys(reader, 'the key of an entity', links);
    else if (reader.acceptWords('TAG')) keys(reader, 'a tag', tags);
    else if (reader.isWord('TYPE') || reader.isWord('BY')) {
      readClauses(reader, [
        clause('TYPE', () => {
          contentType = once(reader, 'TYPE', contentType, 'a content type');
        }),
        clause('BY', () => {
          createdBy = once(reader, 'BY', createdBy, 'who made it');
        }),
      ]);
    } else break;
  }
  const rest = [contentType === undefined ? 'TYPE' : '', createdBy === undefined ? 'BY' : '', 'LINK', 'TAG'];
  reader.couldFollow(rest.filter((word) => word !== ''));
  return { kind: 'blob-put', filename, data, contentType, createdBy, links, tags };
}

function once(reader: Reader, word: string, before: string | undefined, what: string): string {
  if (before !== undefined) throw reader.invalid(reader.token, `${word} is given twice`);
  return key(reader, what).text;
}

function keys(reader: Reader, what: string, into: Key[]): void {
  do into.push(key(reader, what));
  while (reader.accept(','));
}

function get(reader: Reader): BlobById | Refused {
  const found = artifact(reader);
  const { start } = reader.token;
  if (!reader.acceptWords('TO')) return { kind: 'blob-get', artifact: found };
  return noFiles(
    'BLOB GET … TO',
    'Leave TO out, or download the file by BlobService.Download.',
    reader.spanFrom(start),
  );
}

const noFiles = (name: string, hint: string, span: Refused['span']): Refused => ({
  kind: 'refused',
  name,
  reason: 'The server reads and writes no files for its clients',
  hint,
  span,
});

function link(reader: Reader, kind: BlobLink['kind'], word: string): BlobLink {
  const found = artifact(reader);
  reader.expectWord(word);
  return { kind, artifact: found, entity: key(reader, 'the key of an entity') };
}

function meta(reader: Reader): BlobMetaSet | BlobMetaGet {
  const verb = reader.expectOneOf('SET', 'GET');
  const found = artifact(reader);
  const under = key(reader, 'a key');
  if (verb === 'GET') return { kind: 'blob-meta-get', artifact: found, key: under };
  return { kind: 'blob-meta-set', artifact: found, key: under, value: textValue(reader, 'a value') };
}
