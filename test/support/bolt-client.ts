/**
 * A client of Bolt that says exactly what a test wants, right or wrong, over a real socket. Its PackStream is its own, so
 * that a fault of ours on both sides does not go unseen: whole numbers of JavaScript are integers, `Float` is a float.
 */
import { connect, type Socket } from 'node:net';

export type Packed =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | Structure
  | readonly Packed[]
  | { readonly [key: string]: Packed };

export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class Structure {
  readonly tag: number;
  readonly fields: readonly Packed[];
  constructor(tag: number, fields: readonly Packed[]) {
    this.tag = tag;
    this.fields = fields;
  }
}

export const MAGIC = Buffer.from([0x60, 0x60, 0xb0, 0x17]);

/** `5.7` and the like as a proposal; up to four of them. */
export function proposals(...versions: readonly string[]): Buffer {
  const bytes = Buffer.alloc(16);
  for (const [index, version] of versions.entries()) {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    bytes.set([0, 0, minor, major], index * 4);
  }
  return bytes;
}

export const TAGS = {
  HELLO: 0x01,
  GOODBYE: 0x02,
  RESET: 0x0f,
  RUN: 0x10,
  BEGIN: 0x11,
  COMMIT: 0x12,
  ROLLBACK: 0x13,
  DISCARD: 0x2f,
  PULL: 0x3f,
  TELEMETRY: 0x54,
  ROUTE: 0x66,
  LOGON: 0x6a,
  LOGOFF: 0x6b,
} as const;
export type MessageName = keyof typeof TAGS;

const REPLIES: Readonly<Record<number, string>> = {
  112: 'SUCCESS',
  113: 'RECORD',
  126: 'IGNORED',
  127: 'FAILURE',
};

export interface Reply {
  readonly name: string;
  /** Of SUCCESS and FAILURE. */
  readonly meta: { readonly [key: string]: Packed };
  /** Of RECORD. */
  readonly values: readonly Packed[];
}

export const message = (name: MessageName, ...fields: readonly Packed[]): Buffer =>
  pack(new Structure(TAGS[name], fields));

/** In one chunk, or in chunks of that many bytes. */
export function framed(bytes: Buffer, chunkBytes = 0xffff): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = bytes.subarray(at, at + chunkBytes);
    parts.push(Buffer.from([chunk.length >> 8, chunk.length & 0xff]), chunk);
  }
  return Buffer.concat([...parts, Buffer.from([0, 0])]);
}

export class BoltClient {
  readonly socket: Socket;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;
  #received = Buffer.alloc(0);
  #isClosed = false;
  #told: (() => void) | undefined = undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#told?.();
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isClosed = true;
        this.#told?.();
        resolve();
      });
    });
  }

  static async connect(address: string): Promise<BoltClient> {
    const [host = '', port = '0'] = address.split(':');
    const socket = connect({ host, port: Number(port), noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new BoltClient(socket);
  }

  /** Connected and past HELLO, and LOGON where the version has it. */
  static async ready(address: string, version = '5.7', hello: Packed = {}): Promise<BoltClient> {
    const client = await BoltClient.connect(address);
    await client.agree(version);
    client.send('HELLO', { user_agent: 'test/1', ...(hello as object) });
    await client.expect('SUCCESS');
    if (Number(version) > 5) {
      client.send('LOGON', { scheme: 'none' });
      await client.expect('SUCCESS');
    }
    return client;
  }

  async agree(version: string): Promise<void> {
    this.write(Buffer.concat([MAGIC, proposals(version)]));
    const [, , minor, major] = await this.bytes(4);
    if (`${major}.${minor}` !== version) throw new Error(`agreed on ${major}.${minor}`);
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  send(name: MessageName, ...fields: readonly Packed[]): void {
    this.write(framed(message(name, ...fields)));
  }

  /** RUN with what it takes. */
  run(query: string, extra: Packed = {}, parameters: Packed = {}): void {
    this.send('RUN', query, parameters, extra);
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#received.length < count) await this.#more();
    const taken = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return taken;
  }

  /** The next message; signs of life before it are passed over. */
  async reply(): Promise<Reply> {
    const parts: Buffer[] = [];
    for (;;) {
      const size = (await this.bytes(2)).readUInt16BE();
      if (size > 0) parts.push(await this.bytes(size));
      else if (parts.length > 0) break;
    }
    const { tag, fields } = unpack(Buffer.concat(parts)) as Structure;
    const [first = null] = fields;
    return {
      name: REPLIES[tag] ?? `0x${tag.toString(16)}`,
      meta:
        first !== null && typeof first === 'object' && !Array.isArray(first)
          ? (first as object as Reply['meta'])
          : {},
      values: Array.isArray(first) ? first : [],
    };
  }

  /** The next message, which must be of that name. */
  async expect(name: string): Promise<Reply> {
    const reply = await this.reply();
    if (reply.name === name) return reply;
    throw new Error(`${reply.name} ${JSON.stringify(reply.meta)} came, and not ${name}`);
  }

  /** The records up to SUCCESS, and its metadata. @throws on FAILURE and IGNORED */
  async records(): Promise<{ readonly rows: readonly (readonly Packed[])[]; readonly meta: Reply['meta'] }> {
    const rows: (readonly Packed[])[] = [];
    for (;;) {
      const reply = await this.reply();
      if (reply.name === 'RECORD') rows.push(reply.values);
      else if (reply.name === 'SUCCESS') return { rows, meta: reply.meta };
      else throw new Error(`${reply.name} ${JSON.stringify(reply.meta)}`);
    }
  }

  /** Runs a query by itself and takes all of it. */
  async query(query: string, parameters: Packed = {}): Promise<readonly (readonly Packed[])[]> {
    this.run(query, {}, parameters);
    this.send('PULL', { n: -1 });
    await this.expect('SUCCESS');
    return (await this.records()).rows;
  }

  destroy(): void {
    this.socket.destroy();
  }

  #more(): Promise<void> {
    if (this.#isClosed) throw new Error('the connection is closed');
    return new Promise((resolve, reject) => {
      this.#told = () => {
        this.#told = undefined;
        if (this.#isClosed && this.#received.length === 0) reject(new Error('the connection is closed'));
        else resolve();
      };
    });
  }
}

export function pack(value: Packed): Buffer {
  if (value === null) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'number' || typeof value === 'bigint') {
    const bytes = Buffer.alloc(9, 0xcb);
    bytes.writeBigInt64BE(BigInt(value), 1);
    return value >= -16 && value < 128 ? bytes.subarray(8) : bytes;
  }
  if (value instanceof Float) {
    const bytes = Buffer.alloc(9, 0xc1);
    bytes.writeDoubleBE(value.value, 1);
    return bytes;
  }
  if (typeof value === 'string') {
    const text = Buffer.from(value);
    return Buffer.concat([sized(0xd2, text.length), text]);
  }
  if (value instanceof Structure) {
    return Buffer.concat([Buffer.from([0xb0 + value.fields.length, value.tag]), ...value.fields.map(pack)]);
  }
  if (Array.isArray(value)) return Buffer.concat([sized(0xd6, value.length), ...value.map(pack)]);
  const entries = Object.entries(value as { readonly [key: string]: Packed });
  return Buffer.concat([
    sized(0xda, entries.length),
    ...entries.flatMap(([key, held]) => [pack(key), pack(held)]),
  ]);
}

function sized(marker: number, size: number): Buffer {
  const bytes = Buffer.from([marker, 0, 0, 0, 0]);
  bytes.writeUInt32BE(size, 1);
  return bytes;
}

/** Integers as numbers where they are exact, else bigint. */
export function unpack(bytes: Buffer): Packed {
  let at = 0;
  const next = (count: number): Buffer => {
    at += count;
    return bytes.subarray(at - count, at);
  };
  const size = (width: number): number => next(width).readUIntBE(0, width);
  const many = (count: number): Packed[] => Array.from({ length: count }, () => value());
  const map = (count: number): Packed =>
    Object.fromEntries(Array.from({ length: count }, () => [String(value()), value()]));
  const text = (count: number): string => next(count).toString('utf8');
  const value = (): Packed => {
    const marker = size(1);
    if (marker < 0x80) return marker;
    if (marker >= 0xf0) return marker - 256;
    const low = marker & 0x0f;
    if (marker < 0x90) return text(low);
    if (marker < 0xa0) return many(low);
    if (marker < 0xb0) return map(low);
    if (marker < 0xc0) return new Structure(size(1), many(low));
    const width = 2 ** (marker & 3);
    switch (marker & 0xfc) {
      case 0xc0:
        if (marker === 0xc1) return new Float(next(8).readDoubleBE());
        return marker === 0xc0 ? null : marker === 0xc3;
      case 0xc8: {
        const read = BigInt.asIntN(width * 8, BigInt(`0x${next(width).toString('hex')}`));
        return Number.isSafeInteger(Number(read)) ? Number(read) : read;
      }
      case 0xd0:
        return text(size(width));
      case 0xd4:
        return many(size(width));
      case 0xd8:
        return map(size(width));
      default:
        throw new Error(`marker ${marker.toString(16)}`);
    }
  };
  return value();
}
