// Our side of the scenarios about queues, streams and transactions: the models in this process, from dist/, without
// gate and HTTP. What an operation is given here is what the gate would give it.
import { setMaxListeners } from 'node:events';
import { openStore } from '../../dist/engine/index.js';
import * as models from '../../dist/models/index.js';
import { answer, timedInFlight, timesOf } from './answer.mjs';

const OWNER = { name: 'bench', role: 'admin' };
let store;
let database;
let rooms = 0;
const { signal } = new AbortController();
// One for all calls: as many listeners as there are calls under way.
setMaxListeners(0, signal);

function call(operation, input, transaction) {
  const context = {
    store,
    database,
    transaction,
    principal: OWNER,
    requestId: 'req_00000000',
    signal,
    observe: () => {},
    server: {},
  };
  return operation.run(context, input);
}

async function publish(queue, count, size) {
  const messages = Array.from({ length: size }, (_, n) => ({ messageJson: `{"n":${n}}` }));
  const startedAt = performance.now();
  let left = count;
  const publisher = async () => {
    while (left > 0) {
      const some = Math.min(left, size);
      left -= some;
      await call(models.queuePublishMany, { queue, messages: messages.slice(0, some) });
    }
  };
  await Promise.all([publisher(), publisher()]);
  return (count * 1000) / (performance.now() - startedAt);
}

async function drain(queue, count, consumers, countMax) {
  const timesMs = [];
  let done = 0;
  const startedAt = performance.now();
  const consumer = async () => {
    while (done < count) {
      const sentAt = performance.now();
      const { messages } = await call(models.queueConsume, { queue, timeoutMs: 0, countMax });
      if (messages.length === 0) break;
      await Promise.all(messages.map(({ receipt }) => call(models.queueAck, { queue, messageId: receipt })));
      timesMs.push(performance.now() - sentAt);
      done += messages.length;
    }
  };
  await Promise.all(Array.from({ length: consumers }, consumer));
  const elapsedMs = performance.now() - startedAt;
  if (done !== count) throw new Error(`${done} of ${count} messages were consumed`);
  return { rate: (count * 1000) / elapsedMs, ...timesOf(timesMs) };
}

/** What one transaction writes: a row, a node, a key, a message, an event. */
async function writeAll(n, queue, transaction) {
  await call(models.sqlQuery, { sql: 'INSERT INTO bench_wake VALUES ($1)', params: [n] }, transaction);
  await call(models.graphQuery, { query: 'CREATE (:Wake {n: $n})', params: { n } }, transaction);
  await call(models.kvSet, { key: `wake:${n}`, valueJson: String(n) }, transaction);
  await call(models.queuePublish, { queue, messageJson: String(n) }, transaction);
  await call(models.streamPublish, { room: 'wake', eventType: 'wake', dataJson: String(n) }, transaction);
}

answer({
  async open({ uri }) {
    store = await openStore(uri, { observe: () => {} });
    database = await store.namespace(store.defaultNamespace);
  },

  /** Messages stored in batches of `size`, two batches under way. */
  async publish({ queue, count, size }) {
    await call(models.queueCreate, { queue, maxDepth: 1_000_000 });
    return { rate: await publish(queue, count, size) };
  },

  drain: ({ queue, count, consumers, countMax }) => drain(queue, count, consumers, countMax),

  async append({ callers, ms, bytes }) {
    const room = `room-${rooms++}`;
    await call(models.streamCreate, { room });
    const dataJson = JSON.stringify('x'.repeat(bytes - 2));
    const round = await timedInFlight(callers, ms, () =>
      call(models.streamPublish, { room, eventType: 'tick', dataJson }),
    );
    const { totalPublished, nextOffset } = await call(models.streamStats, { room });
    if (totalPublished < round.rate * 0.5 * (ms / 1000)) throw new Error(`only ${totalPublished} events`);
    return { ...round, details: { ...round.details, nextOffset } };
  },

  async prepareWake({ queue }) {
    await call(models.sqlQuery, { sql: 'CREATE TABLE bench_wake (n bigint PRIMARY KEY)' });
    await call(models.queueCreate, { queue });
    await call(models.streamCreate, { room: 'wake' });
  },

  /** From the moment that COMMIT is sent, and from its answer, to the moment that the waiting consumer has the message. */
  async wake({ queue, ms, from }) {
    const sentMs = [];
    const answeredMs = [];
    const until = performance.now() + ms;
    for (let n = from; performance.now() < until; n++) {
      const waiting = call(models.queueConsume, { queue, timeoutMs: 20_000 }).then((taken) => ({
        taken,
        at: performance.now(),
      }));
      const { txnId } = await call(models.transactionBegin, {});
      const transaction = database.transaction(txnId, OWNER.name);
      await writeAll(n, queue, transaction);
      const sentAt = performance.now();
      await call(models.transactionCommit, { txnId });
      const answeredAt = performance.now();
      const { taken, at } = await waiting;
      const [message] = taken.messages;
      if (message?.messageJson !== String(n)) throw new Error(`expected message ${n}`);
      await call(models.queueAck, { queue, messageId: message.receipt });
      sentMs.push(at - sentAt);
      answeredMs.push(Math.max(0, at - answeredAt));
    }
    return { next: from + sentMs.length, sent: timesOf(sentMs), answered: timesOf(answeredMs) };
  },
});
