/**
 * Storing an artifact: pieces become chunks as they come, and what fits into one statement is stored by one. Whatever
 * ends an upload early leaves nothing that anybody sees.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { runPatiently, withPatience } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { assertPayload } from '../plan-limits.ts';
import { type Content, descriptionOf, madeArtifact, newArtifactId } from './artifact.ts';
import { ChunkBatch } from './chunk-batch.ts';
import { type Chunk, Chunker } from './chunker.ts';
import { depotOf } from './depot.ts';
import { assertSize, type CheckedLabels, checkLabels, noData } from './names.ts';
import { paced } from './paced.ts';
import { putJoined } from './put-joined.ts';
import type { ArtifactResult, Labels, Pieces, PutInput, UploadInput } from './schemas.ts';
import { PUT } from './statements.ts';
import { UploadWriter } from './upload-writer.ts';

/**
 * A whole value. In a transaction it is part of that.
 * @throws PAYLOAD_TOO_LARGE, INVALID_PARAMETER (no bytes, wrong labels), LIMIT_EXCEEDED, LOCK_TIMEOUT
 */
export async function put(context: OperationContext, input: PutInput): Promise<ArtifactResult> {
  const { bytes, bytesMax = LIMITS.blobBytesMax, ...labels } = input;
  assertSize(bytes.length, Math.min(bytesMax, LIMITS.blobValueBytesMax));
  return store(context, labels, once(bytes), bytesMax);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * Pieces as they come; it takes the next one when it has room for it. In a transaction it is part of that, and at most
 * `LIMITS.blobValueBytesMax` long: nothing of it is stored before the last piece has come.
 * @throws as `put`; UPLOAD_TIMEOUT, QUERY_CANCELLED, UNAVAILABLE, and what the source of the pieces throws
 */
export async function upload(context: OperationContext, input: UploadInput): Promise<ArtifactResult> {
  const { pieces, bytesMax = LIMITS.blobBytesMax, ...labels } = input;
  return store(context, labels, pieces, bytesMax);
}

async function store(
  context: OperationContext,
  given: Labels,
  pieces: Pieces,
  bytesMax: number,
): Promise<ArtifactResult> {
  const labels = checkLabels(given);
  if (context.transaction !== undefined) return storeJoined(context, labels, pieces, bytesMax);
  const leave = depotOf(context.database).uploads.enter();
  const id = newArtifactId();
  const chunker = new Chunker(LIMITS.blobChunkBytes);
  let writer: UploadWriter | undefined;
  let batch = new ChunkBatch(0);
  try {
    for await (const piece of bounded(context, pieces, chunker, bytesMax)) {
      for (const chunk of chunker.push(piece)) {
        batch.add(chunk);
        if (batch.bytes < LIMITS.blobWriteBytes) continue;
        writer ??= await UploadWriter.begin(context, id);
        const full = batch;
        batch = new ChunkBatch(full.firstOrdinal + full.length);
        await writer.write(full);
      }
    }
    for (const chunk of chunker.end()) batch.add(chunk);
    const content = contentOf(chunker, batch.firstOrdinal + batch.length);
    if (writer === undefined) return await storeAtOnce(context, id, labels, content, batch);
    if (batch.length > 0) await writer.write(batch);
    return madeArtifact(id, labels, content, await writer.finish(descriptionOf(labels, content)));
  } catch (thrown) {
    await writer?.abandon();
    throw thrown;
  } finally {
    leave();
  }
}

/** Nobody else's turn on the transaction's connection is taken while a client sends. */
async function storeJoined(
  context: OperationContext,
  labels: CheckedLabels,
  pieces: Pieces,
  bytesMax: number,
): Promise<ArtifactResult> {
  const chunker = new Chunker(LIMITS.blobChunkBytes);
  let last = new ChunkBatch(0);
  const batches = [last];
  const add = (chunk: Chunk): void => {
    if (last.bytes >= LIMITS.blobWriteBytes) {
      last = new ChunkBatch(last.firstOrdinal + last.length);
      batches.push(last);
    }
    last.add(chunk);
  };
  const most = Math.min(bytesMax, LIMITS.blobValueBytesMax);
  for await (const piece of bounded(context, pieces, chunker, most)) {
    for (const chunk of chunker.push(piece)) add(chunk);
  }
  for (const chunk of chunker.end()) add(chunk);
  const content = contentOf(chunker, last.firstOrdinal + last.length);
  const id = newArtifactId();
  return madeArtifact(
    id,
    labels,
    content,
    await putJoined(context, id, descriptionOf(labels, content), batches),
  );
}

/** The pieces, counted before anything is done with them. */
async function* bounded(
  { principal, signal }: OperationContext,
  pieces: Pieces,
  chunker: Chunker,
  bytesMax: number,
): AsyncGenerator<Uint8Array> {
  for await (const piece of paced(pieces, signal)) {
    if (!(piece instanceof Uint8Array)) {
      throw new FacetError('INVALID_PARAMETER', 'A piece of an upload is not a Uint8Array');
    }
    assertSize(chunker.size + piece.length, bytesMax);
    assertPayload(principal, chunker.size + piece.length);
    if (piece.length > 0) yield piece;
  }
}

function contentOf(chunker: Chunker, chunkCount: number): Content {
  if (chunker.size === 0) throw noData();
  return { size: chunker.size, sha256: chunker.digest(), chunkCount };
}

/** Chunks and artifact by one statement; small ones with those of others, larger ones where they hold up nobody. */
async function storeAtOnce(
  { database, signal }: OperationContext,
  id: string,
  labels: CheckedLabels,
  content: Content,
  batch: ChunkBatch,
): Promise<ArtifactResult> {
  const parameters = [id, ...batch.parameters(), ...descriptionOf(labels, content)];
  const { rows } =
    content.size <= LIMITS.blobLaneBytesMax
      ? await runPatiently(database, LIMITS.blobLockMsMax, PUT, parameters, { signal })
      : await depotOf(database).inTurn(signal, () =>
          withPatience(database, LIMITS.blobLockMsMax, signal, (transaction) =>
            database.run(PUT, parameters, { transaction, signal }),
          ),
        );
  return madeArtifact(id, labels, content, Number(rows[0]?.[0]));
}
