/** Reading sorted sets: one score by batches, ranges within bounds, ranks. */
import type { FacetError } from '../../../base/index.ts';
import { arrayLiteral, type Cell, type Parameter, type Statement, statement } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { boundedRead, checkText, type Elements, fromHead, readElements, sizeOf } from '../collection.ts';
import { checkCount, kindName, type StoredKey, storedKey, wrongType } from '../entry.ts';
import { type BatchKind, keyspaceOf } from '../keyspace.ts';
import type {
  CountResult,
  ManyMembers,
  MembersResult,
  OneKey,
  OneMember,
  RankRange,
  RankResult,
  ScorePage,
  ScoreRange,
  ScoreResult,
  ScoresResult,
} from './schemas.ts';
import { scoreOf } from './score.ts';
import { boundsOf } from './write.ts';

interface MemberItem {
  readonly stored: StoredKey;
  readonly member: string;
}

const SCORE = statement(
  'sortedset.zscore',
  `SELECT given.n, e.kind, m.score
   FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given (k, member, n)
   JOIN kv.entry AS e ON e.key = given.k AND kv.live(e.expires_at)
   LEFT JOIN kv.sorted_set_member AS m
     ON m.entry_id = e.id AND kv.element_key(m.member) COLLATE "C" = kv.element_key(given.member)`,
);

const SCORES: BatchKind<MemberItem, ScoreResult> = {
  name: 'sortedset.zscore',
  reads: true,
  bytesOf: ({ member }) => member.length,
  mergeable: () => true,
  run: async (run, items) => {
    const keys = arrayLiteral(items.map(({ stored }) => stored.key));
    const { rows } = await run(SCORE, [keys, arrayLiteral(items.map(({ member }) => member))]);
    const found = new Map(rows.map((row) => [Number(row[0]), row]));
    return items.map(({ stored }, n) => answerOf(stored, found.get(n + 1)));
  },
};

function answerOf(stored: StoredKey, row: readonly Cell[] | undefined): ScoreResult | FacetError {
  if (row === undefined) return { exists: false, score: null };
  const [, kind, score = null] = row;
  const found = kindName(kind);
  if (found !== 'zset') return wrongType(stored.longKey ?? stored.key, found, 'zset');
  return { exists: true, score: score === null ? null : scoreOf(score) };
}

const MANY_SCORES = boundedRead(
  'sortedset.zmscore',
  'member, score',
  'octet_length(member)',
  `SELECT m.member, m.score FROM unnest($2::text[]) AS given (name) JOIN e ON true JOIN kv.sorted_set_member AS m
     ON m.entry_id = e.id AND kv.element_key(m.member) COLLATE "C" = kv.element_key(given.name)`,
);
const RANGE = boundedRead(
  'sortedset.zrange',
  'found_member, found_score',
  'octet_length(found_member)',
  `SELECT r.found_member, r.found_score FROM e CROSS JOIN LATERAL kv.rank_range(
     e.id, e.size, greatest(${fromHead('$2')}, 0), least(${fromHead('$3')}, e.size - 1)) AS r`,
);
const REVERSE_RANGE = boundedRead(
  'sortedset.zrevrange',
  'found_member, found_score',
  'octet_length(found_member)',
  `SELECT r.found_member, r.found_score FROM e CROSS JOIN LATERAL kv.rank_range(
     e.id, e.size, e.size - 1 - least(${fromHead('$3')}, e.size - 1), e.size - 1 - greatest(${fromHead('$2')}, 0)) AS r`,
);
const IN_SCORES = `m.score >= $2::double precision AND m.score <= $3::double precision
  AND NOT ($4::bool AND m.score = $2::double precision) AND NOT ($5::bool AND m.score = $3::double precision)`;
const SCORE_RANGE = boundedRead(
  'sortedset.zrangebyscore',
  'member, score',
  'octet_length(member)',
  `SELECT m.member, m.score FROM e JOIN kv.sorted_set_member AS m ON m.entry_id = e.id AND ${IN_SCORES}
   ORDER BY m.score, kv.element_key(m.member) COLLATE "C" OFFSET $6::bigint LIMIT $7::bigint`,
);
const COUNT = boundedRead(
  'sortedset.zcount',
  'members',
  '0',
  `SELECT count(*) AS members FROM e JOIN kv.sorted_set_member AS m ON m.entry_id = e.id AND ${IN_SCORES}`,
);
const RANK = boundedRead(
  'sortedset.zrank',
  'rank, size',
  '0',
  `SELECT kv.rank_of(e.id, m.score, m.member) AS rank, e.size FROM e JOIN kv.sorted_set_member AS m
     ON m.entry_id = e.id AND kv.element_key(m.member) COLLATE "C" = kv.element_key($2)`,
);

async function readMembers(
  context: OperationContext,
  read: Statement,
  key: string,
  parameters: readonly Parameter[],
): Promise<MembersResult> {
  const { exists, rows }: Elements = await readElements(context, read, storedKey(key), 'zset', parameters);
  return {
    exists,
    members: rows.map(([member, score]) => ({ member: member ?? '', score: scoreOf(score) })),
  };
}

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function zscore(context: OperationContext, input: OneMember): Promise<ScoreResult> {
  const item = { stored: storedKey(input.key), member: checkText(input.member, 'A member') };
  return keyspaceOf(context.database).submit(context, SCORES, item);
}

/** Scores in the order of the members, null for missing ones. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE */
export async function zmscore(context: OperationContext, input: ManyMembers): Promise<ScoresResult> {
  checkCount(input.members.length, 'members');
  for (const member of input.members) checkText(member, 'A member');
  const names = arrayLiteral([...new Set(input.members)]);
  const { members } = await readMembers(context, MANY_SCORES, input.key, [names]);
  const found = new Map(members.map(({ member, score }) => [member, score]));
  return { scores: input.members.map((member) => found.get(member) ?? null) };
}

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function zcard(context: OperationContext, { key }: OneKey): Promise<CountResult> {
  const { exists, size } = await sizeOf(context, storedKey(key), 'zset');
  return { exists, count: size };
}

const ranksOf = ({ start = 0, stop = -1 }: RankRange): string[] => [String(start), String(stop)];

/** By rank, from the lowest score. @throws INVALID_PARAMETER, WRONG_TYPE, RESULT_TOO_LARGE */
export async function zrange(context: OperationContext, input: RankRange): Promise<MembersResult> {
  return readMembers(context, RANGE, input.key, ranksOf(input));
}

/** By rank, from the highest score. @throws as `zrange` */
export async function zrevrange(context: OperationContext, input: RankRange): Promise<MembersResult> {
  const { exists, members } = await readMembers(context, REVERSE_RANGE, input.key, ranksOf(input));
  return { exists, members: [...members].reverse() };
}

/** From the lowest score. @throws as `zrange` */
export async function zrangebyscore(context: OperationContext, input: ScorePage): Promise<MembersResult> {
  const page = [String(input.offset ?? 0), input.count === undefined ? null : String(input.count)];
  return readMembers(context, SCORE_RANGE, input.key, [...boundsOf(input), ...page]);
}

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function zcount(context: OperationContext, input: ScoreRange): Promise<CountResult> {
  const { exists, rows } = await readElements(context, COUNT, storedKey(input.key), 'zset', boundsOf(input));
  return { exists, count: Number(rows[0]?.[0] ?? 0) };
}

const ranker =
  (fromHighest: boolean) =>
  async (context: OperationContext, input: OneMember): Promise<RankResult> => {
    const member = checkText(input.member, 'A member');
    const { exists, rows } = await readElements(context, RANK, storedKey(input.key), 'zset', [member]);
    const [found] = rows;
    if (found === undefined) return { exists, rank: null };
    const rank = Number(found[0]);
    return { exists, rank: fromHighest ? Number(found[1]) - 1 - rank : rank };
  };

/** How many members come before it; null: it is not there. @throws INVALID_PARAMETER, WRONG_TYPE */
export const zrank = ranker(false);
/** How many members come behind it. @throws as `zrank` */
export const zrevrank = ranker(true);
