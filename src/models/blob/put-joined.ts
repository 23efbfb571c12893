/** Storing an artifact as part of a transaction that the caller has open: all of it, or nothing. */
import type { OperationContext } from '../operation.ts';
import type { ChunkBatch } from './chunk-batch.ts';
import { ARTIFACT_ADD, STORE } from './statements.ts';

/** When it was made. Behind a savepoint, so that the transaction goes on when it fails. */
export async function putJoined(
  { database, transaction, signal }: OperationContext,
  id: string,
  description: readonly (string | Uint8Array)[],
  batches: readonly ChunkBatch[],
): Promise<number> {
  return database.inTransaction(
    async (inner) => {
      const options = { transaction: inner, signal };
      for (const batch of batches) {
        await database.run(STORE, [id, String(batch.firstOrdinal), ...batch.parameters()], options);
      }
      const { rows } = await database.run(ARTIFACT_ADD, [id, ...description], options);
      return Number(rows[0]?.[0]);
    },
    { transaction, signal },
  );
}
