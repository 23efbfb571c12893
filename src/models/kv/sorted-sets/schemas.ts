/** Shapes of the commands on sorted sets. */
import { z } from 'zod';
import { keyInput } from '../entry.ts';

const count = z.int().min(0);
const member = z.string().describe('Text without NUL');
/** A double, or either infinity; NaN is none. */
const score = z
  .union([z.number(), z.literal(Number.POSITIVE_INFINITY), z.literal(Number.NEGATIVE_INFINITY)])
  .describe('A number or an infinity');
const scored = z.strictObject({ member, score });
export type Scored = z.infer<typeof scored>;
const rank = z.int().describe('0 is the first, -1 the last');

export const none = z.strictObject({});
export const oneKey = z.strictObject({ key: keyInput });
export type OneKey = z.infer<typeof oneKey>;
export const oneMember = z.strictObject({ key: keyInput, member });
export type OneMember = z.infer<typeof oneMember>;
export const manyMembers = z.strictObject({ key: keyInput, members: z.array(member) });
export type ManyMembers = z.infer<typeof manyMembers>;

export const addInput = z
  .strictObject({
    key: keyInput,
    members: z.array(scored).describe('Of equal members the last one counts'),
    nx: z.boolean().optional().describe('Only new members'),
    xx: z.boolean().optional().describe('Only members that are there'),
    gt: z.boolean().optional().describe('Of members that are there only to a greater score'),
    lt: z.boolean().optional().describe('Of members that are there only to a smaller score'),
    incr: z.boolean().optional().describe('Adds to the score; one member'),
  })
  .refine(({ nx, xx }) => !(nx === true && xx === true), 'nx and xx exclude each other')
  .refine(
    ({ nx, gt, lt }) => [nx, gt, lt].filter((flag) => flag === true).length < 2,
    'nx, gt and lt exclude each other',
  )
  .refine(({ incr, members }) => incr !== true || members.length === 1, 'incr takes one member');
export type AddInput = z.infer<typeof addInput>;
export const addResult = z.object({
  added: count,
  changed: count.describe('Members that were there and got another score'),
  score: score.nullable().describe('With incr the new score; null when a condition kept it as it was'),
});
export type AddResult = z.infer<typeof addResult>;
export const incrInput = z.strictObject({ key: keyInput, member, amount: score });
export type IncrInput = z.infer<typeof incrInput>;
export const incrResult = z.object({ score });
export type IncrResult = z.infer<typeof incrResult>;

export const removedResult = z.object({ removed: count });
export type RemovedResult = z.infer<typeof removedResult>;
export const scoreResult = z.object({ exists: z.boolean(), score: score.nullable() });
export type ScoreResult = z.infer<typeof scoreResult>;
export const scoresResult = z.object({ scores: z.array(score.nullable()) });
export type ScoresResult = z.infer<typeof scoresResult>;
export const countResult = z.object({ exists: z.boolean(), count });
export type CountResult = z.infer<typeof countResult>;
export const rankResult = z.object({ exists: z.boolean(), rank: count.nullable() });
export type RankResult = z.infer<typeof rankResult>;

export const rankRange = z.strictObject({
  key: keyInput,
  start: rank.optional().describe('The first when absent'),
  stop: rank.optional().describe('Inclusive; the last when absent'),
});
export type RankRange = z.infer<typeof rankRange>;
const scoreBounds = {
  key: keyInput,
  min: score.optional().describe('Minus infinity when absent'),
  max: score.optional().describe('Infinity when absent'),
  minExclusive: z.boolean().optional(),
  maxExclusive: z.boolean().optional(),
};
export const scoreRange = z.strictObject(scoreBounds);
export type ScoreRange = z.infer<typeof scoreRange>;
export const scorePage = z.strictObject({
  ...scoreBounds,
  offset: count.optional(),
  count: count.optional(),
});
export type ScorePage = z.infer<typeof scorePage>;
export const membersResult = z.object({ exists: z.boolean(), members: z.array(scored) });
export type MembersResult = z.infer<typeof membersResult>;
export const popInput = z.strictObject({ key: keyInput, count: count.optional().describe('1 when absent') });
export type PopInput = z.infer<typeof popInput>;

export const diffInput = z.strictObject({ destination: keyInput, keys: z.array(keyInput) });
export type DiffInput = z.infer<typeof diffInput>;
export const storeInput = z
  .strictObject({
    destination: keyInput,
    keys: z.array(keyInput).describe('Sorted sets, or sets, whose members score 1'),
    weights: z.array(score).optional().describe('Factors of the scores, one for each key'),
    aggregate: z.enum(['sum', 'min', 'max']).optional(),
  })
  .refine(
    ({ keys, weights }) => weights === undefined || weights.length === keys.length,
    'there must be as many weights as keys',
  );
export type StoreInput = z.infer<typeof storeInput>;
export const storeResult = z.object({ count });
export type StoreResult = z.infer<typeof storeResult>;
