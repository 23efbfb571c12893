/** What the journal costs: a single CREATE over HTTP in a namespace that has one, beside one that has none. Durable. */
import { LOAD_CORE } from '../pin.ts';
import { startProgram } from '../processes.ts';
import type { Round, Scenario } from '../scenario.ts';
import { ask, ownFacet } from './http-side.ts';

const IDS = 1_000_000_000;

const scenario = (name: string, connections: number): Scenario => ({
  name,
  question: `CREATE of one node over /v0/cypher, ${connections} connection${connections === 1 ? '' : 's'}, durable: with the journal against without`,
  unit: 'writes/s',
  target: 0.7,
  async prepare(surroundings) {
    const facet = await ownFacet(surroundings);
    const load = startProgram('load', LOAD_CORE);
    surroundings.defer(load.stop);
    await ask(facet.port, 'POST', '/journaled/v0/cypher', { query: 'CREATE (:Began)' });
    await ask(facet.port, 'POST', '/v1/journal/enable?namespace=journaled');
    const run = async (namespace: string, ms: number): Promise<Round> => {
      const { rate, ...details } = await load.ask<{ rate: number; p50Ms: number; p99Ms: number }>({
        do: 'run',
        port: facet.port,
        connections,
        idMax: IDS,
        ms,
        path: `/${namespace}/v0/cypher`,
        bodyBefore: '{"query":"CREATE (p:Person {n: $n, name: \'Ada\'}) RETURN p.n","params":{"n":',
        bodyAfter: '}}',
      });
      return { rate, details };
    };
    return {
      ours: { name: 'with the journal', round: (ms) => run('journaled', ms) },
      peer: { name: 'without', round: (ms) => run('plain', ms) },
    };
  },
});

export const journalWrites: readonly Scenario[] = [
  scenario('journal-create', 16),
  scenario('journal-create-alone', 1),
];
