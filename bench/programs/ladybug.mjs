// A peer of the Cypher scenarios: LadybugDB, an embedded graph database, in this process and in memory. The native
// package needs no install script; it comes from peers/, or from wherever NODE_PATH leads.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { answer, timedInFlight } from './answer.mjs';
import { openFlights } from './graph-data.mjs';

const { Connection, Database } = createRequire(new URL('../peers/package.json', import.meta.url))(
  `@ladybugdb/core-${process.platform}-${process.arch}`,
);

let database;
let keys = [];

const pick = () => keys[Math.floor(Math.random() * keys.length)];
const quoted = (text) => `"${String(text).replaceAll('"', '""')}"`;

async function connect() {
  const connection = new Connection(database, 1);
  await connection.init();
  return connection;
}

async function rowsOf(connection, prepared, key) {
  const result = await connection.execute(prepared, key === undefined ? {} : { k: key });
  const rows = await result.getAll();
  result.close();
  return rows;
}

answer({
  /** OpenFlights. Only a primary key is an index there, so the code of an airport is one. */
  async load({ scratch }) {
    const { airports, routes } = await openFlights();
    const codes = new Map(airports.map(({ id, iata }) => [id, iata]));
    const nodes = airports.map(({ id, n, name, city, country, iata }) =>
      [quoted(iata), n, id, quoted(name), quoted(city), quoted(country)].join(','),
    );
    const edges = routes.map(({ source, target, airline, stops }) =>
      [quoted(codes.get(source)), quoted(codes.get(target)), airline, stops].join(','),
    );
    const [nodeFile, edgeFile] = [join(scratch, 'airports.csv'), join(scratch, 'routes.csv')];
    writeFileSync(nodeFile, nodes.join('\n'));
    writeFileSync(edgeFile, edges.join('\n'));
    database = new Database(':memory:');
    const connection = await connect();
    for (const query of [
      'CREATE NODE TABLE Airport(iata STRING PRIMARY KEY, n INT64, id INT64, name STRING, city STRING, country STRING)',
      'CREATE REL TABLE ROUTE(FROM Airport TO Airport, airline INT64, stops INT64)',
      `COPY Airport FROM "${nodeFile}" (escape='"')`,
      `COPY ROUTE FROM "${edgeFile}" (escape='"')`,
    ]) {
      await connection.query(query);
    }
    await connection.close();
  },

  async keys({ values }) {
    keys = values;
  },

  /** The values that one key brings, as text. */
  async values({ query, key }) {
    const connection = await connect();
    const rows = await rowsOf(connection, await connection.prepare(query), key);
    await connection.close();
    return rows.map((row) => Object.values(row).map(String).join('|')).sort();
  },

  /** A connection and a prepared statement for each caller. */
  async run({ query, callers, ms }) {
    const takesKey = query.includes('$k');
    const idle = [];
    for (let caller = 0; caller < callers; caller++) {
      const connection = await connect();
      idle.push({ connection, prepared: await connection.prepare(query) });
    }
    const round = await timedInFlight(callers, ms, async () => {
      const one = idle.pop();
      await rowsOf(one.connection, one.prepared, takesKey ? pick() : undefined);
      idle.push(one);
    });
    for (const { connection } of idle) await connection.close();
    return round;
  },
});
