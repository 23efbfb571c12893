/** CHECKPOINT, CHECKPOINT DELETE, CHECKPOINTS and ROLLBACK TO: states of the data to come back to. */
import { LIMITS } from '../../base/index.ts';
import type { Form } from '../form.ts';
import { readClauses } from '../syntax/clauses.ts';
import { type Key, key } from '../syntax/names.ts';
import { limitClause } from '../syntax/paging.ts';
import type { Reader } from '../syntax/reader.ts';

export interface CheckpointCreate {
  readonly kind: 'checkpoint-create';
  readonly name: Key | undefined;
}

export interface CheckpointList {
  readonly kind: 'checkpoint-list';
  readonly limit: number;
}

export interface CheckpointByName {
  readonly kind: 'checkpoint-restore' | 'checkpoint-delete';
  /** A name or an id. */
  readonly checkpoint: Key;
}

const NAMED = 'the name or the id of a checkpoint in quotes';

/** DELETE alone is a name, as any other word. */
export function checkpointStatement(reader: Reader): CheckpointCreate | CheckpointByName {
  if (reader.isWord('DELETE') && reader.peek(1).kind !== 'end' && !reader.is(';', 1)) {
    reader.advance();
    return { kind: 'checkpoint-delete', checkpoint: key(reader, NAMED) };
  }
  const isNamed = !reader.isAtEnd && !reader.is(';');
  return { kind: 'checkpoint-create', name: isNamed ? key(reader, 'the name of the checkpoint') : undefined };
}

export function checkpointsStatement(reader: Reader): CheckpointList {
  let limit: number = LIMITS.nqlTopDefault;
  readClauses(reader, [
    limitClause(reader, (found) => {
      limit = found;
    }),
  ]);
  return { kind: 'checkpoint-list', limit };
}

/** Behind ROLLBACK. */
export function rollbackStatement(reader: Reader): CheckpointByName {
  reader.expectWord('TO');
  return { kind: 'checkpoint-restore', checkpoint: key(reader, NAMED) };
}

const BEFORE = "CHECKPOINT 'before-migration'";

export const CHECKPOINT_FORMS = [
  {
    name: 'CHECKPOINT',
    kind: 'checkpoint-create',
    syntax: 'CHECKPOINT [name]',
    summary: 'Keeps the present state of the data. Answers its id.',
    examples: [{ statement: BEFORE }],
  },
  {
    name: 'CHECKPOINTS',
    kind: 'checkpoint-list',
    syntax: 'CHECKPOINTS [LIMIT n]',
    summary: 'Answers the checkpoints, the newest first, 10 unless LIMIT says another number.',
    examples: [{ setup: [BEFORE], statement: 'CHECKPOINTS LIMIT 5' }],
  },
  {
    name: 'ROLLBACK TO',
    kind: 'checkpoint-restore',
    syntax: 'ROLLBACK TO name | id',
    summary: 'Puts the data back into the state of a checkpoint.',
    examples: [{ setup: [BEFORE], statement: "ROLLBACK TO 'before-migration'" }],
  },
  {
    name: 'CHECKPOINT DELETE',
    kind: 'checkpoint-delete',
    syntax: 'CHECKPOINT DELETE name | id',
    summary: 'Removes a checkpoint, which takes as much of the disk as the data had. Needs the role admin.',
    examples: [{ setup: [BEFORE], statement: "CHECKPOINT DELETE 'before-migration'" }],
  },
] as const satisfies readonly Form[];
