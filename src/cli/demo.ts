/**
 * `facet demo`: loads the OpenFlights airports, airlines and routes into a running server over its public API, says
 * which records it left out and why, and answers questions with them: as tables in SQL, then as a graph in Cypher, then
 * as keys, at last in one question across rows, graph and vectors. Routes go through a queue and a room of events as well.
 */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { monotonicMs } from '../base/index.ts';
import type { ServerClient } from './client.ts';
import { addConnectionOptions, type ConnectionOptions, connect } from './connection.ts';
import { cypherTable } from './cypher.ts';
import {
  type Cleaned,
  cleanAirlines,
  cleanAirports,
  cleanRoutes,
  count,
  type DemoData,
  type DemoQuery,
  GRAPH_QUESTIONS,
  type GraphQuestion,
  isGraphLoaded,
  loadedTables,
  loadGraph,
  loadTables,
  Progress,
  QUERIES,
  TABLES,
  type Tell,
} from './demo/index.ts';
import { showEntities } from './demo-entities.ts';
import { showEvents, showKeys, showWork } from './demo-live.ts';
import { failureOf } from './error-text.ts';
import { duration, endWithReader, note, print, rowCount } from './output.ts';
import { renderTable } from './table.ts';

/** What the part about keys asks. */
const KEY_QUESTIONS = 2;

interface Options extends ConnectionOptions {
  readonly keep?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command('demo')
    .summary('load real data into a running server and query it')
    .description(
      'Loads the airports, airlines and routes of OpenFlights into a running server, over its public API, as tables ' +
        'and as a graph, and runs five SQL queries and three Cypher queries on them. Then it stores the airports as keys, ' +
        'lets workers drain a queue of routes, and follows a stream of departures. At last it gives each airport an embedding, ' +
        'asks across rows, graph and vectors, and keeps the answer as an artifact. Running it again replaces all of it; ' +
        'names of keys, queue, stream and embeddings begin with demo.',
    );
  addConnectionOptions(command)
    .option('--keep', 'if tables, graph or keys are there already, keep them and only ask')
    .action(run);
}

async function run(options: Options): Promise<void> {
  endWithReader();
  const progress = new Progress(process.stderr);
  let client: ServerClient | undefined;
  try {
    client = connect(options);
    const found = await loadedTables(client);
    if (options.keep === true && found.length === TABLES.length) await print(`Kept ${found.join(', ')}.\n`);
    else await load(client, progress);
    for (const [index, query] of QUERIES.entries()) await answer(client, index + 1, query);
    if (options.keep === true && (await isGraphLoaded(client))) await print('\nKept the graph.\n');
    else await loadAsGraph(client, progress);
    for (const [index, one] of GRAPH_QUESTIONS.entries()) {
      await answerByGraph(client, QUERIES.length + index + 1, one);
    }
    const data = await readData();
    const tell: Tell = (what, done, total) => progress.steps(what, done, total);
    const number = QUERIES.length + GRAPH_QUESTIONS.length + 1;
    await showKeys({ client, data, tell, keep: options.keep === true, number });
    await showWork({ client, data, tell });
    await showEvents({ client, data, tell });
    await showEntities({ client, data, tell, keep: options.keep === true, number: number + KEY_QUESTIONS });
    await print(
      '\nTry your own: facet query "SELECT name, city FROM airports WHERE country = \'Iceland\'"\n' +
        '              facet cypher "MATCH (a:Airport)-[:IN]->(:Country {name: \'Iceland\'}) RETURN a.name, a.city"\n' +
        '              facet shell\n',
    );
  } catch (error) {
    progress.breakOff();
    const failure = failureOf(error);
    note(failure.text);
    process.exitCode = failure.exitCode;
  } finally {
    client?.close();
  }
}

async function load(client: ServerClient, progress: Progress): Promise<void> {
  await print(`Loading OpenFlights data into ${client.url.origin}\n`);
  const data = await readData();
  const startedMs = monotonicMs();
  await loadTables(client, data, {
    rows: (table, loaded, total) => progress.rows(table, loaded, total),
    finishing: () => note('constraints, indexes, statistics …\n'),
  });
  const seconds = duration(monotonicMs() - startedMs);
  for (const table of TABLES) await print(accountOf(table.name, data[table.name]));
  await print(`Loaded in ${seconds}, in one transaction.\n`);
}

async function loadAsGraph(client: ServerClient, progress: Progress): Promise<void> {
  await print('\nLoading the same data as a graph\n');
  const data = await readData();
  const startedMs = monotonicMs();
  await loadGraph(client, data, { rows: (what, loaded, total) => progress.rows(what, loaded, total) });
  await print(`Loaded in ${duration(monotonicMs() - startedMs)}, in one transaction.\n`);
}

/** demo/data stands two folders up from here, in the sources and in dist/ alike. */
async function readData(): Promise<DemoData> {
  const file = (name: string): Promise<string> =>
    readFile(new URL(`../../demo/data/${name}.dat`, import.meta.url), 'utf8');
  const [airportsText, airlinesText, routesText] = await Promise.all(
    ['airports', 'airlines', 'routes'].map(file),
  );
  const airports = cleanAirports(airportsText ?? '');
  const airlines = cleanAirlines(airlinesText ?? '');
  return { airports, airlines, routes: cleanRoutes(routesText ?? '', airports, airlines) };
}

/** How many records of a file became rows, and where the others went. */
function accountOf(table: string, cleaned: Cleaned): string {
  const skipped = cleaned.records - cleaned.rows.length;
  const head = `${table}: ${rowCount(cleaned.rows.length)} of ${count(cleaned.records)} records`;
  if (skipped === 0) return `${head}\n`;
  const reasons = [...cleaned.skipped]
    .sort(([, one], [, other]) => other - one)
    .map(([reason, times]) => `  ${count(times).padStart(6)}  ${reason}`);
  return `${[`${head}, ${count(skipped)} skipped:`, ...reasons].join('\n')}\n`;
}

async function answer(client: ServerClient, number: number, query: DemoQuery): Promise<void> {
  const startedMs = monotonicMs();
  const result = await client.query(query.sql);
  const totalMs = monotonicMs() - startedMs;
  await print(`\n${number}. ${query.question}\n   (${query.means})\n\n`);
  await print(renderTable(result.columns, result.rows));
  const times = `server ${duration(result.executionTimeMs)}, round trip ${duration(totalMs)}`;
  await print(`${rowCount(result.rows.length)} (${times})\n`);
}

async function answerByGraph(
  client: ServerClient,
  number: number,
  { question, means, cypher }: GraphQuestion,
): Promise<void> {
  const startedMs = monotonicMs();
  const result = await client.cypher(cypher);
  const totalMs = monotonicMs() - startedMs;
  await print(`\n${number}. ${question}\n   (${means})\n\n`);
  await print(cypherTable(result));
  await print(`${rowCount(result.rows.length)} (round trip ${duration(totalMs)})\n`);
}
