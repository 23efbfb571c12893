/** The last part of `facet demo`, with what it prints: airports as entities, a question across filter, graph and vector, an artifact. */
import { monotonicMs } from '../base/index.ts';
import type { ServerClient } from './client.ts';
import {
  areEmbeddingsStored,
  count,
  type DemoData,
  FIND,
  findNearest,
  kilometres,
  storeArtifact,
  storeEmbeddings,
  type Tell,
} from './demo/index.ts';
import { duration, print, rowCount } from './output.ts';
import { renderTable } from './table.ts';

interface Show {
  readonly client: ServerClient;
  readonly data: DemoData;
  readonly tell: Tell;
  readonly keep: boolean;
  /** Of the question. */
  readonly number: number;
}

export async function showEntities({ client, data, tell, keep, number }: Show): Promise<void> {
  if (keep && (await areEmbeddingsStored(client, data))) await print('\nKept the embeddings.\n');
  else {
    await print('\nStoring an embedding of each airport, its direction from the middle of the Earth\n');
    const startedMs = monotonicMs();
    await storeEmbeddings(client, data, tell);
    await print(
      `${count(data.airports.rows.length)} embeddings in ${duration(monotonicMs() - startedMs)}.\n`,
    );
  }
  await ask(client, number);
}

async function ask(client: ServerClient, number: number): Promise<void> {
  const startedMs = monotonicMs();
  const found = await findNearest(client);
  const elapsedMs = monotonicMs() - startedMs;
  await print(
    `\n${number}. Which airports abroad, with a flight from or to Frankfurt, are nearest to Keflavik?\n` +
      '   (one FIND across filter, graph and vector)\n\n',
  );
  const columns = ['key', 'iata', 'name', 'country'].map((name) => ({ name, type: 'Text' }));
  await print(
    renderTable(
      [...columns, { name: 'km', type: 'Int32' }],
      found.map(({ key, iata, name, country, similarity }) => [
        ...[key, iata, name, country],
        Math.round(kilometres(similarity)),
      ]),
    ),
  );
  await print(`${rowCount(found.length)} (round trip ${duration(elapsedMs)})\n   facet shell: ${FIND}\n`);
  const { id, size, checksum } = await storeArtifact(client, found);
  await print(
    `Kept as artifact ${id}: ${count(size)} bytes, ${checksum.slice(0, 'sha256:'.length + 12)}….\n` +
      `   facet shell: BLOB GET '${id}'\n`,
  );
}
