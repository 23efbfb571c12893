/** What the scenarios on one PostgreSQL begin with: our engine and bare pg on the same database, and the tables. */
import { type Program, startProgram } from '../processes.ts';
import type { Surroundings } from '../scenario.ts';
import { POINT_TABLE } from '../tables.ts';

/** Connections of a pool, the same for both sides. */
const POOL_SIZE = 16;

export interface Sides {
  readonly engine: Program;
  readonly bare: Program;
  /** Settings for further pg clients. */
  readonly connection: Readonly<Record<string, unknown>>;
  readonly uri: string;
}

/** Opens the store of the run by our engine, so that it is migrated, and finds out which database that is. */
export async function openSides(
  surroundings: Surroundings,
  tables: readonly string[] = POINT_TABLE,
): Promise<Sides> {
  const { uri, client } = await surroundings.postgres();
  const engine = startProgram('engine');
  surroundings.defer(engine.stop);
  const bare = startProgram('bare-pg');
  surroundings.defer(bare.stop);
  const database = await engine.ask<string>({ do: 'open', uri });
  const connection = { ...client, database };
  await engine.ask({ do: 'setUp', statements: tables });
  await bare.ask({ do: 'open', connection, poolSize: POOL_SIZE });
  return { engine, bare, connection, uri };
}
