/**
 * Which member of a consumer group gets which partitions. Every partition has exactly one member, and members differ
 * by one partition at most.
 */

export type Strategy = 'round_robin' | 'range' | 'sticky';

export interface Assigned {
  readonly id: string;
  /** What it has, or had before. Ascending. */
  readonly partitions: readonly number[];
}

/**
 * Divides the partitions 0 to `partitions` - 1 among `members`, which stand by age.
 *
 * - `round_robin`: one after the other in turn;
 * - `range`: a run of neighbours each, the older ones one more where it does not come out even;
 * - `sticky`: everybody keeps as much as is fair of what they had, and only the rest moves.
 */
export function assign(strategy: Strategy, partitions: number, members: readonly Assigned[]): Assigned[] {
  if (members.length === 0) return [];
  if (strategy === 'range') return byRange(partitions, members);
  if (strategy === 'sticky') return sticky(partitions, members);
  return members.map(({ id }, place) => ({
    id,
    partitions: numbers(partitions).filter((partition) => partition % members.length === place),
  }));
}

function byRange(partitions: number, members: readonly Assigned[]): Assigned[] {
  const each = Math.floor(partitions / members.length);
  const more = partitions % members.length;
  let next = 0;
  return members.map(({ id }, place) => {
    const first = next;
    next += each + (place < more ? 1 : 0);
    return { id, partitions: numbers(partitions).slice(first, next) };
  });
}

function sticky(partitions: number, members: readonly Assigned[]): Assigned[] {
  const each = Math.floor(partitions / members.length);
  const free = new Set(numbers(partitions));
  let withOneMore = partitions % members.length;
  const kept = members.map(({ id, partitions: had }) => {
    const keeps = had.filter((partition) => free.has(partition)).slice(0, each);
    for (const partition of keeps) free.delete(partition);
    return { id, had, partitions: keeps };
  });
  // Those who had one more keep it, as long as somebody may have one more.
  for (const member of kept) {
    const extra = member.had.find((partition) => free.has(partition));
    if (withOneMore === 0 || member.partitions.length < each || extra === undefined) continue;
    member.partitions.push(extra);
    free.delete(extra);
    withOneMore--;
  }
  const rest = [...free];
  for (const member of kept) {
    while (member.partitions.length < each) member.partitions.push(rest.shift() ?? 0);
  }
  for (const member of kept) {
    const partition = rest[0];
    if (partition === undefined) break;
    if (member.partitions.length > each) continue;
    rest.shift();
    member.partitions.push(partition);
  }
  return kept.map(({ id, partitions: all }) => ({ id, partitions: all.sort((a, b) => a - b) }));
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
