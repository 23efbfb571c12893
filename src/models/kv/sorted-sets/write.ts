/** Writing sorted sets: a single member without conditions by batches, everything else by one statement. */
import { FacetError } from '../../../base/index.ts';
import { arrayLiteral, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { answered, calledBatch, checkText, textsOf } from '../collection.ts';
import { checkCount, type StoredKey, shown, storedKey } from '../entry.ts';
import { keyspaceOf } from '../keyspace.ts';
import type {
  AddInput,
  AddResult,
  IncrInput,
  IncrResult,
  ManyMembers,
  MembersResult,
  PopInput,
  RankRange,
  RemovedResult,
  Scored,
  ScoreRange,
} from './schemas.ts';
import { scoreOf, scoreText } from './score.ts';

interface AddItem {
  readonly stored: StoredKey;
  readonly member: string;
  readonly score: number;
}

const ADDS = calledBatch<AddItem, AddResult>({
  name: 'sortedset.zadd',
  call: 'kv.zadd(k, long_k, ARRAY[member], ARRAY[score], false, false, false, false)',
  columns: [
    ['member', 'text'],
    ['score', 'double precision'],
  ],
  cells: ({ member, score }) => [member, scoreText(score)],
  wanted: 'zset',
  result: ([, added, changed]) => ({ added: Number(added), changed: Number(changed), score: null }),
});

const ADD = statement(
  'sortedset.zadd_many',
  'SELECT * FROM kv.zadd($1, $2, $3::text[], $4::double precision[], $5::bool, $6::bool, $7::bool, $8::bool)',
);
const INCR = statement(
  'sortedset.zincrby',
  'SELECT * FROM kv.zincr($1, $2, $3, $4::double precision, $5::bool, $6::bool, $7::bool, $8::bool)',
);
const REM = statement('sortedset.zrem', 'SELECT kv.zrem($1, $2::text[])');
const POP = statement('sortedset.zpop', 'SELECT * FROM kv.zpop($1, $2::bool, $3::bigint)');
const REM_RANKS = statement(
  'sortedset.zremrangebyrank',
  'SELECT kv.zremrangebyrank($1, $2::bigint, $3::bigint)',
);
const REM_SCORES = statement(
  'sortedset.zremrangebyscore',
  'SELECT kv.zremrangebyscore($1, $2::double precision, $3::double precision, $4::bool, $5::bool)',
);

/**
 * Adds members, or gives them other scores.
 * @throws INVALID_PARAMETER also when a sum is not a number, LIMIT_EXCEEDED, VALUE_TOO_LARGE, WRONG_TYPE
 */
export async function zadd(context: OperationContext, input: AddInput): Promise<AddResult> {
  checkCount(input.members.length, 'members');
  const stored = storedKey(input.key);
  for (const { member } of input.members) checkText(member, 'A member');
  const flags = [input.nx, input.xx, input.gt, input.lt].map((flag) => flag === true);
  const [only] = input.members;
  if (input.incr === true && only !== undefined) {
    const score = await incr(context, stored, only, flags);
    return { added: 0, changed: 0, score };
  }
  const space = keyspaceOf(context.database);
  if (input.members.length === 1 && only !== undefined && !flags.includes(true)) {
    return space.submit(context, ADDS, { stored, ...only });
  }
  const members = distinct(input);
  const { rows } = await space.runElements(context, stored, members.length, ADD, [
    stored.key,
    stored.longKey,
    arrayLiteral(members.map(({ member }) => member)),
    arrayLiteral(members.map(({ score }) => scoreText(score))),
    ...flags.map(String),
  ]);
  const [, added, changed] = answered(rows, stored, 'zset');
  return { added: Number(added), changed: Number(changed), score: null };
}

/** Each member once, with the score that it would have in the end. */
function distinct({ members, nx, gt, lt }: AddInput): readonly Scored[] {
  const scores = new Map<string, number>();
  for (const { member, score } of members) {
    const before = scores.get(member);
    const keep =
      before !== undefined &&
      (nx === true || (gt === true && score <= before) || (lt === true && score >= before));
    if (!keep) scores.set(member, score);
  }
  return [...scores].map(([member, score]) => ({ member, score }));
}

async function incr(
  context: OperationContext,
  stored: StoredKey,
  { member, score }: Scored,
  flags: readonly boolean[],
): Promise<number | null> {
  const parameters = [stored.key, stored.longKey, member, scoreText(score), ...flags.map(String)];
  const { rows } = await keyspaceOf(context.database).run(context, [stored], INCR, parameters);
  const [status, total = null] = answered(rows, stored, 'zset');
  if (status === '2') {
    throw new FacetError(
      'INVALID_PARAMETER',
      `Adding ${score} to the score of '${shown(member)}' gives no number`,
    );
  }
  return total === null ? null : scoreOf(total);
}

/** A missing member begins with 0. @throws as `zadd` */
export async function zincrby(context: OperationContext, input: IncrInput): Promise<IncrResult> {
  const stored = storedKey(input.key);
  const scored = { member: checkText(input.member, 'A member'), score: input.amount };
  const score = await incr(context, stored, scored, [false, false, false, false]);
  return { score: score ?? 0 };
}

/** @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE */
export async function zrem(context: OperationContext, input: ManyMembers): Promise<RemovedResult> {
  checkCount(input.members.length, 'members');
  const stored = storedKey(input.key);
  for (const member of input.members) checkText(member, 'A member');
  const parameters = [stored.key, arrayLiteral(input.members)];
  const space = keyspaceOf(context.database);
  const { rows } = await space.runElements(context, stored, input.members.length, REM, parameters);
  return { removed: Number(answered(rows, stored, 'zset')[0]) };
}

const popper =
  (highest: boolean) =>
  async (context: OperationContext, { key, count = 1 }: PopInput): Promise<MembersResult> => {
    if (count > 0) checkCount(count, 'members');
    const stored = storedKey(key);
    const parameters = [stored.key, String(highest), String(count)];
    const space = keyspaceOf(context.database);
    const { rows } = await space.runElements(context, stored, count, POP, parameters);
    const [status, popped] = answered(rows, stored, 'zset');
    const pairs = textsOf(popped) as readonly unknown[] as readonly (readonly [string, string])[];
    return {
      exists: status === '1',
      members: pairs.map(([member, score]) => ({ member, score: scoreOf(score) })),
    };
  };

/** Takes the members with the lowest scores. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE */
export const zpopmin = popper(false);
/** Takes the members with the highest scores, the highest first. @throws as `zpopmin` */
export const zpopmax = popper(true);

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function zremrangebyrank(context: OperationContext, input: RankRange): Promise<RemovedResult> {
  const stored = storedKey(input.key);
  const parameters = [stored.key, String(input.start ?? 0), String(input.stop ?? -1)];
  const space = keyspaceOf(context.database);
  const { rows } = await space.runApart(context, [stored], REM_RANKS, parameters);
  return { removed: Number(answered(rows, stored, 'zset')[0]) };
}

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function zremrangebyscore(context: OperationContext, input: ScoreRange): Promise<RemovedResult> {
  const stored = storedKey(input.key);
  const space = keyspaceOf(context.database);
  const parameters = [stored.key, ...boundsOf(input)];
  const { rows } = await space.runApart(context, [stored], REM_SCORES, parameters);
  return { removed: Number(answered(rows, stored, 'zset')[0]) };
}

/** The parameters of a range of scores: lowest, highest, and whether each is left out. */
export const boundsOf = (range: ScoreRange): string[] => [
  scoreText(range.min ?? Number.NEGATIVE_INFINITY),
  scoreText(range.max ?? Number.POSITIVE_INFINITY),
  String(range.minExclusive === true),
  String(range.maxExclusive === true),
];
