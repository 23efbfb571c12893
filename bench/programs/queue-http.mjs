// Consumers of a queue over HTTP, each on a connection of its own: one message, its ack, the next.
import { answer, timesOf } from './answer.mjs';
import { HttpClient } from './http-client.mjs';

const BATCH = 500;
const QUEUE = 'bench';
let port;

answer({
  async open(given) {
    port = given.port;
    const client = new HttpClient(port);
    await client.post(`/queue/${QUEUE}`, '{"max_depth":1000000}');
    client.close();
  },

  /** Publishes `count` messages in batches, then drains them. The rate is that of the drain. */
  async round({ count, consumers }) {
    const publisher = new HttpClient(port);
    const filling = performance.now();
    for (let at = 0; at < count; at += BATCH) {
      const commands = Array.from({ length: Math.min(BATCH, count - at) }, (_, n) => ({
        command: 'queue.publish',
        payload: { queue: QUEUE, message: { n: at + n } },
      }));
      await publisher.post('/api/v1/command', JSON.stringify({ type: 'batch', request_id: 'r', commands }));
    }
    const publishRate = (count * 1000) / (performance.now() - filling);
    publisher.close();

    const timesMs = [];
    let done = 0;
    const startedAt = performance.now();
    const consumer = async (_, n) => {
      const client = new HttpClient(port);
      while (done < count) {
        const sentAt = performance.now();
        const { message_id } = JSON.parse(await client.get(`/queue/${QUEUE}/consume/worker-${n}`));
        if (message_id === null) break;
        await client.post(`/queue/${QUEUE}/ack`, `{"message_id":"${message_id}"}`);
        timesMs.push(performance.now() - sentAt);
        done++;
      }
      client.close();
    };
    await Promise.all(Array.from({ length: consumers }, consumer));
    const elapsedMs = performance.now() - startedAt;
    if (done !== count) throw new Error(`${done} of ${count} messages were consumed`);
    return { rate: (count * 1000) / elapsedMs, details: { ...timesOf(timesMs), publishRate } };
  },
});
