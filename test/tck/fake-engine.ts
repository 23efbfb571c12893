/** An engine for tests of the runner itself: it answers from a script instead of understanding queries. */
import type { Value } from '../../src/cypher/values/value.ts';
import type { GraphSnapshot, TckEngine, TckResult } from './engine.ts';
import { parseFeature } from './gherkin.ts';
import { expand, type Scenario } from './outlines.ts';
import type { TckProcedure } from './procedures.ts';
import { type RunOptions, runScenario, type Verdict } from './scenario.ts';

export interface FakeAnswer {
  readonly result?: TckResult;
  readonly error?: unknown;
  /** Members of the snapshot that are there from now on, such as `nodes 1` or `labels A`, or gone with a minus. */
  readonly changes?: readonly string[];
}

export interface FakeEngine extends TckEngine {
  /** What was asked, over all graphs. */
  readonly queries: { readonly query: string; readonly parameters: ReadonlyMap<string, Value> }[];
  readonly procedures: TckProcedure[];
  readonly openGraphs: () => number;
}

export const NOTHING: TckResult = { columns: [], rows: [] };

export function fakeEngine(answers: Readonly<Record<string, FakeAnswer>>): FakeEngine {
  const queries: FakeEngine['queries'] = [];
  const procedures: TckProcedure[] = [];
  let openGraphs = 0;
  return {
    queries,
    procedures,
    openGraphs: () => openGraphs,
    close: async () => {},
    open: async () => {
      openGraphs++;
      const members = new Set<string>();
      return {
        register: (procedure) => {
          procedures.push(procedure);
        },
        execute: async (query, parameters) => {
          queries.push({ query, parameters: new Map(parameters) });
          const answer = answers[query];
          if (answer === undefined) throw new Error(`the script has no answer to: ${query}`);
          for (const change of answer.changes ?? []) {
            if (change.startsWith('-')) members.delete(change.slice(1));
            else members.add(change);
          }
          if (answer.error !== undefined) throw answer.error;
          return answer.result ?? NOTHING;
        },
        snapshot: async () => snapshotOf(members),
        dispose: async () => {
          openGraphs--;
        },
      };
    },
  };
}

function snapshotOf(members: ReadonlySet<string>): GraphSnapshot {
  const of = (kind: string): string[] =>
    [...members]
      .filter((member) => member.startsWith(`${kind} `))
      .map((member) => member.slice(kind.length + 1));
  return {
    nodes: new Set(of('nodes').map(BigInt)),
    relationships: new Set(of('relationships').map(BigInt)),
    labels: new Set(of('labels')),
    properties: new Set(of('properties')),
  };
}

const OPTIONS: RunOptions = {
  graphs: async (name) => [`graph ${name}`],
  withNoise: false,
  scenarioMsMax: 5_000,
};

/** A scenario from its steps. */
export function scenarioOf(steps: string, tags = ''): Scenario {
  const [scenario] = expand(parseFeature(`Feature: f\n${tags}\nScenario: s\n${steps}`));
  if (scenario === undefined) throw new Error('no scenario');
  return scenario;
}

export const judge = (
  steps: string,
  answers: Readonly<Record<string, FakeAnswer>>,
  options: Partial<RunOptions> = {},
): Promise<Verdict> => runScenario(scenarioOf(steps), fakeEngine(answers), { ...OPTIONS, ...options });

export { OPTIONS as FAKE_OPTIONS };
