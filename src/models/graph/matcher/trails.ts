/**
 * Trails from one node to another, shorter ones first: for conditions that only a whole path can answer. All trails of
 * a length are made from those that are one shorter, so this costs as much as there are trails.
 */
import type { Relationship } from '../../../cypher/index.ts';
import type { SearchGraph, TakenStep } from './search-graph.ts';

interface Trail {
  readonly at: number;
  /** The last relationship, and what was before it. Undefined for the trail that has none yet. */
  readonly last: { readonly relationship: Relationship; readonly before: Trail } | undefined;
}

export interface TrailBounds {
  /** Trails that are not longer than this are not wanted. */
  readonly beyond: number;
  readonly max: number;
}

/** Trails of the same length come together. No relationship is used twice in one, nodes may be. */
export async function* trailsBetween(
  graph: SearchGraph,
  start: number,
  end: number,
  { beyond, max }: TrailBounds,
  passing: (steps: readonly TakenStep[]) => Promise<readonly TakenStep[]>,
): AsyncGenerator<readonly (readonly Relationship[])[]> {
  const steps = new Map<number, TakenStep[]>();
  let level: readonly Trail[] = [{ at: start, last: undefined }];
  for (let length = 1; length <= max && level.length > 0; length++) {
    const fresh = [...new Set(level.map(({ at }) => at))].filter((id) => !steps.has(id));
    for (const id of fresh) steps.set(id, []);
    if (fresh.length > 0) {
      for (const step of await passing(await graph.steps('start', fresh))) steps.get(step.from)?.push(step);
    }
    const next: Trail[] = [];
    for (const before of level) {
      const made = next.length;
      for (const { to, relationship } of steps.get(before.at) ?? []) {
        if (!uses(before, relationship)) next.push({ at: to, last: { relationship, before } });
      }
      graph.account(next.length - made);
    }
    const arrived = length > beyond ? next.filter(({ at }) => at === end) : [];
    if (arrived.length > 0) yield arrived.map(relationshipsOf);
    level = next;
  }
}

function uses(trail: Trail, relationship: Relationship): boolean {
  for (let { last } = trail; last !== undefined; { last } = last.before) {
    if (last.relationship === relationship) return true;
  }
  return false;
}

function relationshipsOf(trail: Trail): Relationship[] {
  const relationships: Relationship[] = [];
  for (let { last } = trail; last !== undefined; { last } = last.before)
    relationships.push(last.relationship);
  return relationships.reverse();
}
