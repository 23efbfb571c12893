/** BLOBS: lists of artifacts by name, link, tag and type, and artifacts that are similar by their embeddings. */
import { LIMITS } from '../../../../base/index.ts';
import { type Artifact, blobInfo, blobList, embeddingSearch } from '../../../../models/index.ts';
import type { BlobFilter, StatementOf } from '../../../../nql/index.ts';
import type { Result } from '../../result.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { artifactIds, ask, together } from './answers.ts';

/** The collection in which the embedding of an artifact lies, under the artifact's id. */
export const ARTIFACT_COLLECTION = 'artifacts';

type Asked = Omit<Parameters<typeof blobList.run>[1], 'limit' | 'cursor'>;

/** What of the store a filter can be found in, in the order of age each, and what of that passes. */
interface Sources {
  readonly asked: readonly Asked[];
  readonly passes: (artifact: Artifact) => boolean;
}

const ALL = (): boolean => true;

/** Others can be no beginning of an id. */
const ID_BEGINNING = /^[0-9a-f-]{1,36}$/;

function sourcesOf(filter: BlobFilter): Sources {
  switch (filter.by) {
    case 'all':
      return { asked: [{}], passes: ALL };
    case 'entity':
      return { asked: [{ linkedTo: filter.entity.text }], passes: ALL };
    case 'tag':
      return { asked: [{ tag: filter.tag.text }], passes: ALL };
    case 'content-type':
      return { asked: [{ contentType: filter.contentType }], passes: ALL };
    case 'pattern':
      return patternSources(filter.pattern);
  }
}

function patternSources(pattern: string): Sources {
  const [beginning = ''] = pattern.split('*', 1);
  if (beginning !== pattern) {
    const parts = pattern.split('*');
    return { asked: [{ filenamePrefix: beginning }], passes: ({ filename }) => fits(filename, parts) };
  }
  const byName = { filenamePrefix: pattern };
  const isId = ID_BEGINNING.test(pattern);
  return { asked: isId ? [byName, { idPrefix: pattern }] : [byName], passes: ALL };
}

/** Whether `text` is the parts with anything between them. In time linear in the text for each part. */
export function fits(text: string, parts: readonly string[]): boolean {
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at === -1 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** Page by page, the oldest first. */
async function* walk(call: StatementCall, asked: Asked, wanted: number): AsyncGenerator<Artifact> {
  let cursor: string | undefined;
  const limit = Math.max(1, Math.min(LIMITS.pageRowsMax, wanted));
  for (;;) {
    const page = await ask(call, blobList, { ...asked, limit, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.artifacts;
    if (page.pagination.nextCursor === null) return;
    cursor = page.pagination.nextCursor;
  }
}

/** Two lists as one, in the order that both have; what is in both comes once. */
async function* merged(
  one: AsyncGenerator<Artifact>,
  other: AsyncGenerator<Artifact>,
): AsyncGenerator<Artifact> {
  let [left, right] = [await one.next(), await other.next()];
  while (!left.done || !right.done) {
    const order = left.done ? 1 : right.done ? -1 : compare(left.value, right.value);
    if (order <= 0 && !left.done) yield left.value;
    else if (!right.done) yield right.value;
    if (order <= 0) left = await one.next();
    if (order >= 0) right = await other.next();
  }
}

const compare = (one: Artifact, other: Artifact): number =>
  one.createdAtMs - other.createdAtMs ||
  (one.artifactId < other.artifactId ? -1 : Number(one.artifactId > other.artifactId));

async function list(
  { filter, limit, offset }: StatementOf<'blob-list'>,
  call: StatementCall,
): Promise<Result> {
  if (limit === 0) return artifactIds([]);
  const { asked, passes } = sourcesOf(filter);
  const ids: string[] = [];
  await together(call, async (part) => {
    const [first = {}, second] = asked;
    const wanted = limit + offset;
    const found =
      second === undefined
        ? walk(part, first, wanted)
        : merged(walk(part, first, wanted), walk(part, second, wanted));
    let passed = 0;
    for await (const artifact of found) {
      if (!passes(artifact) || passed++ < offset) continue;
      ids.push(artifact.artifactId);
      if (ids.length === limit) break;
    }
  });
  return artifactIds(ids);
}

/** Embeddings outlive their artifacts, so those that nothing belongs to any more are passed over. */
async function similar(
  { artifact: { text: artifactId }, limit }: StatementOf<'blob-similar'>,
  call: StatementCall,
): Promise<Result> {
  const items: { key: string; score: number }[] = [];
  await together(call, async (part) => {
    await ask(part, blobInfo, { artifactId });
    // The artifact is among its own results.
    const page = Math.min(limit + 1, LIMITS.vectorTopKMax);
    for (let offset = 0; items.length < limit && offset <= LIMITS.vectorTopKMax; offset += page) {
      const search = { collection: ARTIFACT_COLLECTION, key: artifactId, limit: page, offset };
      const found = await ask(part, embeddingSearch, search);
      for (const { key, score } of found.items) {
        if (items.length === limit) break;
        if (key !== artifactId && (await exists(part, key))) items.push({ key, score });
      }
      if (found.items.length < page) break;
    }
  });
  return { case: 'similar', value: { items } };
}

async function exists(call: StatementCall, id: string): Promise<boolean> {
  const { artifacts } = UUID.test(id)
    ? await ask(call, blobList, { idPrefix: id, limit: 1 })
    : { artifacts: [] };
  return artifacts.length > 0;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const BLOB_LIST_RUNNERS = {
  'blob-list': { answers: () => 'artifactList', run: list },
  'blob-similar': { answers: () => 'similar', run: similar },
} as const satisfies Runners<'blob-list' | 'blob-similar'>;
