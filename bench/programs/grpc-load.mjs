// Client of the gRPC scenarios: HTTP/2 by hand, so that it takes less of the machine than a client library would. `run`
// sends a point select again and again on several connections; `rows` reads one stream and counts its messages,
// `stall` begins to read one and stops.
import { connect } from 'node:http2';
import { answer, inFlight } from './answer.mjs';

const HEADERS = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };

function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

const field = (number, bytes) => Buffer.concat([Buffer.from([number * 8 + 2]), varint(bytes.length), bytes]);

/** Its services, and how a statement with its parameters is written in its request. */
const DIALECTS = {
  thunder: {
    service: '/thunder.ThunderQuery',
    /** A thunder.QueryRequest. */
    messageOf(sql, ids) {
      const value = (id) => field(2, Buffer.concat([Buffer.from([0x10]), varint(id)]));
      return Buffer.concat([field(1, Buffer.from(sql)), ...ids.map(value)]);
    },
  },
  neumann: {
    service: '/neumann.v1.QueryService',
    /** A neumann.v1.QueryRequest, which has no parameters: they stand in the text. */
    messageOf: (sql, [id]) => field(1, Buffer.from(sql.replace('$1', String(id)))),
  },
};

/** A message in its frame. */
function framed(message) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function once(session, path, body, onData) {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ...HEADERS, ':path': path });
    let status = '';
    stream.on('response', (headers) => {
      status = headers['grpc-status'] ?? '';
    });
    stream.on('trailers', (trailers) => {
      status = trailers['grpc-status'] ?? '';
      if (status !== '0') reject(new Error(`grpc-status ${status}: ${trailers['grpc-message']}`));
    });
    stream.on('data', onData);
    stream.on('end', () => (status === '0' ? resolve() : reject(new Error(`grpc-status ${status}`))));
    stream.on('error', reject);
    stream.end(body);
  });
}

answer({
  async run({ port, sql, idMax, connections, callers, ms, dialect = 'thunder' }) {
    const { service, messageOf } = DIALECTS[dialect];
    const sessions = Array.from({ length: connections }, () => connect(`http://127.0.0.1:${port}`));
    let bytes = 0;
    let turn = 0;
    const result = await inFlight(callers, ms, async () => {
      const id = 1 + Math.floor(Math.random() * idMax);
      const session = sessions[turn++ % connections];
      await once(session, `${service}/Execute`, framed(messageOf(sql, [id])), (piece) => {
        bytes += piece.length;
      });
    });
    for (const session of sessions) session.close();
    return { ...result, bytes };
  },
  async rows({ port, sql, dialect = 'thunder' }) {
    const { service, messageOf } = DIALECTS[dialect];
    const session = connect(`http://127.0.0.1:${port}`);
    const startedAt = performance.now();
    let rows = 0;
    let bytes = 0;
    let skip = 0;
    let head = Buffer.alloc(0);
    await once(session, `${service}/ExecuteStream`, framed(messageOf(sql, [])), (piece) => {
      bytes += piece.length;
      let data = head.length === 0 ? piece : Buffer.concat([head, piece]);
      head = Buffer.alloc(0);
      for (;;) {
        if (skip >= data.length) {
          skip -= data.length;
          return;
        }
        data = data.subarray(skip);
        skip = 0;
        if (data.length < 5) {
          head = data;
          return;
        }
        rows++;
        skip = 5 + data.readUInt32BE(1);
      }
    });
    session.close();
    return { rows, bytes, ms: performance.now() - startedAt };
  },
  /** Begins to read, then reads nothing for `ms` milliseconds, then leaves. */
  async stall({ port, sql, ms, dialect = 'thunder' }) {
    const { service, messageOf } = DIALECTS[dialect];
    const session = connect(`http://127.0.0.1:${port}`);
    const stream = session.request({ ...HEADERS, ':path': `${service}/ExecuteStream` });
    stream.on('error', () => {});
    stream.end(framed(messageOf(sql, [])));
    await new Promise((resolve) => stream.once('data', resolve));
    stream.pause();
    await new Promise((resolve) => setTimeout(resolve, ms));
    stream.close();
    session.destroy();
  },
});
