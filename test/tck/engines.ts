/** Engines by the name of their matcher. One that is not there yet has the reason instead. */
import { executeInMemory } from '../../src/cypher/run/memory/execute.ts';
import type { TckEngine } from './engine.ts';
import { memoryEngine } from './memory-engine.ts';
import { sqlEngine } from './sql-engine.ts';

export type Matcher = 'memory' | 'sql';

export type EngineSource = { readonly open: () => Promise<TckEngine> } | { readonly missing: string };

export const ENGINES: Readonly<Record<Matcher, EngineSource>> = {
  memory: {
    open: async () =>
      memoryEngine((graph, query, parameters, procedures) =>
        executeInMemory(graph, query, { parameters, procedures, random: Math.random }),
      ),
  },
  sql: { open: sqlEngine },
};
