/**
 * Files for COPY: a client stores one under a name, and `COPY Person FROM 'person.csv'` reads it. They are artifacts of the
 * blob model with a tag of their own, in the caller's namespace; storing one again replaces it.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import {
  type Artifact,
  blobDelete,
  blobDownload,
  blobList,
  blobUpload,
  type UploadedFile,
  type UploadedFiles,
} from '../../models/index.ts';
import { type HttpAnswer, type HttpRequest, type HttpRoute, JSON_TYPE } from '../http/index.ts';

const TAG = 'graphd-file';

const json = (status: number, value: unknown): HttpAnswer => ({
  status,
  contentType: JSON_TYPE,
  body: JSON.stringify(value),
});

/** Files are no part of any transaction. */
const beside = (session: Session): Session => ({ ...session, transactionId: undefined, partial: true });

/** Those whose names begin so, the oldest first. */
async function listed(dispatch: Dispatch, session: Session, filenamePrefix?: string): Promise<Artifact[]> {
  const found: Artifact[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await dispatch.call(
      blobList,
      {
        tag: TAG,
        limit: LIMITS.pageRowsMax,
        ...(filenamePrefix === undefined ? {} : { filenamePrefix }),
        ...(cursor === undefined ? {} : { cursor }),
      },
      session,
    );
    found.push(...page.artifacts);
    cursor = page.pagination.nextCursor;
  } while (cursor !== null);
  return found;
}

const named = async (dispatch: Dispatch, session: Session, name: string): Promise<Artifact[]> =>
  (await listed(dispatch, session, name)).filter(({ filename }) => filename === name);

const notFound = (name: string): FacetError =>
  new FacetError('OBJECT_NOT_FOUND', `Binder exception: No file found that matches the pattern: ${name}.`, {
    hint: 'Store it first: PUT /v1/files/{name}.',
  });

/** For graph.define: what the caller has stored. @throws OBJECT_NOT_FOUND */
export function uploadedFiles(dispatch: Dispatch, session: Session): UploadedFiles {
  const own = beside(session);
  return async (name): Promise<UploadedFile> => {
    // Of two that were stored at once the later one counts.
    const artifact = (await named(dispatch, own, name)).at(-1);
    if (artifact === undefined) throw notFound(name);
    const { length, pieces } = await dispatch.call(blobDownload, { artifactId: artifact.artifactId }, own);
    return { size: length, pieces };
  };
}

const nameOf = ({ params }: HttpRequest): string => params.name ?? '';

const described = ({ filename, size, checksum, createdAtMs }: Artifact): Record<string, unknown> => ({
  name: filename,
  size,
  checksum,
  created_at: new Date(createdAtMs).toISOString(),
});

const put: HttpRoute = {
  method: 'PUT',
  path: '/v1/files/:name',
  operation: blobUpload,
  streamsBody: true,
  answer: async (request, session, dispatch) => {
    const own = beside(session);
    const name = nameOf(request);
    const bytesMax = LIMITS.graphCopyBytesMax;
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
      throw new FacetError(
        'PAYLOAD_TOO_LARGE',
        `A file for COPY has at most ${bytesMax} bytes (graphCopyBytesMax)`,
      );
    }
    const before = await named(dispatch, own, name);
    const { artifact } = await dispatch.call(
      blobUpload,
      { filename: name, contentType: 'text/csv', tags: [TAG], pieces: request.pieces ?? nothing(), bytesMax },
      { ...session, transactionId: undefined },
    );
    await remove(dispatch, own, before);
    return json(before.length === 0 ? 201 : 200, { type: 'file', ...described(artifact) });
  },
};

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A body that is empty.
}

/** Somebody else may have removed them meanwhile. */
async function remove(dispatch: Dispatch, session: Session, artifacts: readonly Artifact[]): Promise<void> {
  for (const { artifactId } of artifacts) {
    try {
      await dispatch.call(blobDelete, { artifactId }, session);
    } catch (thrown) {
      if (!(thrown instanceof FacetError) || thrown.code !== 'ARTIFACT_NOT_FOUND') throw thrown;
    }
  }
}

const list: HttpRoute = {
  method: 'GET',
  path: '/v1/files',
  operation: blobList,
  ignoresBody: true,
  answer: async (_request, session, dispatch) => {
    const files = await listed(dispatch, { ...session, transactionId: undefined });
    const newest = new Map(files.map((artifact) => [artifact.filename, artifact]));
    return json(200, { type: 'files', files: [...newest.values()].map(described) });
  },
};

const drop: HttpRoute = {
  method: 'DELETE',
  path: '/v1/files/:name',
  operation: blobDelete,
  ignoresBody: true,
  answer: async (request, session, dispatch) => {
    const found = await named(dispatch, beside(session), nameOf(request));
    if (found.length === 0) throw notFound(nameOf(request));
    await remove(dispatch, { ...session, transactionId: undefined }, found);
    return json(200, { type: 'file', name: nameOf(request), deleted: true });
  },
};

export const FILE_ROUTES: readonly HttpRoute[] = [put, list, drop];
