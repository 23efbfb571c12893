/**
 * FIND … SIMILAR TO: what passes the condition and the connection, in the order of its likeness. Two ways, and one
 * answer: when few pass, exactly those are measured; else the nearest embeddings are asked for, more than are wanted,
 * and those of them are taken that pass, and more again when too few do.
 *
 * What is answered holds in one snapshot: it passes there, and its score is that of its vector there. The search for the
 * nearest of all embeddings goes by their index, which no snapshot has; so what was stored while the statement ran, or is
 * overlooked by an approximate index, may be missing.
 */
import { FacetError, LIMITS } from '../../../../base/index.ts';
import type { StatementCall } from '../../statement-call.ts';
import { assertResults, byScore, nearest, nearestAmong, type Wanted } from './nearest.ts';

/** A node or a row that belongs to an entity. */
export interface Candidate<Id> {
  readonly id: Id;
  /** Of its entity. */
  readonly key: string;
}

export interface Ranked<Id> extends Candidate<Id> {
  readonly score: number;
}

/** The parts of a FIND that are not about likeness: what passes them. */
export interface Source<Id> {
  /** All that pass; undefined when there are more than `most`. */
  all(inside: StatementCall, most: number): Promise<readonly Candidate<Id>[] | undefined>;
  /** Those that pass among entities of these keys. */
  among(inside: StatementCall, keys: readonly string[]): Promise<readonly Candidate<Id>[]>;
  /** Orders what is equally good. */
  compare(a: Id, b: Id): number;
  /** Nothing restricts it: then nearly every embedding is one of a candidate. */
  readonly isUnrestricted: boolean;
}

/** How many of the nearest are asked for first, for each one that is wanted. */
const MARGIN = 4;
const FIRST_MIN = 64;
const MORE = 4;

/**
 * The best `count` that pass.
 * @param outer sees the index of the embeddings; `inside` is the snapshot
 * @throws LIMIT_EXCEEDED, and what searches throw
 */
export async function ranked<Id>(
  { outer, inside }: { readonly outer: StatementCall; readonly inside: StatementCall },
  source: Source<Id>,
  wanted: Wanted,
  count: number,
): Promise<readonly Ranked<Id>[]> {
  assertResults(count);
  const few = source.isUnrestricted ? undefined : await source.all(inside, LIMITS.nqlFindFewMax);
  if (few !== undefined) return await measured(inside, source, wanted, count, few);

  const passing: Candidate<Id>[] = [];
  let seen: ReadonlySet<string> = new Set();
  for (let size = Math.max(FIRST_MIN, count * MARGIN); ; size *= MORE) {
    const asked = Math.min(size, LIMITS.vectorTopKMax);
    const near = await nearest(outer, wanted, asked);
    const fresh = near.map(({ key }) => key).filter((key) => !seen.has(key));
    seen = new Set(near.map(({ key }) => key));
    passing.push(...(fresh.length === 0 ? [] : await source.among(inside, fresh)));
    const isWhole = near.length < asked;
    if (isWhole || passing.length >= count) {
      const best = await measured(inside, source, wanted, count, passing);
      if (isWhole || best.length >= count) return best;
    }
    if (asked === LIMITS.vectorTopKMax) break;
  }

  const all = await source.all(inside, LIMITS.nqlFindCandidatesMax);
  if (all !== undefined) return await measured(inside, source, wanted, count, all);
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `The ${LIMITS.vectorTopKMax} most similar embeddings (vectorTopKMax) have too few that pass, and more than ${LIMITS.nqlFindCandidatesMax} pass (nqlFindCandidatesMax)`,
    { hint: 'A narrower condition, or a smaller LIMIT and OFFSET, has an answer.' },
  );
}

async function measured<Id>(
  inside: StatementCall,
  source: Source<Id>,
  wanted: Wanted,
  count: number,
  candidates: readonly Candidate<Id>[],
): Promise<readonly Ranked<Id>[]> {
  const byKey = new Map<string, Id[]>();
  for (const { id, key } of candidates) {
    const ids = byKey.get(key);
    if (ids === undefined) byKey.set(key, [id]);
    else ids.push(id);
  }
  const best = await nearestAmong(inside, wanted, count, [...byKey.keys()]);
  return best
    .sort(byScore)
    .flatMap(({ key, score }) =>
      [...(byKey.get(key) ?? [])].sort(source.compare).map((id) => ({ id, key, score })),
    )
    .slice(0, count);
}
