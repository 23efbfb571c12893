/**
 * `npm run bench`: every scenario, or those that are named (`npm run bench -- engine-lane`). `--smoke` runs each for
 * a moment, to see that the programs still work; `--short` is in between: enough for a first look, no record. `--seconds N`
 * is how long the soak goes on, `--cpu-prof FOLDER` profiles every process that is started. Ends with code 1 when a program fails, not when a target is missed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { printTable, type Result, record, runScenario } from './harness.ts';
import { type BenchPostgres, startBenchPostgres } from './postgres.ts';
import { profileTo } from './processes.ts';
import type { Scenario, Size } from './scenario.ts';
import { blobTransfer } from './scenarios/blob-transfer.ts';
import { boltPointRead } from './scenarios/bolt-point-read.ts';
import { boltStreamMillion } from './scenarios/bolt-stream-million.ts';
import { changesDelivery } from './scenarios/changes-delivery.ts';
import { changesDrain } from './scenarios/changes-drain.ts';
import { changesFilters } from './scenarios/changes-filters.ts';
import { commitWake } from './scenarios/commit-wake.ts';
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
import { embeddingSearch } from './scenarios/embedding-search.ts';
import { engineLane } from './scenarios/engine-lane.ts';
import { graphdOneHop } from './scenarios/graphd-one-hop.ts';
import { graphqlPointQuery } from './scenarios/graphql-point-query.ts';
import { grpcPointSelect } from './scenarios/grpc-point-select.ts';
import { grpcStreamMillionRows } from './scenarios/grpc-stream-million-rows.ts';
import { idleWebsockets } from './scenarios/idle-websockets.ts';
import { interactiveTransaction } from './scenarios/interactive-transaction.ts';
import { journalWrites } from './scenarios/journal-writes.ts';
import { keyTiming } from './scenarios/key-timing.ts';
import { kvBatch } from './scenarios/kv-batch.ts';
import { kvGetHttp, kvSetHttp } from './scenarios/kv-http.ts';
import { neumannPointLookup } from './scenarios/neumann-point-lookup.ts';
import { neumannSimilar } from './scenarios/neumann-similar.ts';
import { neumannStreamMillionRows } from './scenarios/neumann-stream-million-rows.ts';
import { preparedPointSelectHttp } from './scenarios/prepared-point-select-http.ts';
import { queueDrains, queuePublish } from './scenarios/queue-models.ts';
import { queueOverHttp } from './scenarios/queue-over-http.ts';
import { soak } from './scenarios/soak.ts';
import { coldStart, warmStart } from './scenarios/start.ts';
import { streamAppend } from './scenarios/stream-append.ts';
import { streamFanout } from './scenarios/stream-fanout.ts';
import { streamMillionRows } from './scenarios/stream-million-rows.ts';
import { vectorSearch } from './scenarios/vector-search.ts';

const SCENARIOS: readonly Scenario[] = [
  preparedPointSelectHttp,
  graphqlPointQuery,
  engineLane,
  interactiveTransaction,
  streamMillionRows,
  grpcPointSelect,
  grpcStreamMillionRows,
  ...neumannPointLookup,
  neumannStreamMillionRows,
  ...boltPointRead,
  ...boltStreamMillion,
  graphdOneHop,
  ...journalWrites,
  keyTiming,
  changesFilters,
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
  ...vectorSearch,
  ...embeddingSearch,
  ...neumannSimilar,
  ...cypherLadybug,
  kvGetHttp,
  kvSetHttp,
  kvBatch,
  queuePublish,
  ...queueDrains,
  queueOverHttp,
  streamAppend,
  ...blobTransfer,
  streamFanout,
  idleWebsockets,
  commitWake,
  changesDrain,
  changesDelivery,
  soak,
];

const { values: flags, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: {
    smoke: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    'cpu-prof': { type: 'string' },
  },
});
const FULL: Size = { smoke: false, rounds: 5, roundMs: 3_000, warmUpMs: 2_000, soakSeconds: 600 };
const SHORT: Size = { smoke: true, rounds: 2, roundMs: 3_000, warmUpMs: 3_000, soakSeconds: 60 };
const SMOKE: Size = { smoke: true, rounds: 1, roundMs: 200, warmUpMs: 0, soakSeconds: 4 };
const chosenSize = flags.smoke ? SMOKE : flags.short ? SHORT : FULL;
const size = { ...chosenSize, soakSeconds: Number(flags.seconds ?? chosenSize.soakSeconds) };
if (flags['cpu-prof'] !== undefined) profileTo(resolve(flags['cpu-prof']));
const chosen = SCENARIOS.filter(({ name, onlyNamed }) =>
  asked.length === 0 ? onlyNamed !== true : asked.includes(name),
);
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
