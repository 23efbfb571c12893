/** Runs a scenario: warm-up, then rounds of ours and the peer by turns, then medians and their ratio. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Prepared, Round, Scenario, Side, Size, Surroundings } from './scenario.ts';
import { median, rounded } from './statistics.ts';

export interface Result {
  readonly scenario: string;
  readonly at: string;
  readonly commit: string;
  readonly node: string;
  readonly cores: number;
  readonly postgres: string;
  readonly smoke: boolean;
  readonly unit: string;
  readonly ours: Readonly<Record<string, number>>;
  readonly peer?: Readonly<Record<string, number>>;
  /** Rates of every round, in order: how much they differ is the noise of this run. */
  readonly oursRounds: readonly number[];
  readonly peerRounds?: readonly number[];
  /** Median over the rounds of ours through the peer's, each pair measured one right after the other. */
  readonly ratio?: number;
  readonly target: number;
  readonly rateAtLeast?: true;
  readonly met: boolean;
}

export interface Machine {
  readonly commit: string;
  readonly postgres: () => string;
}

export async function runScenario(
  scenario: Scenario,
  surroundings: Omit<Surroundings, 'defer'>,
  machine: Machine,
): Promise<Result> {
  const cleanups: (() => Promise<void>)[] = [];
  try {
    const defer = (cleanup: () => Promise<void>): void => {
      cleanups.push(cleanup);
    };
    const prepared = await scenario.prepare({ ...surroundings, defer });
    const { ours, peer } = await rounds(
      prepared,
      scenario.once === true ? { ...surroundings.size, rounds: 1, warmUpMs: 0 } : surroundings.size,
    );
    const last = (await prepared.finish?.()) ?? {};
    return result(scenario, surroundings.size, machine, ours, peer, last);
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

/** Who begins changes from round to round, so that neither side always has the warmer machine. */
async function rounds(prepared: Prepared, size: Size): Promise<{ ours: Round[]; peer: Round[] }> {
  const ours: Round[] = [];
  const peer: Round[] = [];
  const sides: [Side, Round[]][] = [[prepared.ours, ours]];
  if (prepared.peer !== undefined) sides.push([prepared.peer, peer]);
  if (size.warmUpMs > 0) for (const [side] of sides) await side.round(size.warmUpMs);
  for (let round = 0; round < size.rounds; round++) {
    for (const [side, results] of round % 2 === 0 ? sides : [...sides].reverse()) {
      results.push(await side.round(size.roundMs));
    }
  }
  return { ours, peer };
}

function result(
  scenario: Scenario,
  size: Size,
  machine: Machine,
  ours: readonly Round[],
  peer: readonly Round[],
  last: Readonly<Record<string, number>>,
): Result {
  const oursNumbers = { ...numbers(ours), ...last };
  const peerNumbers = peer.length === 0 ? undefined : numbers(peer);
  const ratio =
    peer.length === 0
      ? undefined
      : median(ours.map(({ rate }, round) => rate / (peer[round]?.rate ?? Number.NaN)));
  const inBounds = Object.entries(scenario.bounds ?? {}).every(
    ([name, most]) => (oursNumbers[name] ?? Number.POSITIVE_INFINITY) <= most,
  );
  const compared =
    scenario.rateAtLeast === true
      ? (oursNumbers.rate ?? 0) >= scenario.target
      : ratio === undefined
        ? (oursNumbers.rate ?? 0) <= scenario.target
        : ratio >= scenario.target;
  return {
    scenario: scenario.name,
    at: new Date().toISOString(),
    commit: machine.commit,
    node: process.version,
    cores: cpus().length,
    postgres: machine.postgres(),
    smoke: size.smoke,
    unit: scenario.unit,
    ours: oursNumbers,
    ...(peerNumbers === undefined ? {} : { peer: peerNumbers }),
    oursRounds: ours.map(({ rate }) => rounded(rate, 4)),
    ...(peer.length === 0 ? {} : { peerRounds: peer.map(({ rate }) => rounded(rate, 4)) }),
    ...(ratio === undefined ? {} : { ratio: rounded(ratio) }),
    target: scenario.target,
    ...(scenario.rateAtLeast === true ? { rateAtLeast: true } : {}),
    met: compared && inBounds,
  };
}

/** The median of each number over the rounds. */
function numbers(list: readonly Round[]): Record<string, number> {
  const names = new Set(list.flatMap(({ details }) => Object.keys(details ?? {})));
  const of = (name: string): number =>
    rounded(median(list.map(({ details }) => details?.[name] ?? Number.NaN)), 4);
  return {
    rate: rounded(median(list.map(({ rate }) => rate)), 4),
    ...Object.fromEntries([...names].map((name) => [name, of(name)])),
  };
}

/** One line of JSON on standard output, and the same in the file of the day. */
export function record(result: Result): void {
  const line = JSON.stringify(result);
  console.log(line);
  const folder = fileURLToPath(new URL('results', import.meta.url));
  mkdirSync(folder, { recursive: true });
  if (!result.smoke) appendFileSync(`${folder}/${result.at.slice(0, 10)}.jsonl`, `${line}\n`);
}

export function printTable(results: readonly Result[]): void {
  const rows = results.map((one) => [
    one.scenario,
    `${describe(one.ours)} ${one.unit}`,
    one.peer === undefined ? 'limit' : `${describe(one.peer)} ${one.unit}`,
    one.ratio === undefined ? '' : one.ratio.toFixed(2),
    targetOf(one),
    one.smoke ? '(smoke)' : one.met ? 'met' : 'MISSED',
  ]);
  const all = [['scenario', 'ours', 'peer', 'ratio', 'target', ''], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length))) ?? [];
  for (const row of all)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

function targetOf({ target, ratio, rateAtLeast }: Result): string {
  if (rateAtLeast === true) return `>= ${target.toLocaleString('en-US')}`;
  return ratio === undefined ? `<= ${target}` : `>= ${target.toFixed(2)}`;
}

/** The compared number first, then the details. */
function describe({ rate, ...details }: Readonly<Record<string, number>>): string {
  const others = Object.entries(details).map(([name, value]) => `${name} ${value}`);
  return `${(rate ?? 0).toLocaleString('en-US')}${others.length === 0 ? '' : ` (${others.join(', ')})`}`;
}
