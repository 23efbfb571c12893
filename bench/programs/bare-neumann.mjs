// The peer of the Neumann scenarios: handlers of @grpc/grpc-js that run the SQL of a request on one pipelined `pg` client, or
// read rows by `pg-cursor` on another, and answer with the same messages, encoded by protobufjs.
import { loadPackageDefinition, Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { answer } from './answer.mjs';

const { neumann } = loadPackageDefinition(
  loadSync('neumann.proto', { keepCase: true, includeDirs: ['proto'], longs: String, defaults: true }),
);
/** Oids of int4 and int8, and of float8. */
const INTEGERS = new Set([23, 20]);
const FLOAT = 701;
const server = new Server();
const ROWS_PER_FETCH = 1_000;

function typed(cell, { dataTypeID }) {
  if (cell === null) return { null: true };
  if (INTEGERS.has(dataTypeID)) return { int_value: cell };
  return dataTypeID === FLOAT ? { float_value: cell } : { string_value: cell };
}

/** The short form with the statement for it prepared, as Facet has it; PostgreSQL's own text as it is. */
const SHORT = /^SELECT (\w+) WHERE (\w+) = (\d+)$/;

function queryOf(text) {
  const [, table, column, id] = SHORT.exec(text) ?? [];
  return id === undefined
    ? { text, rowMode: 'array' }
    : { name: table, text: `SELECT * FROM ${table} WHERE ${column} = $1`, values: [id], rowMode: 'array' };
}

const rowOf = (row, fields) => ({
  id: 0,
  values: row.map((cell, at) => ({ name: fields[at].name, value: typed(cell, fields[at]) })),
});

answer({
  async start({ connection }) {
    const client = new pg.Client({ ...connection, pipeline: true });
    await client.connect();
    const streaming = new pg.Client(connection);
    await streaming.connect();
    server.addService(neumann.v1.QueryService.service, {
      Execute(call, done) {
        client
          .query(queryOf(call.request.query))
          .then(({ fields, rows }) => done(null, { rows: { rows: rows.map((row) => rowOf(row, fields)) } }))
          .catch(done);
      },
      ExecuteStream(call) {
        stream(streaming, call).catch((error) => call.destroy(error));
      },
    });
    return await new Promise((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  },
});

const drained = (call) => new Promise((resolve) => call.once('drain', resolve));

/** One message a row and one at the end, at the pace of the reader. */
async function stream(client, call) {
  const cursor = client.query(new Cursor(call.request.query, [], { rowMode: 'array' }));
  for (;;) {
    const [rows, { fields }] = await new Promise((resolve, reject) => {
      cursor.read(ROWS_PER_FETCH, (error, found, result) =>
        error ? reject(error) : resolve([found, result]),
      );
    });
    if (rows.length === 0) break;
    for (const row of rows) {
      const message = { row: { row: rowOf(row, fields) } };
      if (!call.write(message)) await drained(call);
    }
  }
  await cursor.close();
  call.write({ is_final: true });
  call.end();
}
