// The writes of the Cypher scenarios: rows that a client has, by Cypher and by SQL. Rounds clean up behind themselves,
// which is not measured.

import { arrayLiteral, statement } from '../../dist/engine/index.js';
import { encodeProperties } from '../../dist/models/graph/index.js';
import { clear, insertNodes, openFlights, reserve } from './graph-data.mjs';

const NODES = 10_000;
const RELATIONSHIPS = 50_000;

const CREATE_NODES = 'UNWIND $rows AS row CREATE (:Thing {id: row.id, name: row.name, score: row.score})';
const INSERT_NODES = statement(
  'bench.insert_nodes',
  `INSERT INTO graph.node (id, labels, props)
   SELECT u.id, '{Thing}', u.props FROM unnest($1::bigint[], $2::jsonb[]) u(id, props)`,
);

const CREATE_RELATIONSHIPS =
  'UNWIND $rows AS row MATCH (a:Airport {id: row.source}), (b:Airport {id: row.target}) ' +
  'CREATE (a)-[:ROUTE {airline: row.airline, stops: row.stops}]->(b)';
const INSERT_RELATIONSHIPS = statement(
  'bench.insert_relationships',
  `INSERT INTO graph.edge (id, type, src, dst, props)
   SELECT u.id, 'ROUTE', a.id, b.id, u.props
   FROM unnest($1::bigint[], $2::jsonb[], $3::jsonb[], $4::jsonb[]) u(id, source, target, props)
   JOIN graph.node a ON a.labels @> '{Airport}' AND a.props -> 'id' = u.source
   JOIN graph.node b ON b.labels @> '{Airport}' AND b.props -> 'id' = u.target`,
);

const things = Array.from(
  { length: NODES },
  (_, at) =>
    new Map([
      ['id', BigInt(at)],
      ['name', `thing number ${at}`],
      ['score', at / 7],
    ]),
);
let routes;
let airports;

/** Repeats `once` between clean-ups; only `once` counts. The rate is in rows. */
async function repeat(ms, rowsEach, before, once) {
  let spentMs = 0;
  let count = 0;
  while (spentMs < ms) {
    await before();
    const startedAt = performance.now();
    await once();
    spentMs += performance.now() - startedAt;
    count++;
  }
  return { rate: (count * rowsEach * 1000) / spentMs, details: { eachMs: spentMs / count } };
}

/** All routes but those beyond the number that is measured, as values of Cypher. */
async function prepareRoutes(database) {
  if (routes === undefined) {
    const found = await openFlights();
    airports = found.airports;
    routes = found.routes.slice(0, RELATIONSHIPS).map((route) => new Map(Object.entries(route)));
    if (routes.length < RELATIONSHIPS) throw new Error(`there are only ${routes.length} routes`);
  }
  const { rows } = await database.runUser(`SELECT count(*) FROM graph.node WHERE labels @> '{Airport}'`);
  if (rows[0][0] !== String(airports.length)) {
    await clear(database);
    await insertNodes(database, await reserve(database, airports.length), 'Airport', airports);
  }
  await database.runUser('TRUNCATE graph.edge');
  await database.runUser('ANALYZE graph.node');
}

async function checkCount(database, table, expected) {
  const { rows } = await database.runUser(`SELECT count(*) FROM ${table}`);
  if (rows[0][0] !== String(expected)) throw new Error(`${table} has ${rows[0][0]} rows of ${expected}`);
}

/** Writes take longer than the lane that callers share allows. */
const LONG = { timeoutMs: 120_000 };
const inserted = (database, insert, parameters) =>
  database.inTransaction((transaction) => database.run(insert, parameters, { ...LONG, transaction }), LONG);

export const writers = {
  async cypherNodes(database, cypher, ms) {
    const result = await repeat(
      ms,
      NODES,
      () => clear(database),
      () => cypher(CREATE_NODES, { rows: things }),
    );
    await checkCount(database, 'graph.node', NODES);
    return result;
  },

  async sqlNodes(database, _cypher, ms) {
    let ids;
    const result = await repeat(
      ms,
      NODES,
      async () => {
        await clear(database);
        ids = await reserve(database, NODES);
      },
      () =>
        inserted(database, INSERT_NODES, [
          arrayLiteral(ids.map(String)),
          arrayLiteral(things.map((row) => encodeProperties(row))),
        ]),
    );
    await checkCount(database, 'graph.node', NODES);
    return result;
  },

  async cypherRelationships(database, cypher, ms) {
    const result = await repeat(
      ms,
      RELATIONSHIPS,
      () => prepareRoutes(database),
      () => cypher(CREATE_RELATIONSHIPS, { rows: routes }),
    );
    await checkCount(database, 'graph.edge', RELATIONSHIPS);
    return result;
  },

  async sqlRelationships(database, _cypher, ms) {
    let ids;
    const result = await repeat(
      ms,
      RELATIONSHIPS,
      async () => {
        await prepareRoutes(database);
        ids = await reserve(database, RELATIONSHIPS);
      },
      () => {
        const properties = (row) =>
          encodeProperties(new Map(['airline', 'stops'].map((name) => [name, row.get(name)])));
        return inserted(database, INSERT_RELATIONSHIPS, [
          arrayLiteral(ids.map(String)),
          arrayLiteral(routes.map((row) => String(row.get('source')))),
          arrayLiteral(routes.map((row) => String(row.get('target')))),
          arrayLiteral(routes.map(properties)),
        ]);
      },
    );
    await checkCount(database, 'graph.edge', RELATIONSHIPS);
    return result;
  },
};
