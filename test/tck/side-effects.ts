/**
 * Side effects as the TCK means them: the net difference of two snapshots, whatever happened between. What was made
 * and deleted again leaves nothing; a changed property is one less and one more.
 */
import type { GraphSnapshot } from './engine.ts';
import type { Table } from './gherkin.ts';

const KINDS = ['nodes', 'relationships', 'labels', 'properties'] as const;

/** Counts by `+nodes`, `-properties` and so on. What is not there is zero. */
export type SideEffects = ReadonlyMap<string, number>;

export class SideEffectsError extends Error {}

export const NO_SIDE_EFFECTS: SideEffects = new Map();

export function sideEffectsBetween(before: GraphSnapshot, after: GraphSnapshot): SideEffects {
  const effects = new Map<string, number>();
  for (const kind of KINDS) {
    const made = countMissing(after[kind], before[kind]);
    const gone = countMissing(before[kind], after[kind]);
    if (made > 0) effects.set(`+${kind}`, made);
    if (gone > 0) effects.set(`-${kind}`, gone);
  }
  return effects;
}

function countMissing(members: ReadonlySet<bigint | string>, others: ReadonlySet<bigint | string>): number {
  let count = 0;
  for (const member of members) if (!others.has(member)) count++;
  return count;
}

/** Reads a table of two columns, name and number. */
export function parseSideEffects(table: Table): SideEffects {
  const effects = new Map<string, number>();
  for (const [name = '', count = '', ...more] of table) {
    const isKnown = /^[+-]/.test(name) && KINDS.some((kind) => kind === name.slice(1));
    if (!isKnown || more.length > 0 || !/^\d+$/.test(count) || effects.has(name)) {
      throw new SideEffectsError(`no side effect: ${[name, count, ...more].join(' | ')}`);
    }
    effects.set(name, Number(count));
  }
  return effects;
}

/** Undefined if both are the same, else the counts that differ. */
export function sideEffectsDifference(expected: SideEffects, actual: SideEffects): string | undefined {
  const names = KINDS.flatMap((kind) => [`+${kind}`, `-${kind}`]);
  const differences = names
    .map((name) => ({ name, wanted: expected.get(name) ?? 0, given: actual.get(name) ?? 0 }))
    .filter(({ wanted, given }) => wanted !== given)
    .map(({ name, wanted, given }) => `${name} is ${given}, expected ${wanted}`);
  return differences.length === 0 ? undefined : `side effects: ${differences.join('; ')}`;
}
