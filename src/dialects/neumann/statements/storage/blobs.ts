/** BLOB: one artifact, its content, metadata, tags and links, and the upkeep of all of them. */
import { LIMITS } from '../../../../base/index.ts';
import {
  type Artifact,
  blobCollect,
  blobDelete,
  blobDownload,
  blobGet,
  blobGetMeta,
  blobInfo,
  blobLink,
  blobPut,
  blobRepair,
  blobSetMeta,
  blobStats,
  blobTag,
  blobUnlink,
  blobUntag,
  blobVerify,
} from '../../../../models/index.ts';
import type { StatementOf } from '../../../../nql/index.ts';
import type { Items, PlainResult, Result } from '../../result.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { artifactIds, ask, EMPTY, NOT_FOUND, valueResult } from './answers.ts';

type ById = StatementOf<'blob-get' | 'blob-delete' | 'blob-info' | 'blob-links' | 'blob-verify'>;

/** The call's own name stands where no creator is told. */
async function put(
  { filename, data, contentType, createdBy, links, tags }: StatementOf<'blob-put'>,
  call: StatementCall,
): Promise<Result> {
  const { artifact } = await ask(call, blobPut, {
    filename: filename.text,
    bytes: Buffer.from(data),
    createdBy: createdBy ?? call.session.principal?.name ?? '',
    linkedTo: links.map(({ text }) => text),
    tags: tags.map(({ text }) => text),
    ...(contentType === undefined ? {} : { contentType }),
  });
  return valueResult(artifact.artifactId);
}

async function get({ artifact }: ById, call: StatementCall): Promise<Result> {
  const { bytes } = await ask(call, blobGet, { artifactId: artifact.text });
  return { case: 'blob', value: { data: bytes } };
}

/** The next chunk is read when the one before has been taken. */
async function stream({ artifact }: ById, call: StatementCall): Promise<Items> {
  const { pieces } = await ask(call, blobDownload, { artifactId: artifact.text });
  return itemsOf(pieces);
}

async function* itemsOf(pieces: AsyncIterable<Uint8Array>): Items {
  for await (const piece of pieces) yield [{ case: 'blobData', value: piece }];
}

async function info({ artifact: { text } }: ById, call: StatementCall): Promise<Result> {
  const { artifact } = await ask(call, blobInfo, { artifactId: text });
  return { case: 'artifactInfo', value: artifactInfo(artifact) };
}

type ArtifactInfo = Extract<PlainResult, { readonly case: 'artifactInfo' }>['value'];

/** Times are seconds of Unix there. */
export const artifactInfo = (artifact: Artifact): ArtifactInfo => ({
  id: artifact.artifactId,
  filename: artifact.filename,
  contentType: artifact.contentType,
  size: BigInt(artifact.size),
  checksum: artifact.checksum,
  chunkCount: BigInt(artifact.chunkCount),
  created: secondsOf(artifact.createdAtMs),
  modified: secondsOf(artifact.modifiedAtMs),
  createdBy: artifact.createdBy,
  tags: [...artifact.tags],
  linkedTo: [...artifact.linkedTo],
  custom: { ...artifact.custom },
});

export const secondsOf = (ms: number): bigint => BigInt(Math.floor(ms / 1_000));

async function collect({ isFull }: StatementOf<'blob-gc'>, call: StatementCall): Promise<Result> {
  const bound = isFull ? {} : { timeMsMax: LIMITS.nqlCollectMsMax };
  const { chunks, bytes } = await ask(call, blobCollect, { full: isFull, ...bound });
  return valueResult(`Deleted ${chunks} chunks, freed ${bytes} bytes`);
}

async function repair(_: unknown, call: StatementCall): Promise<Result> {
  const { references, orphans, damaged } = await ask(call, blobRepair, {});
  const fixed = `Fixed ${references} refs, deleted ${orphans} orphans`;
  return valueResult(damaged.length === 0 ? fixed : `${fixed}; not whole: ${damaged.join(', ')}`);
}

async function stats(_: unknown, call: StatementCall): Promise<Result> {
  const found = await ask(call, blobStats, {});
  return {
    case: 'blobStats',
    value: {
      artifactCount: BigInt(found.artifactCount),
      chunkCount: BigInt(found.chunkCount),
      totalBytes: BigInt(found.totalBytes),
      uniqueBytes: BigInt(found.uniqueBytes),
      dedupRatio: found.dedupRatio,
      orphanedChunks: BigInt(found.orphanedChunks),
    },
  };
}

type Run<S> = (statement: S, call: StatementCall) => Promise<Result>;

/** For statements whose operation answers nothing that the client gets. */
const silently =
  <S>(run: (statement: S, call: StatementCall) => Promise<unknown>): Run<S> =>
  async (statement, call) => {
    await run(statement, call);
    return EMPTY;
  };

const EMPTY_KIND = () => 'empty' as const;
const VALUE_KIND = () => 'value' as const;

export const BLOB_RUNNERS = {
  'blob-put': { answers: VALUE_KIND, run: put },
  'blob-get': { answers: () => 'blob', run: get, stream },
  'blob-delete': {
    answers: EMPTY_KIND,
    run: silently(({ artifact }: ById, call) => ask(call, blobDelete, { artifactId: artifact.text })),
  },
  'blob-info': { answers: () => 'artifactInfo', run: info },
  'blob-links': {
    answers: () => 'artifactList',
    run: async ({ artifact }: ById, call) =>
      artifactIds((await ask(call, blobInfo, { artifactId: artifact.text })).artifact.linkedTo),
  },
  'blob-verify': {
    answers: VALUE_KIND,
    run: async ({ artifact }: ById, call) =>
      valueResult((await ask(call, blobVerify, { artifactId: artifact.text })).valid ? 'OK' : 'INVALID'),
  },
  'blob-link': {
    answers: EMPTY_KIND,
    run: silently(({ artifact, entity }, call) =>
      ask(call, blobLink, { artifactId: artifact.text, entity: entity.text }),
    ),
  },
  'blob-unlink': {
    answers: EMPTY_KIND,
    run: silently(({ artifact, entity }, call) =>
      ask(call, blobUnlink, { artifactId: artifact.text, entity: entity.text }),
    ),
  },
  'blob-tag': {
    answers: EMPTY_KIND,
    run: silently(({ artifact, tag }, call) =>
      ask(call, blobTag, { artifactId: artifact.text, tag: tag.text }),
    ),
  },
  'blob-untag': {
    answers: EMPTY_KIND,
    run: silently(({ artifact, tag }, call) =>
      ask(call, blobUntag, { artifactId: artifact.text, tag: tag.text }),
    ),
  },
  'blob-meta-set': {
    answers: EMPTY_KIND,
    run: silently(({ artifact, key, value }, call) =>
      ask(call, blobSetMeta, { artifactId: artifact.text, key: key.text, value }),
    ),
  },
  'blob-meta-get': {
    answers: VALUE_KIND,
    run: async ({ artifact, key }, call) => {
      const { value } = await ask(call, blobGetMeta, { artifactId: artifact.text, key: key.text });
      return valueResult(value ?? NOT_FOUND);
    },
  },
  'blob-gc': { answers: VALUE_KIND, run: collect },
  'blob-repair': { answers: VALUE_KIND, run: repair },
  'blob-stats': { answers: () => 'blobStats', run: stats },
  'blob-init': { answers: VALUE_KIND, run: async () => valueResult('Blob store already initialized') },
} as const satisfies Runners<
  | 'blob-put'
  | 'blob-get'
  | 'blob-delete'
  | 'blob-info'
  | 'blob-links'
  | 'blob-verify'
  | 'blob-link'
  | 'blob-unlink'
  | 'blob-tag'
  | 'blob-untag'
  | 'blob-meta-set'
  | 'blob-meta-get'
  | 'blob-gc'
  | 'blob-repair'
  | 'blob-stats'
  | 'blob-init'
>;
