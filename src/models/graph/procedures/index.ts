/** Front door of the procedures: what CALL can call on a graph. */
import { ALGORITHM_PROCEDURES } from './algorithm-procedures.ts';
import { LEAST_PATHS_PROCEDURE } from './least-paths-procedure.ts';
import type { ListedProcedure } from './listed-procedure.ts';
import { SCHEMA_PROCEDURES } from './schema-procedures.ts';
import { serverProcedures } from './server-procedures.ts';
import { SHORTEST_PATH_PROCEDURES } from './shortest-path-procedure.ts';

export { type ListedProcedure, signatureOf } from './listed-procedure.ts';

const ALL: readonly ListedProcedure[] = [
  ...SCHEMA_PROCEDURES,
  ...serverProcedures(() => ALL),
  ...ALGORITHM_PROCEDURES,
  ...SHORTEST_PATH_PROCEDURES,
  LEAST_PATHS_PROCEDURE,
];

/** By name in lower case. */
export const GRAPH_PROCEDURES: ReadonlyMap<string, ListedProcedure> = new Map(
  ALL.map((procedure) => [procedure.name.toLowerCase(), procedure]),
);
