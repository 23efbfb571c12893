/** BLOB and BLOBS: every spelling, exactly as it is read, and where wrong ones are told. */
import { expect, test } from 'vitest';
import { read, refuses } from '../../../test/support/nql.ts';

const put = (filename: string, data: string, more: object = {}): object => ({
  kind: 'blob-put',
  filename,
  data,
  links: [],
  tags: [],
  ...more,
});
const list = (filter: object, more: object = {}): object => ({
  kind: 'blob-list',
  filter,
  limit: 1000,
  offset: 0,
  ...more,
});

test.each([
  [
    "BLOB PUT 'log.txt' 'engines\nnominal' TAG 'daily' LINK 'ship:1'",
    put('log.txt', 'engines\nnominal', { tags: ['daily'], links: ['ship:1'] }),
  ],
  [
    `BLOB PUT a DATA '{"k": 1}' LINK x, y TYPE 'application/json' TAG t BY admin TAG u, v`,
    put('a', '{"k": 1}', {
      contentType: 'application/json',
      createdBy: 'admin',
      links: ['x', 'y'],
      tags: ['t', 'u', 'v'],
    }),
  ],
  ["BLOB PUT a ''", put('a', '')],
  ["BLOB GET 'art-1'", { kind: 'blob-get', artifact: 'art-1' }],
  ['BLOB DELETE a', { kind: 'blob-delete', artifact: 'a' }],
  ['BLOB INFO a', { kind: 'blob-info', artifact: 'a' }],
  ['BLOB LINKS a', { kind: 'blob-links', artifact: 'a' }],
  ['BLOB VERIFY a;', { kind: 'blob-verify', artifact: 'a' }],
  ["BLOB LINK a TO 'user:b'", { kind: 'blob-link', artifact: 'a', entity: 'user:b' }],
  ['BLOB UNLINK a FROM b', { kind: 'blob-unlink', artifact: 'a', entity: 'b' }],
  ["BLOB TAG a 'x y'", { kind: 'blob-tag', artifact: 'a', tag: 'x y' }],
  ['BLOB UNTAG a x', { kind: 'blob-untag', artifact: 'a', tag: 'x' }],
  ["BLOB META SET a k 'v'", { kind: 'blob-meta-set', artifact: 'a', key: 'k', value: 'v' }],
  ['BLOB META SET a k - 1.50', { kind: 'blob-meta-set', artifact: 'a', key: 'k', value: '-1.50' }],
  ['BLOB META SET a k TRUE', { kind: 'blob-meta-set', artifact: 'a', key: 'k', value: 'TRUE' }],
  ['BLOB META GET a k', { kind: 'blob-meta-get', artifact: 'a', key: 'k' }],
  ['BLOB GC', { kind: 'blob-gc', isFull: false }],
  ['BLOB GC FULL', { kind: 'blob-gc', isFull: true }],
  ['BLOB REPAIR', { kind: 'blob-repair' }],
  ['BLOB STATS', { kind: 'blob-stats' }],
  ['BLOB INIT', { kind: 'blob-init' }],
  ['BLOBS', list({ by: 'all' })],
  ['BLOBS;', list({ by: 'all' })],
  ['BLOBS LIMIT 5 OFFSET 1', list({ by: 'all' }, { limit: 5, offset: 1 })],
  ["BLOBS '*.txt' LIMIT 5", list({ by: 'pattern', pattern: '*.txt' }, { limit: 5 })],
  ['BLOBS log', list({ by: 'pattern', pattern: 'log' })],
  ["BLOBS FOR 'user:a'", list({ by: 'entity', entity: 'user:a' })],
  ['BLOBS BY TAG daily', list({ by: 'tag', tag: 'daily' })],
  ["BLOBS WHERE TYPE = 'text/plain'", list({ by: 'content-type', contentType: 'text/plain' })],
  ['BLOBS SIMILAR TO a', { kind: 'blob-similar', artifact: 'a', limit: 10 }],
  ['BLOBS SIMILAR TO a TOP 3', { kind: 'blob-similar', artifact: 'a', limit: 3 }],
])('%s', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ['BLOB', 'expected PUT, GET, DELETE, INFO'],
  ['BLOB PUT', 'expected the name of a file'],
  ['BLOB PUT a', 'expected the content in quotes'],
  ['BLOB PUT a DATA 1', "Unexpected '1' at line 1, column 17: expected the content in quotes"],
  ["BLOB PUT a 'x", 'The string is not closed, at line 1, column 12'],
  ["BLOB PUT a 'x' TYPE a TYPE b", 'TYPE is given twice'],
  ["BLOB PUT a 'x' BY a TAG t BY b", 'BY is given twice'],
  ["BLOB PUT a 'x' TAG", 'expected a tag'],
  [
    "BLOB PUT a 'x' y",
    "Unexpected 'y' at line 1, column 16: expected TYPE, BY, LINK, TAG or the end of the statement",
  ],
  ['BLOB GET', 'expected the id of an artifact'],
  ['BLOB LINK a b', 'expected TO'],
  ['BLOB UNLINK a TO b', 'expected FROM'],
  ['BLOB META a', 'expected SET or GET'],
  ['BLOB META SET a k', 'expected a value'],
  ['BLOB GC NOW', "Unexpected 'NOW' at line 1, column 9"],
  ['BLOBS FOR', 'expected the key of an entity'],
  ['BLOBS BY t', 'expected TAG'],
  ["BLOBS WHERE SIZE = 'x'", 'expected TYPE'],
  ['BLOBS SIMILAR TO a LIMIT 0', 'LIMIT is at least 1'],
  [
    "BLOBS 'a' 'b'",
    "Unexpected ''b'' at line 1, column 11: expected LIMIT, OFFSET or the end of the statement",
  ],
])('%s is refused', (text, message) => {
  expect(refuses(text)).toContain(message);
});
