// Load for the soak: keys that expire, messages that are consumed, events that retention removes, at an even pace.
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from './answer.mjs';
import { HttpClient } from './http-client.mjs';

const KEYS = 50_000;
const CLIENTS = 8;
/** Between the steps of one client. */
const PAUSE_MS = 20;
const KEYS_A_STEP = 50;
const MESSAGES_A_STEP = 5;
const EVENTS_A_STEP = 10;

const number = (most) => Math.floor(Math.random() * most);
const value = () => 'v'.repeat(50 + number(150));
const command = (name, payload) => ({ command: name, payload });

const batch = (commands) => JSON.stringify({ type: 'batch', request_id: 'r', commands });

async function step(client, counts) {
  const sets = Array.from({ length: KEYS_A_STEP }, () =>
    command('kv.set', { key: `soak-${number(KEYS)}`, value: value(), ttl: 1 + number(10) }),
  );
  const elements = [
    command('hash.set', { key: `soak-hash-${number(500)}`, field: `f${number(20)}`, value: value() }),
    command('kv.expire', { key: `soak-hash-${number(500)}`, ttl: 1 + number(5) }),
  ];
  const messages = Array.from({ length: MESSAGES_A_STEP }, () =>
    command('queue.publish', { queue: 'soak', message: { text: value() } }),
  );
  const events = Array.from({ length: EVENTS_A_STEP }, () =>
    command('stream.publish', { room: 'soak', event: 'tick', data: { text: value() } }),
  );
  const answered = await client.post(
    '/api/v1/command',
    batch([...sets, ...elements, ...messages, ...events]),
  );
  counts.commands += sets.length + elements.length + messages.length + events.length;
  for (const [failure] of answered.matchAll(/"error":\{[^}]*\}/g)) {
    // A hash that has expired meanwhile is as it should be.
    if (!/KEY_NOT_FOUND|not found/i.test(failure)) throw new Error(failure);
  }
  for (let n = 0; n < MESSAGES_A_STEP; n++) {
    const { message_id } = JSON.parse(await client.get('/queue/soak/consume/soak'));
    if (message_id === null) break;
    await client.post('/queue/soak/ack', JSON.stringify({ message_id }));
    counts.commands += 2;
  }
}

answer({
  async run({ port, ms }) {
    const counts = { commands: 0 };
    const until = performance.now() + ms;
    const one = async () => {
      const client = new HttpClient(port);
      while (performance.now() < until) {
        await step(client, counts);
        await sleep(PAUSE_MS);
      }
      client.close();
    };
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: CLIENTS }, one));
    return { rate: (counts.commands * 1000) / (performance.now() - startedAt) };
  },
});
