// The peer of the gRPC scenarios: handlers of @grpc/grpc-js that run a named statement on one pipelined `pg` client, or read
// rows by `pg-cursor` on another, and answer with the same messages, encoded by protobufjs, as a program without Facet would.
import { loadPackageDefinition, Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { answer } from './answer.mjs';

const { thunder } = loadPackageDefinition(
  loadSync('thunder.proto', { keepCase: true, includeDirs: ['proto'], longs: String, defaults: true }),
);
/** Oids of int4 and int8. */
const INTEGERS = new Set([23, 20]);
const server = new Server();
const ROWS_PER_FETCH = 1_000;

const typeOf = (field) => (INTEGERS.has(field.dataTypeID) ? 'Int64' : 'Text');
const valuesOf = (row, fields) =>
  row.map((cell, at) => (INTEGERS.has(fields[at].dataTypeID) ? { int_value: cell } : { string_value: cell }));

answer({
  async start({ connection }) {
    const client = new pg.Client({ ...connection, pipeline: true });
    await client.connect();
    const streaming = new pg.Client(connection);
    await streaming.connect();
    server.addService(thunder.ThunderQuery.service, {
      Execute(call, done) {
        const { sql, params } = call.request;
        const values = params.map((value) => value[Object.keys(value)[0]]);
        client
          .query({ name: 'point', text: sql, values, rowMode: 'array' })
          .then(({ fields, rows }) =>
            done(null, {
              columns: fields.map((field) => field.name),
              column_types: fields.map(typeOf),
              rows: rows.map((row) => ({ values: valuesOf(row, fields) })),
              row_count: rows.length,
              execution_time_ms: 0,
            }),
          )
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

/** One message a row, the first one with the columns, at the pace of the reader. */
async function stream(client, call) {
  const cursor = client.query(new Cursor(call.request.sql, [], { rowMode: 'array' }));
  for (let first = true; ; first = false) {
    const [rows, { fields }] = await new Promise((resolve, reject) => {
      cursor.read(ROWS_PER_FETCH, (error, found, result) =>
        error ? reject(error) : resolve([found, result]),
      );
    });
    if (rows.length === 0) break;
    const head = { columns: fields.map((field) => field.name), column_types: fields.map(typeOf) };
    for (const [at, row] of rows.entries()) {
      const message = { values: valuesOf(row, fields), ...(first && at === 0 ? head : {}) };
      if (!call.write(message)) await new Promise((resolve) => call.once('drain', resolve));
    }
  }
  await cursor.close();
  call.end();
}
