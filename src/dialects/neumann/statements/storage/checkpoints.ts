/** CHECKPOINT, CHECKPOINT DELETE, CHECKPOINTS and ROLLBACK TO: restore points of the namespace. */
import { LIMITS } from '../../../../base/index.ts';
import {
  checkpointCreate,
  checkpointDelete,
  checkpointList,
  checkpointRollback,
} from '../../../../models/index.ts';
import type { StatementOf } from '../../../../nql/index.ts';
import type { Result } from '../../result.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { ask, EMPTY, valueResult } from './answers.ts';
import { secondsOf } from './blobs.ts';

async function create({ name }: StatementOf<'checkpoint-create'>, call: StatementCall): Promise<Result> {
  const { id } = await ask(call, checkpointCreate, name === undefined ? {} : { name: name.text });
  return valueResult(`Checkpoint created: ${id}`);
}

/** Every one of them was asked for: none is made by itself. */
async function list({ limit }: StatementOf<'checkpoint-list'>, call: StatementCall): Promise<Result> {
  const asked = Math.max(1, Math.min(limit, LIMITS.restorePointsMax));
  const { checkpoints } = await ask(call, checkpointList, { limit: asked });
  return {
    case: 'checkpointList',
    value: {
      checkpoints: checkpoints.slice(0, limit).map(({ id, name, createdAt }) => ({
        id,
        name,
        createdAt: secondsOf(Date.parse(createdAt)),
        isAuto: false,
      })),
    },
  };
}

type ByName = StatementOf<'checkpoint-restore' | 'checkpoint-delete'>;

async function remove({ checkpoint }: ByName, call: StatementCall): Promise<Result> {
  await ask(call, checkpointDelete, { checkpoint: checkpoint.text });
  return EMPTY;
}

async function restore({ checkpoint }: ByName, call: StatementCall): Promise<Result> {
  await ask(call, checkpointRollback, { checkpoint: checkpoint.text });
  return valueResult(`Rolled back to checkpoint: ${checkpoint.text}`);
}

export const CHECKPOINT_RUNNERS = {
  'checkpoint-create': { answers: () => 'value', run: create },
  'checkpoint-list': { answers: () => 'checkpointList', run: list },
  'checkpoint-restore': { answers: () => 'value', run: restore },
  'checkpoint-delete': { answers: () => 'empty', run: remove },
} as const satisfies Runners<
  'checkpoint-create' | 'checkpoint-list' | 'checkpoint-restore' | 'checkpoint-delete'
>;
