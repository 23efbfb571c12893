/** Runs one scenario on a graph of its own and gives the verdict. */
import { CypherError } from '../../src/cypher/cypher-error.ts';
import type { Value } from '../../src/cypher/values/value.ts';
import { differenceOf } from './compare.ts';
import type { GraphSnapshot, TckEngine, TckGraph, TckResult } from './engine.ts';
import type { NamedGraphs } from './named-graphs.ts';
import type { Scenario } from './outlines.ts';
import { NO_SIDE_EFFECTS, sideEffectsBetween, sideEffectsDifference } from './side-effects.ts';
import { type Command, type ExpectedError, readStep } from './steps.ts';

/**
 * `wrong` is a wrong answer: nobody who asked would notice. `error` is an error that was not asked for, or not in
 * this form: it reaches the one who asked.
 */
export type Verdict =
  | { readonly outcome: 'pass' }
  | { readonly outcome: 'wrong' | 'error' | 'skip'; readonly reason: string };

export interface RunOptions {
  readonly graphs: NamedGraphs;
  /** Fills `any graph` with entities that no scenario asks for: what depends on them is a fault. */
  readonly withNoise: boolean;
  /** Longest wait for all of a scenario, which only ends waits that leave this process free. */
  readonly scenarioMsMax: number;
}

const NOISE = `CREATE (a:TckNoise {tckNoise: 1})-[:TCK_NOISE {tckNoise: 'x'}]->(b:TckNoise:TckNoise2)-[:TCK_NOISE]->(a),
  (b)-[:TCK_NOISE2]->(b), ()`;

const SKIPPED_TAG = '@ignore';

export async function runScenario(
  scenario: Scenario,
  engine: TckEngine,
  options: RunOptions,
): Promise<Verdict> {
  if (scenario.tags.has(SKIPPED_TAG)) return { outcome: 'skip', reason: `tagged ${SKIPPED_TAG}` };
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<Verdict>((resolve) => {
    const reason = `no end within ${options.scenarioMsMax} ms`;
    timer = setTimeout(resolve, options.scenarioMsMax, { outcome: 'error', reason });
  });
  try {
    return await Promise.race([runSteps(scenario, engine, options), deadline]);
  } catch (error) {
    return { outcome: 'error', reason: described(error) };
  } finally {
    clearTimeout(timer);
  }
}

async function runSteps(scenario: Scenario, engine: TckEngine, options: RunOptions): Promise<Verdict> {
  // All steps are read first: a sentence at the end that nobody understands must not look like an answer.
  const steps = scenario.steps.map((step) => ({ line: step.line, command: readStep(step) }));
  if (!steps.some(({ command }) => command.kind === 'query')) {
    return { outcome: 'error', reason: 'the scenario executes no query' };
  }
  const graph = await engine.open();
  try {
    const run = new ScenarioRun(graph, options);
    for (const { line, command } of steps) {
      const failure = await run.step(command);
      if (failure !== undefined) return { ...failure, reason: `${failure.reason} (line ${line})` };
    }
    return run.unansweredError() ?? { outcome: 'pass' };
  } finally {
    await graph.dispose();
  }
}

type Failure = Exclude<Verdict, { readonly outcome: 'pass' }>;

const wrong = (reason: string): Failure => ({ outcome: 'wrong', reason });
const failed = (reason: string): Failure => ({ outcome: 'error', reason });

/** What the latest query led to. A failure that no step has asked about yet is unanswered. */
interface Executed {
  readonly query: string;
  readonly before: GraphSnapshot;
  readonly result: TckResult | undefined;
  readonly error: unknown;
  isAnswered: boolean;
}

class ScenarioRun {
  readonly #graph: TckGraph;
  readonly #options: RunOptions;
  readonly #parameters = new Map<string, Value>();
  #latest: Executed | undefined;

  constructor(graph: TckGraph, options: RunOptions) {
    this.#graph = graph;
    this.#options = options;
  }

  /** Undefined when the step did what it should. */
  async step(command: Command): Promise<Failure | undefined> {
    switch (command.kind) {
      case 'empty graph':
        return undefined;
      case 'any graph':
        return this.#options.withNoise ? this.#prepare([NOISE], 'noise') : undefined;
      case 'named graph':
        return this.#prepare(await this.#options.graphs(command.name), `graph '${command.name}'`);
      case 'setup':
        return this.#prepare([command.query], 'setup');
      case 'parameters':
        for (const [name, value] of command.values) this.#parameters.set(name, value);
        return undefined;
      case 'procedure':
        this.#graph.register(command.procedure);
        return undefined;
      case 'query': {
        const failure = this.unansweredError();
        if (failure === undefined) await this.#execute(command.query);
        return failure;
      }
      case 'result':
        return this.#withResult((result) => differenceOf(command.expected, result));
      case 'empty result':
        return this.#withResult((result, query) => emptyDifference(result, query));
      case 'side effects':
        return this.#withResult(async (_, __, before) =>
          sideEffectsDifference(command.expected, sideEffectsBetween(before, await this.#graph.snapshot())),
        );
      case 'error':
        return this.#expectError(command.expected);
    }
  }

  /** The failure of the latest query, if nobody asked for it. */
  unansweredError(): Failure | undefined {
    const latest = this.#latest;
    return latest === undefined || latest.result !== undefined || latest.isAnswered
      ? undefined
      : failed(described(latest.error));
  }

  async #prepare(queries: readonly string[], what: string): Promise<Failure | undefined> {
    for (const query of queries) {
      try {
        await this.#graph.execute(query, this.#parameters);
      } catch (error) {
        return failed(`${what}: ${described(error)}`);
      }
    }
    return undefined;
  }

  async #execute(query: string): Promise<void> {
    const before = await this.#graph.snapshot();
    try {
      const result = await this.#graph.execute(query, this.#parameters);
      this.#latest = { query, before, result, error: undefined, isAnswered: true };
    } catch (error) {
      this.#latest = { query, before, result: undefined, error, isAnswered: false };
    }
  }

  async #withResult(
    difference: (
      result: TckResult,
      query: string,
      before: GraphSnapshot,
    ) => string | undefined | Promise<string | undefined>,
  ): Promise<Failure | undefined> {
    const latest = this.#latest;
    if (latest === undefined) return failed('nothing has been executed yet');
    if (latest.result === undefined) return failed(described(latest.error));
    const reason = await difference(latest.result, latest.query, latest.before);
    return reason === undefined ? undefined : wrong(reason);
  }

  /** The error must be the one that is named, and the query must have left no trace. */
  async #expectError({ type, phase, detail }: ExpectedError): Promise<Failure | undefined> {
    const latest = this.#latest;
    const wanted = `${type} at ${phase}: ${detail}`;
    if (latest === undefined) return failed('nothing has been executed yet');
    if (latest.result !== undefined) {
      return wrong(`${latest.result.rows.length} rows and no error, expected ${wanted}`);
    }
    const { error } = latest;
    const same =
      error instanceof CypherError &&
      error.type === type &&
      (phase === 'any time' || error.phase === phase) &&
      (detail === '*' || error.reason === detail);
    if (!same) return failed(`${described(error)}, expected ${wanted}`);
    latest.isAnswered = true;
    const effects = sideEffectsBetween(latest.before, await this.#graph.snapshot());
    const left = sideEffectsDifference(NO_SIDE_EFFECTS, effects);
    return left === undefined ? undefined : wrong(`the failed query left ${left}`);
  }
}

/** No rows, and no columns either where nothing is returned or yielded. */
function emptyDifference(result: TckResult, query: string): string | undefined {
  if (result.rows.length > 0) return `${result.rows.length} rows, expected none`;
  const mayHaveColumns = /\b(?:RETURN|CALL)\b/i.test(query);
  return mayHaveColumns || result.columns.length === 0
    ? undefined
    : `columns are [${result.columns.join(' | ')}], expected none`;
}

function described(error: unknown): string {
  if (error instanceof CypherError)
    return `${error.type} at ${error.phase}: ${error.reason} (${error.message})`;
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  // The first line of the stack that is ours tells where a fault of the engine is.
  const place = /\n\s+at (?:async )?(.+)/.exec(error.stack ?? '')?.[1];
  return `${error.name}: ${error.message}${place === undefined ? '' : ` at ${place}`}`;
}
