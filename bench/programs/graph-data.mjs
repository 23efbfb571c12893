// The graphs that the Cypher scenarios ask: OpenFlights, and a random one. Loaded through SQL, so that a scenario about
// reading does not wait for what another one measures.
import { readFile } from 'node:fs/promises';
import { cleanAirlines, cleanAirports, cleanRoutes } from '../../dist/cli/demo/clean.js';
import { arrayLiteral } from '../../dist/engine/index.js';
import { encodeProperties } from '../../dist/models/graph/index.js';

const OPTIONS = { timeoutMs: 600_000 };

const file = (name) => readFile(new URL(`../../demo/data/${name}.dat`, import.meta.url), 'utf8');

/**
 * Rows of OpenFlights as plain objects. `n` counts the airports from 1. Every airport has a code of its own, made up
 * where there is none.
 */
export async function openFlights() {
  const airports = cleanAirports(await file('airports'));
  const airlines = cleanAirlines(await file('airlines'));
  const routes = cleanRoutes(await file('routes'), airports, airlines);
  const taken = new Set();
  return {
    airports: airports.rows.map(([id, name, city, country, code], index) => {
      const iata = code === null || taken.has(code) ? `#${id}` : code;
      taken.add(iata);
      return { n: BigInt(index + 1), id: BigInt(id), name, city: city ?? '', country, iata };
    }),
    routes: routes.rows.map(([airline, source, target, , stops]) => ({
      airline: BigInt(airline),
      source: BigInt(source),
      target: BigInt(target),
      stops: BigInt(stops ?? 0),
    })),
  };
}

const properties = (row) => encodeProperties(new Map(Object.entries(row).filter(([, v]) => v !== null)));

/** An empty graph without indexes on properties. */
export async function clear(database) {
  await database.runUser('TRUNCATE graph.edge, graph.node', [], OPTIONS);
}

export async function insertNodes(database, ids, label, rows) {
  await database.runUser(
    `INSERT INTO graph.node (id, labels, props)
     SELECT u.id, ARRAY[$2::text], u.props FROM unnest($1::bigint[], $3::jsonb[]) u(id, props)`,
    [arrayLiteral(ids.map(String)), label, arrayLiteral(rows.map(properties))],
    OPTIONS,
  );
}

/** (:Airport {n, id, name, city, country, iata})-[:ROUTE {airline, stops}]->(:Airport); returns what is needed to ask. */
export async function loadOpenFlights(database) {
  const { airports, routes } = await openFlights();
  await clear(database);
  const ids = await reserve(database, airports.length + routes.length);
  const idOf = new Map(airports.map(({ id }, at) => [id, ids[at]]));
  await insertNodes(database, ids.slice(0, airports.length), 'Airport', airports);
  await database.runUser(
    `INSERT INTO graph.edge (id, type, src, dst, props)
     SELECT u.id, 'ROUTE', u.src, u.dst, u.props
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::jsonb[]) u(id, src, dst, props)`,
    [
      arrayLiteral(ids.slice(airports.length).map(String)),
      arrayLiteral(routes.map(({ source }) => String(idOf.get(source)))),
      arrayLiteral(routes.map(({ target }) => String(idOf.get(target)))),
      arrayLiteral(routes.map(({ airline, stops }) => properties({ airline, stops }))),
    ],
    OPTIONS,
  );
  await analyse(database);
  const sources = new Set(routes.map(({ source }) => source));
  return {
    airports: airports.length,
    routes: routes.length,
    // Those that one can fly from.
    codes: airports.filter(({ id }) => sources.has(id)).map(({ iata }) => iata),
  };
}

/** (:Person {id})-[:KNOWS]->(:Person), the ends drawn at random with a fixed seed; `id` counts from 1. */
export async function loadRandom(database, { nodes, relationships }) {
  await clear(database);
  const ids = await reserve(database, nodes + relationships);
  const rows = Array.from({ length: nodes }, (_, at) => ({ id: BigInt(at + 1) }));
  await insertNodes(database, ids.slice(0, nodes), 'Person', rows);
  const draw = randomNumbers(7);
  const end = () => String(ids[Math.floor(draw() * nodes)]);
  await database.runUser(
    `INSERT INTO graph.edge (id, type, src, dst)
     SELECT u.id, 'KNOWS', u.src, u.dst FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) u(id, src, dst)`,
    [
      arrayLiteral(ids.slice(nodes).map(String)),
      arrayLiteral(Array.from({ length: relationships }, end)),
      arrayLiteral(Array.from({ length: relationships }, end)),
    ],
    OPTIONS,
  );
  await analyse(database);
}

/** Identities of the graph's own sequence, which gives out blocks of 1,000. */
export async function reserve(database, count) {
  const { rows } = await database.runUser(
    `SELECT nextval('graph.id') FROM generate_series(1, $1::int)`,
    [String(Math.ceil(count / 1000))],
    OPTIONS,
  );
  const ids = [];
  for (const [first] of rows) for (let at = 0; at < 1000; at++) ids.push(Number(first) + at);
  return ids.slice(0, count);
}

/** What autovacuum would do some time after a load, so that it does not happen in the middle of a round. */
async function analyse(database) {
  await database.runUser('VACUUM ANALYZE graph.node', [], OPTIONS);
  await database.runUser('VACUUM ANALYZE graph.edge', [], OPTIONS);
}

/** Numbers from 0 to 1, the same in every run. Each is the mix of a counter, so that pairs of them fill the plane. */
export function randomNumbers(seed) {
  let count = seed * 1_000_003;
  const mixed = (value) => {
    let bits = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
    bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
    return (bits ^ (bits >>> 16)) >>> 0;
  };
  return () => {
    count = (count + 0x9e3779b9) >>> 0;
    return mixed(count) / 2 ** 32;
  };
}
