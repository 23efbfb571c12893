// Many WebSockets over bare sockets. Frames of the server are found by their length; of each event only the time that
// stands in it is read, so that a thousand subscribers fit on one core.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, timesOf } from './answer.mjs';
import { HttpClient } from './http-client.mjs';

const TIME = Buffer.from('"at":');
const HEAD_END = '\r\n\r\n';
/** Connections that are opened at once. */
const OPENING = 64;

let sockets = [];
let port;
let deliveries = 0;
let timesMs;
let closed = 0;

/** @param {(frame: Buffer) => void} onFrame gets the payload of each frame of text */
function open(path, onFrame) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let rest;
    let upgraded = false;
    socket.on('error', reject);
    socket.on('close', () => {
      closed++;
      reject(new Error('closed before the upgrade'));
    });
    socket.on('data', (piece) => {
      let data = rest === undefined ? piece : Buffer.concat([rest, piece]);
      if (!upgraded) {
        const end = data.indexOf(HEAD_END);
        rest = data;
        if (end === -1) return;
        if (!data.latin1Slice(0, 12).endsWith('101')) {
          reject(new Error(`no upgrade: ${data.latin1Slice(0, 500)}`));
          return;
        }
        upgraded = true;
        data = data.subarray(end + 4);
        resolve(socket);
      }
      rest = frames(data, socket, onFrame);
    });
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
  });
}

/** What is left behind the last whole frame. */
function frames(data, socket, onFrame) {
  let at = 0;
  while (data.length - at >= 2) {
    const opcode = data[at] & 15;
    let length = data[at + 1] & 127;
    let head = 2;
    if (length === 126) {
      if (data.length - at < 4) break;
      length = data.readUInt16BE(at + 2);
      head = 4;
    } else if (length === 127) {
      if (data.length - at < 10) break;
      length = Number(data.readBigUInt64BE(at + 2));
      head = 10;
    }
    if (data.length - at < head + length) break;
    const payload = data.subarray(at + head, at + head + length);
    if (opcode === 1) onFrame(payload);
    else if (opcode === 9) socket.write(pong(payload));
    at += head + length;
  }
  return at === data.length ? undefined : data.subarray(at);
}

/** A mask of zeros is a mask. */
const pong = (payload) => Buffer.concat([Buffer.from([0x8a, 0x80 | payload.length, 0, 0, 0, 0]), payload]);

function delivered(payload) {
  // `connected` is the only other message.
  const at = payload.indexOf(TIME);
  if (at === -1) return;
  deliveries++;
  timesMs?.push(performance.now() - Number.parseFloat(payload.latin1Slice(at + 5, at + 20)));
}

const event = () => {
  const data = `{"at":${performance.now().toFixed(3).padStart(13, ' ')},"pad":"`;
  return `{"event":"tick","data":${data}${'x'.repeat(198 - data.length)}"}}`;
};

async function settled(expected) {
  const until = performance.now() + 10_000;
  while (deliveries < expected && performance.now() < until) await sleep(5);
  if (deliveries !== expected) {
    throw new Error(`${deliveries} of ${expected} deliveries, ${closed} connections were closed`);
  }
}

answer({
  async open({ port: given, path, count }) {
    port = given;
    const paths = Array.from({ length: count }, (_, n) => path.replace('{n}', String(n)));
    const opener = async () => {
      for (let next = paths.pop(); next !== undefined; next = paths.pop()) {
        sockets.push(await open(next, delivered));
      }
    };
    await Promise.all(Array.from({ length: OPENING }, opener));
    closed = 0;
  },

  /** As fast as events are accepted and delivered, with so many under way. */
  async flood({ room, ms, underWay }) {
    deliveries = 0;
    timesMs = undefined;
    let sent = 0;
    const startedAt = performance.now();
    const until = startedAt + ms;
    const publisher = async () => {
      const client = new HttpClient(port);
      while (performance.now() < until) {
        await client.post(`/stream/${room}/publish`, event());
        sent++;
        // Not more than the subscribers take.
        while ((sent - underWay) * sockets.length > deliveries) await sleep(1);
      }
      client.close();
    };
    await Promise.all(Array.from({ length: 4 }, publisher));
    await settled(sent * sockets.length);
    return { rate: (deliveries * 1000) / (performance.now() - startedAt) };
  },

  /** Events at an even pace, `deliveriesPerSecond` altogether. */
  async pace({ room, ms, deliveriesPerSecond }) {
    deliveries = 0;
    timesMs = [];
    const client = new HttpClient(port);
    const everyMs = (sockets.length * 1000) / deliveriesPerSecond;
    const startedAt = performance.now();
    let sent = 0;
    while (performance.now() - startedAt < ms) {
      const waitMs = startedAt + sent * everyMs - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      await client.post(`/stream/${room}/publish`, event());
      sent++;
    }
    client.close();
    await settled(sent * sockets.length);
    return { rate: (deliveries * 1000) / (performance.now() - startedAt), ...timesOf(timesMs) };
  },

  async state() {
    return { open: sockets.length - closed };
  },

  async close() {
    for (const socket of sockets) socket.destroy();
    sockets = [];
  },
});
