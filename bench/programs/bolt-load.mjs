// Load generator of the Bolt scenarios: bare sockets with one RUN and PULL in flight on each, written by hand. Of an answer
// it reads the kinds of its messages, so that it is not what is measured; of the first one of every connection the record.
// `rows` counts the records of one result, `stall` begins to read one and stops.
import { connect } from 'node:net';
import { answer, timedInFlight } from './answer.mjs';

/** Bolt 5.4 and nothing else. */
const HANDSHAKE = Buffer.from('6060b017 00000405 00000000 00000000 00000000'.replaceAll(' ', ''), 'hex');
const SUCCESS = 0x70;
const RECORD = 0x71;

const text = (value) => {
  const bytes = Buffer.from(value);
  if (bytes.length < 16) return Buffer.concat([Buffer.from([0x80 + bytes.length]), bytes]);
  if (bytes.length < 256) return Buffer.concat([Buffer.from([0xd0, bytes.length]), bytes]);
  return Buffer.concat([Buffer.from([0xd1, bytes.length >> 8, bytes.length & 0xff]), bytes]);
};
const int = (value) => {
  const bytes = Buffer.alloc(5);
  bytes[0] = 0xca;
  bytes.writeInt32BE(value, 1);
  return bytes;
};
const map = (entries) =>
  Buffer.concat([
    Buffer.from([0xa0 + entries.length]),
    ...entries.flatMap(([key, value]) => [text(key), value]),
  ]);
/** A message in one chunk. */
function message(signature, ...fields) {
  const body = Buffer.concat([Buffer.from([0xb0 + fields.length, signature]), ...fields]);
  return Buffer.concat([Buffer.from([body.length >> 8, body.length & 0xff]), body, Buffer.alloc(2)]);
}

const HELLO = message(0x01, map([['user_agent', text('bench/1')]]));
const LOGON = message(0x6a, map([['scheme', text('none')]]));
const pull = (n) => message(0x3f, map([['n', int(n)]]));
const PULL = pull(-1);
const RUN = 0x10;
const HAS_MORE = text('has_more');
/** Marker of `true`. */
const TRUE = 0xc3;

class Connection {
  constructor(port) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (piece) => this.read(piece));
    this.socket.on('error', (error) => this.fail?.(error));
    this.socket.on('close', () => this.fail?.(new Error('the server closed the connection')));
    Object.assign(this, { rest: undefined, versioned: false, records: [], checked: false });
  }

  /** Sends bytes; resolves when `successes` messages of that kind have come. */
  ask(bytes, successes) {
    return new Promise((resolve, reject) => {
      Object.assign(this, { done: resolve, fail: reject, missing: successes, records: [] });
      this.socket.write(bytes);
    });
  }

  async begin() {
    await this.ask(HANDSHAKE, 1);
    await this.ask(Buffer.concat([HELLO, LOGON]), 2);
  }

  async point(head, id) {
    await this.ask(Buffer.concat([message(RUN, head, map([['n', int(id)]]), map([])), PULL]), 2);
    if (this.checked) return;
    const [record = Buffer.alloc(0), ...others] = this.records;
    // A structure with one list, the first value of which is the number: as small as it can be.
    const [wide, narrow] = [record.length > 6 ? record.readInt16BE(4) : 0, record[3]];
    if (others.length > 0 || ![wide, narrow, record[4]].includes(id)) {
      throw new Error(`wrong records for ${id}: ${record.toString('hex')} and ${others.length} more`);
    }
    this.checked = true;
  }

  read(piece) {
    let data = this.rest === undefined ? piece : Buffer.concat([this.rest, piece]);
    if (!this.versioned) {
      this.versioned = true;
      if (data.readUInt32BE(0) !== 0x0000_0405) this.fail(new Error(`version ${data.toString('hex')}`));
      data = data.subarray(4);
      this.missing--;
    }
    // Short messages only: each is one chunk.
    while (data.length >= 2) {
      const size = data.readUInt16BE(0);
      if (data.length < size + 4) break;
      const body = data.subarray(2, size + 2);
      data = data.subarray(size + 4);
      if (body[1] === SUCCESS) {
        this.missing--;
        this.last = body;
      } else if (body[1] === RECORD) {
        if (this.counts === undefined) this.records.push(body);
        else this.counts();
      } else this.fail(new Error(`not a success: ${body.toString('latin1')}`));
    }
    this.rest = data.length === 0 ? undefined : data;
    if (this.missing === 0) this.done();
  }

  /** Reads a result to its end, counting its records. */
  async rows(query, fetchSize, onBatch) {
    let rows = 0;
    this.counts = () => {
      rows++;
    };
    await this.ask(message(RUN, text(query), map([]), map([])), 1);
    for (let hasMore = true; hasMore; ) {
      await this.ask(pull(fetchSize), 1);
      hasMore =
        this.last.includes(HAS_MORE) && this.last[this.last.indexOf(HAS_MORE) + HAS_MORE.length] === TRUE;
      await onBatch?.();
    }
    this.counts = undefined;
    return rows;
  }

  close() {
    this.fail = undefined;
    this.socket.destroy();
  }
}

answer({
  async wire({ port, query, idMax, connections, ms }) {
    const all = Array.from({ length: connections }, () => new Connection(port));
    await Promise.all(all.map((connection) => connection.begin()));
    const head = text(query);
    const idle = [...all];
    const result = await timedInFlight(connections, ms, async () => {
      const connection = idle.pop();
      await connection.point(head, 1 + Math.floor(Math.random() * idMax));
      idle.push(connection);
    });
    for (const connection of all) connection.close();
    return result;
  },
  async rows({ port, query, fetchSize }) {
    const connection = new Connection(port);
    await connection.begin();
    const startedAt = performance.now();
    const rows = await connection.rows(query, fetchSize);
    const ms = performance.now() - startedAt;
    connection.close();
    return { rows, ms };
  },
  /** Begins to read, then takes nothing for `ms` milliseconds, then leaves. */
  async stall({ port, query, fetchSize, ms }) {
    const connection = new Connection(port);
    await connection.begin();
    const waited = new Promise((resolve) => {
      connection
        .rows(query, fetchSize, () => new Promise((go) => setTimeout(() => go(resolve()), ms)))
        .catch(() => {});
    });
    await waited;
    connection.close();
  },
});
