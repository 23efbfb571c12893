// Load generator: keep-alive connections over bare sockets, one request in flight on each, one JSON body per request
// with a random id in it. It reads no more of an answer than its status and its length, so that it is not what is
// measured; the first answer of every connection is read as a whole and checked, unless any rows
// will do.
import { connect } from 'node:net';
import { answer } from './answer.mjs';

const HEAD_END = Buffer.from('\r\n\r\n');

class Connection {
  constructor(port, path, bodyBefore, bodyAfter, idMax, anyRows) {
    this.head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: `;
    Object.assign(this, { bodyBefore, bodyAfter, idMax, rest: undefined, checked: anyRows, done: undefined });
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (piece) => this.read(piece));
    this.socket.on('error', (error) => this.fail?.(error));
    this.socket.on('close', () => this.fail?.(new Error('the server closed the connection')));
  }

  /** Sends one request; resolves when the whole answer is there. */
  request() {
    this.id = 1 + Math.floor(Math.random() * this.idMax);
    const body = `${this.bodyBefore}${this.id}${this.bodyAfter}`;
    return new Promise((resolve, reject) => {
      this.done = resolve;
      this.fail = reject;
      this.socket.write(`${this.head}${body.length}\r\n\r\n${body}`);
    });
  }

  read(piece) {
    const data = this.rest === undefined ? piece : Buffer.concat([this.rest, piece]);
    this.rest = data;
    const headEnd = data.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = data.latin1Slice(0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (!head.startsWith('HTTP/1.1 200') || Number.isNaN(length)) {
      this.fail(new Error(`unexpected answer: ${data.utf8Slice(0, 2000)}`));
      return;
    }
    if (data.length < headEnd + 4 + length) return;
    if (!this.checked) {
      const answered = JSON.parse(data.utf8Slice(headEnd + 4, headEnd + 4 + length));
      // GraphQL has the result under its field. Rows are arrays in one API and objects in the other.
      const { rows = [] } = answered.data?.query ?? answered;
      if (rows.length !== 1 || Number(Object.values(rows[0])[0]) !== this.id) {
        this.fail(new Error(`wrong rows for id ${this.id}: ${JSON.stringify(rows)}`));
        return;
      }
      this.checked = true;
    }
    this.rest = undefined;
    this.done();
  }

  close() {
    this.fail = undefined;
    this.socket.destroy();
  }
}

answer({
  async run({ port, path, bodyBefore, bodyAfter, idMax, connections, ms, anyRows = false }) {
    const all = Array.from(
      { length: connections },
      () => new Connection(port, path, bodyBefore, bodyAfter, idMax, anyRows),
    );
    const timesMs = [];
    const startedAt = performance.now();
    const until = startedAt + ms;
    await Promise.all(
      all.map(async (connection) => {
        for (let sentAt = performance.now(); sentAt < until; ) {
          await connection.request();
          const now = performance.now();
          timesMs.push(now - sentAt);
          sentAt = now;
        }
      }),
    );
    const elapsedMs = performance.now() - startedAt;
    for (const connection of all) connection.close();
    timesMs.sort((left, right) => left - right);
    return {
      rate: (timesMs.length * 1000) / elapsedMs,
      p50Ms: timesMs[Math.floor(timesMs.length * 0.5)],
      p99Ms: timesMs[Math.floor(timesMs.length * 0.99)],
    };
  },
});
