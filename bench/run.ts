/**
 * `npm run bench`: every scenario, or those that are named (`npm run bench -- engine-lane`). `--smoke` runs each for
 * a moment, to see that the programs still work. Ends with code 1 when a program fails, not when a target is missed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printTable, type Result, record, runScenario } from './harness.ts';
import { type BenchPostgres, startBenchPostgres } from './postgres.ts';
import type { Scenario, Size } from './scenario.ts';
import { cypherLadybug } from './scenarios/cypher-ladybug.ts';
import { cypherCompile, cypherShortestPath } from './scenarios/cypher-limits.ts';
import { cypherOverHttp } from './scenarios/cypher-over-http.ts';
import {
  cypherOneHop,
  cypherSeek,
  cypherTwoHopDistinct,
  cypherTwoHopWholeGraph,
} from './scenarios/cypher-reads.ts';
import { cypherCreateNodes, cypherCreateRelationships } from './scenarios/cypher-writes.ts';
import { engineLane } from './scenarios/engine-lane.ts';
import { interactiveTransaction } from './scenarios/interactive-transaction.ts';
import { preparedPointSelectHttp } from './scenarios/prepared-point-select-http.ts';
import { coldStart, warmStart } from './scenarios/start.ts';
import { streamMillionRows } from './scenarios/stream-million-rows.ts';

const SCENARIOS: readonly Scenario[] = [
  preparedPointSelectHttp,
  engineLane,
  interactiveTransaction,
  streamMillionRows,
  coldStart,
  warmStart,
  cypherSeek,
  cypherOneHop,
  cypherTwoHopDistinct,
  cypherTwoHopWholeGraph,
  cypherOverHttp,
  cypherCreateNodes,
  cypherCreateRelationships,
  cypherShortestPath,
  cypherCompile,
  ...cypherLadybug,
];

const FULL: Size = { smoke: false, rounds: 5, roundMs: 3_000, warmUpMs: 2_000 };
const SMOKE: Size = { smoke: true, rounds: 1, roundMs: 200, warmUpMs: 0 };

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const size = process.argv.includes('--smoke') ? SMOKE : FULL;
const chosen = SCENARIOS.filter(({ name }) => asked.length === 0 || asked.includes(name));
const unknown = asked.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(
    `No scenario ${unknown.join(', ')}. There are: ${SCENARIOS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

const scratch = mkdtempSync(join(tmpdir(), 'facet-bench-'));
let server: Promise<BenchPostgres> | undefined;
const postgres = (): Promise<BenchPostgres> => {
  server ??= startBenchPostgres();
  return server;
};
let version = '';
const results: Result[] = [];
try {
  for (const scenario of chosen) {
    const reason = scenario.leftOut?.();
    if (reason !== undefined) {
      console.error(`${scenario.name}: left out, ${reason}`);
      continue;
    }
    console.error(`${scenario.name}: ${scenario.question}`);
    const shared = async (): Promise<BenchPostgres> => {
      const running = await postgres();
      version = running.version;
      return running;
    };
    const result = await runScenario(
      scenario,
      { size, postgres: shared, scratch },
      { commit: commit(), postgres: () => version },
    );
    record(result);
    results.push(result);
  }
  printTable(results);
} finally {
  await (await server)?.stop();
  rmSync(scratch, { recursive: true, force: true });
}

/** Short hash of the commit, with a plus when files differ from it; `unknown` outside a checkout. */
function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
