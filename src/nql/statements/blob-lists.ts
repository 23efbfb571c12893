/** BLOBS: lists of artifacts. In examples `ARTIFACT` and `ARTIFACT_2` stand for the ids that the setup answers. */
import { LIMITS } from '../../base/index.ts';
import type { Form } from '../form.ts';
import { readClauses } from '../syntax/clauses.ts';
import { type Key, key } from '../syntax/names.ts';
import { type Page, page, topClause } from '../syntax/paging.ts';
import type { Reader } from '../syntax/reader.ts';

export interface BlobList extends Page {
  readonly kind: 'blob-list';
  readonly filter: BlobFilter;
}

export type BlobFilter =
  | { readonly by: 'all' }
  /** `*` stands for any characters; without one it is the beginning of a file name or of an id. */
  | { readonly by: 'pattern'; readonly pattern: string }
  | { readonly by: 'entity'; readonly entity: Key }
  | { readonly by: 'tag'; readonly tag: Key }
  | { readonly by: 'content-type'; readonly contentType: string };

export interface BlobSimilar {
  readonly kind: 'blob-similar';
  readonly artifact: Key;
  readonly limit: number;
}

export function blobListStatement(reader: Reader): BlobList | BlobSimilar {
  if (reader.acceptWords('SIMILAR', 'TO')) {
    const artifact = key(reader, 'the id of an artifact');
    let limit: number = LIMITS.nqlTopDefault;
    readClauses(reader, [
      topClause(reader, (found) => {
        limit = found;
      }),
    ]);
    return { kind: 'blob-similar', artifact, limit };
  }
  const filter = blobFilter(reader);
  return { kind: 'blob-list', filter, ...page(reader) };
}

function blobFilter(reader: Reader): BlobFilter {
  if (reader.acceptWords('FOR')) return { by: 'entity', entity: key(reader, 'the key of an entity') };
  if (reader.acceptWords('BY')) {
    reader.expectWord('TAG');
    return { by: 'tag', tag: key(reader, 'a tag') };
  }
  if (reader.acceptWords('WHERE')) {
    reader.expectWord('TYPE');
    reader.expect('=');
    return { by: 'content-type', contentType: key(reader, 'a content type').text };
  }
  const { kind } = reader.token;
  const isPage = reader.isWord('LIMIT') || reader.isWord('OFFSET');
  if (kind === 'end' || kind === 'symbol' || isPage) {
    return { by: 'all' };
  }
  return { by: 'pattern', pattern: key(reader, 'a pattern, FOR, BY TAG, WHERE TYPE or SIMILAR TO').text };
}

const setup = ["BLOB PUT 'log.txt' 'engines nominal' TYPE 'text/plain' TAG 'daily' LINK 'ship:1'"];

export const BLOB_LIST_FORMS = [
  {
    name: 'BLOBS',
    kind: 'blob-list',
    syntax: 'BLOBS [pattern] [LIMIT n] [OFFSET m]',
    summary:
      'Answers the ids of artifacts, 1,000 unless LIMIT says another number. In a pattern `*` stands for any characters of the file name; one without it is the beginning of the file name or of the id.',
    examples: [
      { setup, statement: 'BLOBS' },
      { setup, statement: "BLOBS '*.txt'" },
    ],
  },
  {
    name: 'BLOBS FOR',
    kind: 'blob-list',
    syntax: 'BLOBS FOR entity [LIMIT n] [OFFSET m]',
    summary: 'Answers the ids of artifacts that are linked with an entity.',
    examples: [{ setup, statement: "BLOBS FOR 'ship:1'" }],
  },
  {
    name: 'BLOBS BY TAG',
    kind: 'blob-list',
    syntax: 'BLOBS BY TAG tag [LIMIT n] [OFFSET m]',
    summary: 'Answers the ids of artifacts that have a tag.',
    examples: [{ setup, statement: "BLOBS BY TAG 'daily'" }],
  },
  {
    name: 'BLOBS WHERE TYPE',
    kind: 'blob-list',
    syntax: 'BLOBS WHERE TYPE = content_type [LIMIT n] [OFFSET m]',
    summary: 'Answers the ids of artifacts of a content type.',
    examples: [{ setup, statement: "BLOBS WHERE TYPE = 'text/plain'" }],
  },
  {
    name: 'BLOBS SIMILAR TO',
    kind: 'blob-similar',
    syntax: 'BLOBS SIMILAR TO artifact [LIMIT n]',
    summary:
      'Answers the artifacts whose embeddings are most similar to that of one. The embedding of an artifact is stored under its id.',
    examples: [
      {
        setup: [
          ...setup,
          "BLOB PUT 'old.txt' 'engines humming'",
          "EMBED STORE 'ARTIFACT' [0.1, 0.9] IN artifacts",
          "EMBED STORE 'ARTIFACT_2' [0.2, 0.8] IN artifacts",
        ],
        statement: "BLOBS SIMILAR TO 'ARTIFACT' LIMIT 5",
      },
    ],
  },
] as const satisfies readonly Form[];
