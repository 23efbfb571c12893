/** What scenarios of the models begin with: a durable PostgreSQL on the core of servers, the models on the other. */
import { LOAD_CORE, SERVER_CORE } from '../pin.ts';
import { type BenchPostgres, startDurablePostgres } from '../postgres.ts';
import { type Program, startProgram } from '../processes.ts';
import type { Surroundings } from '../scenario.ts';

/** A PostgreSQL of this scenario alone. */
export async function ownPostgres({ defer }: Surroundings): Promise<BenchPostgres> {
  const postgres = await startDurablePostgres(SERVER_CORE);
  defer(postgres.stop);
  return postgres;
}

/** The models in a process of their own, on a store that is migrated. */
export async function openModels(surroundings: Surroundings): Promise<Program> {
  const { uri } = await ownPostgres(surroundings);
  const program = startProgram('models', LOAD_CORE);
  surroundings.defer(program.stop);
  await program.ask({ do: 'open', uri });
  return program;
}
