// Load generator of the graphd scenarios: WebSockets with one Execute in flight on each, its answer read no further than
// its kind. Messages are put together by hand, so that the
// client is not what is measured.
import { WebSocket } from 'ws';
import { answer, timedInFlight } from './answer.mjs';

function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

const field = (number, bytes) => Buffer.concat([Buffer.from([number * 8 + 2]), varint(bytes.length), bytes]);

const HELLO = field(1, Buffer.alloc(0));
/** Field 3 of a ServerMessage, with a length: a Result. */
const RESULT = 0x1a;

/** ClientMessage.execute: the query, and an INTEGER as its parameter `n`. */
function execute(query, n) {
  const value = Buffer.concat([Buffer.from([0x18]), varint(n)]);
  const entry = Buffer.concat([field(1, Buffer.from('n')), field(2, value)]);
  return field(2, Buffer.concat([field(1, Buffer.from(query)), field(2, entry)]));
}

async function open(port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { perMessageDeflate: false });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  let settle;
  socket.on('message', (data) => settle.resolve(data));
  socket.on('close', () => settle?.reject(new Error('the server closed the connection')));
  const ask = (bytes) =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject };
      socket.send(bytes);
    });
  await ask(HELLO);
  return { ask, close: () => socket.terminate() };
}

answer({
  async run({ port, query, idMax, connections, ms }) {
    const all = await Promise.all(Array.from({ length: connections }, () => open(port)));
    const messages = Array.from({ length: idMax }, (_, at) => execute(query, at + 1));
    const idle = [...all];
    const result = await timedInFlight(connections, ms, async () => {
      const connection = idle.pop();
      const data = await connection.ask(messages[Math.floor(Math.random() * messages.length)]);
      if (data[0] !== RESULT) throw new Error(`not a result: ${data.toString('latin1').slice(0, 500)}`);
      idle.push(connection);
    });
    for (const { close } of all) close();
    return result;
  },
});
