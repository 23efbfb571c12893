/** What the kernel tells of a process. */
import { readFileSync } from 'node:fs';
import { childrenOf } from './pin.ts';
import type { Round } from './scenario.ts';

/** Ticks of a second in /proc, the same on every Linux that Node.js runs on. */
const TICKS = 100;

/** Resident memory in MB. */
export function memoryMb(pid: number): number {
  const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** Time on a core so far, in milliseconds, in steps of ten. */
export function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (((user ?? 0) + (system ?? 0)) * 1000) / TICKS;
}

/** As processorMs, with all that descends from it and is alive. */
function treeMs(pid: number): number {
  let sum = 0;
  for (const pids = [pid]; ; ) {
    const next = pids.pop();
    if (next === undefined) return sum;
    try {
      sum += processorMs(next);
      pids.push(...childrenOf(next));
    } catch {
      // It has ended meanwhile.
    }
  }
}

/**
 * A round with the time on a core that one unit of its rate took of each of `pids` and what descends from them, in
 * microseconds. Unlike the rate it hardly depends on what else the machine does.
 */
export async function withCosts(
  pids: Readonly<Record<string, number>>,
  round: () => Promise<Round>,
): Promise<Round> {
  if (process.platform !== 'linux') return await round();
  const before = Object.values(pids).map(treeMs);
  const startedAt = performance.now();
  const { rate, details } = await round();
  const units = (rate * (performance.now() - startedAt)) / 1000;
  const costs = Object.entries(pids).map(([name, pid], n) => [
    `${name}Us`,
    ((treeMs(pid) - (before[n] ?? 0)) * 1000) / units,
  ]);
  return { rate, details: { ...details, ...Object.fromEntries(costs) } };
}
