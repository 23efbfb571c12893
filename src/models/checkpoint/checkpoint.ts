/** Restore points of the caller's namespace. The engine makes them; here is who may and what a name is. */
import { FacetError, LIMITS, timestamp } from '../../base/index.ts';
import type { RestorePoint } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import type {
  CreateInput,
  CreateResult,
  DeleteResult,
  ListInput,
  ListResult,
  NameInput,
  RollbackResult,
} from './schemas.ts';

const LONE_SURROGATE = /\p{Surrogate}/u;
/** A name of this form would be taken for an id. */
const LIKE_AN_ID = /^rp_[0-9a-f]{12}$/;

/** Waits for what is under way in the namespace, and breaks off what takes too long. @throws as RestorePoints.create */
export async function create(context: OperationContext, { name }: CreateInput): Promise<CreateResult> {
  refuseTransaction(context);
  if (name !== undefined) checkName(name);
  const { store, database } = context;
  const made = await store.restorePoints.create(database.namespace, name);
  return { ...shown(made), pausedMs: made.pausedMs };
}

export async function list({ store, database }: OperationContext, { limit }: ListInput): Promise<ListResult> {
  const points = await store.restorePoints.list(database.namespace);
  return {
    checkpoints: points.slice(0, limit ?? points.length).map(shown),
    totalBytes: points.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** @throws RESTORE_POINT_NOT_FOUND */
export async function remove(
  { store, database }: OperationContext,
  { checkpoint }: NameInput,
): Promise<DeleteResult> {
  const { id, name } = await store.restorePoints.drop(database.namespace, checkpoint);
  return { id, name, deleted: true };
}

/** The namespace has the content of that moment again; what came after it is gone. @throws as RestorePoints.rollBack */
export async function rollBack(
  context: OperationContext,
  { checkpoint }: NameInput,
): Promise<RollbackResult> {
  refuseTransaction(context);
  const { store, database } = context;
  const { point, pausedMs } = await store.restorePoints.rollBack(database.namespace, checkpoint);
  return { ...shown(point), pausedMs };
}

const shown = ({ id, name, createdAtMs, bytes }: RestorePoint) => ({
  id,
  name,
  createdAt: timestamp(createdAtMs),
  bytes,
});

function refuseTransaction({ transaction }: OperationContext): void {
  if (transaction === undefined) return;
  throw new FacetError(
    'INVALID_TRANSACTION_STATE',
    'Restore points concern the whole namespace: not in a transaction',
    {
      hint: 'Commit or roll back the transaction first.',
    },
  );
}

/** @throws INVALID_PARAMETER */
function checkName(name: string): void {
  const wrong =
    name.includes('\0') || LONE_SURROGATE.test(name)
      ? 'cannot hold the character NUL or half of a surrogate pair'
      : LIKE_AN_ID.test(name)
        ? 'looks like an id'
        : Buffer.byteLength(name) > LIMITS.restorePointNameBytesMax
          ? `is longer than ${LIMITS.restorePointNameBytesMax} bytes`
          : undefined;
  if (wrong !== undefined) throw new FacetError('INVALID_PARAMETER', `The name of a restore point ${wrong}`);
}
