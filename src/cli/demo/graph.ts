/**
 * Loads the demo's data as a graph through the server's public API, in one transaction: airports with the routes between
 * them, airlines, and the countries of both. One node tells that the graph is the demo's, so that nodes of the same
 * labels that somebody else has made are left alone.
 */
import { type Json, LIMITS } from '../../base/index.ts';
import type { ServerClient } from '../client.ts';
import { inBatches } from './batches.ts';
import type { Row } from './clean.ts';
import { airportEntity } from './entities.ts';
import { type DemoData, LOAD_MS_MAX } from './load.ts';

/** Nodes that the demo makes, beside the one that tells whose they are. */
const LABELS = 'Airport|Airline|Country';

const FIND_GRAPH = `OPTIONAL MATCH (demo:OpenFlightsDemo) WITH count(demo) > 0 AS ours
OPTIONAL MATCH (n:${LABELS}) WITH ours, n LIMIT 1 RETURN ours, count(n) > 0 AS taken`;

const CLEAR = `MATCH (n:OpenFlightsDemo|${LABELS}) DETACH DELETE n`;

const MARK = `CREATE (:OpenFlightsDemo {about: 'OpenFlights data of the Facet demo (ODbL). Loading the demo replaces it.'})`;

/** For finding the ends of routes, and for whoever asks by code. Made beforehand, while nobody waits for the tables. */
const INDEXES: readonly string[] = [
  'CREATE INDEX airport_id IF NOT EXISTS FOR (a:Airport) ON (a.id)',
  'CREATE INDEX airport_iata IF NOT EXISTS FOR (a:Airport) ON (a.iata)',
  'CREATE INDEX airport_entity IF NOT EXISTS FOR (a:airports) ON (a.entity_key)',
];

const COUNTRIES = 'UNWIND $rows AS row CREATE (:Country {name: row.name})';

/** By the label of its table and the key, each is one entity with its row. */
const AIRPORTS = `UNWIND $rows AS row
MATCH (country:Country {name: row.country})
CREATE (:Airport:airports {id: row.id, name: row.name, city: row.city, country: row.country, iata: row.iata, icao: row.icao,
  latitude: row.latitude, longitude: row.longitude, entity_key: row.entity_key})-[:IN]->(country)`;

const AIRLINES = `UNWIND $rows AS row
CREATE (airline:Airline {id: row.id, name: row.name, iata: row.iata, icao: row.icao, active: row.active})
WITH airline, row
MATCH (country:Country {name: row.country})
CREATE (airline)-[:BASED_IN]->(country)`;

const ROUTES = `UNWIND $rows AS row
MATCH (from:Airport {id: row.from}), (to:Airport {id: row.to})
CREATE (from)-[:ROUTE {airline: row.airline, stops: row.stops}]->(to)`;

/** Nodes of the user's own have a label that the demo needs. */
export class LabelsTakenError extends Error {
  override readonly name = 'LabelsTakenError';
  constructor() {
    super(
      `The graph has nodes labelled ${LABELS.replaceAll('|', ', ')} that were not made by the demo. ` +
        'Run the demo on another store.',
    );
  }
}

export interface GraphProgress {
  rows(what: string, loaded: number, total: number): void;
}

/** Whether the demo's graph is there. @throws LabelsTakenError when there is somebody else's in its place */
export async function isGraphLoaded(client: ServerClient): Promise<boolean> {
  const { rows } = await client.cypher(FIND_GRAPH);
  const [ours, taken] = rows[0] ?? [];
  if (ours !== true && taken === true) throw new LabelsTakenError();
  return ours === true;
}

/** Replaces the demo's graph. @throws LabelsTakenError, ServerError */
export async function loadGraph(
  client: ServerClient,
  data: DemoData,
  progress: GraphProgress,
): Promise<void> {
  await isGraphLoaded(client);
  for (const index of INDEXES) await client.cypher(index);
  const transactionId = await client.begin(LOAD_MS_MAX);
  const run = async (query: string, rows: readonly Json[] = []): Promise<void> => {
    await client.cypher(query, { transactionId, params: { rows }, timeoutMs: LOAD_MS_MAX });
  };
  try {
    await run(CLEAR);
    await run(MARK);
    for (const { what, query, rows } of partsOf(data)) {
      await inBatches(
        rows,
        LIMITS.demoRowsPerBatch,
        (batch) => run(query, batch),
        (loaded) => progress.rows(what, loaded, rows.length),
      );
    }
    await client.commit(transactionId);
  } catch (error) {
    // The first error is the one to tell; without this call the deadline would roll back.
    await client.rollback(transactionId).catch(() => undefined);
    throw error;
  }
}

interface Part {
  readonly what: string;
  readonly query: string;
  readonly rows: readonly Json[];
}

/** In the order in which they are loaded: what is connected must be there. */
function partsOf({ airports, airlines, routes }: DemoData): readonly Part[] {
  const countries = new Set([...airports.rows.map((row) => row[3]), ...airlines.rows.map((row) => row[6])]);
  const names = [...countries].filter((name) => name != null).sort();
  const airlineNames = new Map(airlines.rows.map((row) => [row[0], row[1] ?? null]));
  return [
    { what: 'countries', query: COUNTRIES, rows: names.map((name) => ({ name })) },
    { what: 'airports', query: AIRPORTS, rows: airports.rows.map(airportOf) },
    { what: 'airlines', query: AIRLINES, rows: airlines.rows.map(airlineOf) },
    {
      what: 'routes',
      query: ROUTES,
      rows: routes.rows.map(([airline, from, to, , stops]) => ({
        airline: airlineNames.get(airline ?? null) ?? null,
        from: Number(from),
        to: Number(to),
        stops: Number(stops),
      })),
    },
  ];
}

const airportOf = ([id, name, city, country, iata, icao, latitude, longitude]: Row): Json => ({
  id: Number(id),
  name: name ?? null,
  city: city ?? null,
  country: country ?? null,
  iata: iata ?? null,
  icao: icao ?? null,
  latitude: Number(latitude),
  longitude: Number(longitude),
  entity_key: airportEntity(id ?? ''),
});

const airlineOf = ([id, name, , iata, icao, , country, active]: Row): Json => ({
  id: Number(id),
  name: name ?? null,
  iata: iata ?? null,
  icao: icao ?? null,
  country: country ?? null,
  active: active === 'true',
});
