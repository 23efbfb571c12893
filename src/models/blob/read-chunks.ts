/**
 * Chunks of an artifact in their order, read in steps while the consumer works on the step before, each verified before
 * anybody gets it. Nothing is open between two steps: no snapshot, no connection.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { Cell } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { find, type Stored } from './artifact.ts';
import { sha256Of } from './chunker.ts';
import { depotOf } from './depot.ts';
import { READ } from './statements.ts';

/** Chunks from `first` up to but not including `end`. @throws ARTIFACT_DAMAGED, ARTIFACT_NOT_FOUND when it was deleted meanwhile */
export async function* readChunks(
  context: OperationContext,
  stored: Stored,
  first: number,
  end: number,
): AsyncGenerator<Buffer> {
  const stepChunks = Math.max(1, Math.floor(LIMITS.blobReadBytes / stored.chunkBytes));
  const step = (from: number): Promise<readonly Buffer[]> | undefined => {
    if (from >= end) return undefined;
    const reading = readStep(context, stored, from, Math.min(stepChunks, end - from));
    // Whoever waits for it hears of a failure; nobody may wait.
    reading.catch(() => {});
    return reading;
  };
  let ahead = step(first);
  try {
    for (let from = first; ahead !== undefined; from += stepChunks) {
      const chunks = await ahead;
      ahead = step(from + stepChunks);
      yield* chunks;
    }
  } finally {
    await ahead?.catch(() => undefined);
  }
}

async function readStep(
  context: OperationContext,
  stored: Stored,
  first: number,
  chunks: number,
): Promise<readonly Buffer[]> {
  const { artifactId } = stored.artifact;
  const rows = await rowsOf(context, stored, [artifactId, String(first), String(chunks)]);
  if (rows.length !== chunks) {
    await find(context, artifactId, 'It was deleted while it was being read.');
    throw corrupted(artifactId, `has ${rows.length} of the ${chunks} chunks from ${first} on`);
  }
  return rows.map((row, index) => verified(stored, first + index, row));
}

async function rowsOf(
  { database, transaction, signal }: OperationContext,
  stored: Stored,
  parameters: readonly string[],
): Promise<readonly (readonly Cell[])[]> {
  if (transaction !== undefined) {
    return (await database.run(READ, parameters, { transaction, signal })).rows;
  }
  if (stored.artifact.size <= LIMITS.blobLaneBytesMax) {
    return (await database.run(READ, parameters, { signal, reads: true })).rows;
  }
  const { rows } = await depotOf(database).inTurn(signal, () =>
    database.inTransaction((inner) => database.run(READ, parameters, { transaction: inner, signal }), {
      readOnly: true,
      signal,
    }),
  );
  return rows;
}

function verified({ artifact, chunkBytes }: Stored, ordinal: number, row: readonly Cell[]): Buffer {
  const [place, sha256, hex] = row;
  const data = Buffer.from(hex ?? '', 'hex');
  const size = Math.min(chunkBytes, artifact.size - ordinal * chunkBytes);
  if (Number(place) !== ordinal) throw corrupted(artifact.artifactId, `has no chunk ${ordinal}`);
  if (data.length !== size || sha256Of(data).toString('hex') !== sha256) {
    throw corrupted(artifact.artifactId, `has other bytes in chunk ${ordinal} than were stored`);
  }
  return data;
}

export const corrupted = (id: string, what: string): FacetError =>
  new FacetError('ARTIFACT_DAMAGED', `Artifact ${id} ${what}`);
