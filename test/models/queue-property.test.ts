/** A queue against a plain model of it: priority, order, retries, dead letters, positions, over random operations. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  queueAck,
  queueConsume,
  queueCreate,
  queueDeadLetters,
  queueNack,
  queuePeek,
  queuePublish,
  queuePurge,
  queueRedrive,
  queueStats,
} from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';

let model: Model;
beforeAll(async () => {
  model = await openModel();
});
afterAll(() => model.stop());

interface Item {
  readonly id: string;
  readonly priority: number;
  readonly maxRetries: number;
  retryCount: number;
}

/** The rules, as plainly as they can be said. */
class PlainQueue {
  ready: Item[] = [];
  leased: Item[] = [];
  dead: Item[] = [];

  enqueue(item: Item): number {
    const behind = this.ready.findIndex(({ priority }) => priority < item.priority);
    const at = behind === -1 ? this.ready.length : behind;
    this.ready.splice(at, 0, item);
    return at + 1;
  }

  fail(item: Item, requeue: boolean): string {
    this.leased.splice(this.leased.indexOf(item), 1);
    item.retryCount++;
    if (requeue && item.retryCount <= item.maxRetries) {
      this.enqueue(item);
      return 'requeued';
    }
    this.dead.push(item);
    return 'dead_lettered';
  }
}

const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('publish' as const), priority: fc.nat(9), retries: fc.nat(2) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('consume' as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ack' as const), at: fc.nat() }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('nack' as const), at: fc.nat(), requeue: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('redrive' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('purge' as const) }) },
);

const ids = (messages: readonly { messageId: string }[]): string[] =>
  messages.map(({ messageId }) => messageId);

let runs = 0;
it('behaves as its model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 40 }), async (operations) => {
      const queue = `property ${++runs}`;
      await model.call(queueCreate, { queue });
      const plain = new PlainQueue();
      for (const step of operations) {
        if (step.do === 'publish') {
          const { messageId, position } = await model.call(queuePublish, {
            queue,
            messageJson: '1',
            priority: step.priority,
            maxRetries: step.retries,
          });
          const item = { id: messageId, priority: step.priority, maxRetries: step.retries, retryCount: 0 };
          expect(position).toBe(plain.enqueue(item));
        } else if (step.do === 'consume') {
          const { messages } = await model.call(queueConsume, { queue, countMax: step.count });
          const expected = plain.ready.splice(0, step.count);
          expect(messages.map(({ messageId, retryCount }) => [messageId, retryCount])).toEqual(
            expected.map(({ id, retryCount }) => [id, retryCount]),
          );
          plain.leased.push(...expected);
        } else if (step.do === 'ack' || step.do === 'nack') {
          const item = plain.leased[step.at % Math.max(1, plain.leased.length)];
          if (item === undefined) continue;
          if (step.do === 'ack') {
            plain.leased.splice(plain.leased.indexOf(item), 1);
            await model.call(queueAck, { queue, messageId: item.id });
          } else {
            const { action } = await model.call(queueNack, {
              queue,
              messageId: item.id,
              requeue: step.requeue,
            });
            expect(action).toBe(plain.fail(item, step.requeue));
          }
        } else if (step.do === 'redrive') {
          const { redriven } = await model.call(queueRedrive, { queue });
          expect(redriven).toBe(plain.dead.length);
          for (const item of plain.dead.splice(0)) plain.enqueue({ ...item, retryCount: 0 });
        } else {
          expect((await model.call(queuePurge, { queue })).purged).toBe(plain.ready.splice(0).length);
        }
      }
      expect(ids((await model.call(queuePeek, { queue, countMax: 100 })).messages)).toEqual(
        plain.ready.map(({ id }) => id),
      );
      expect(ids((await model.call(queueDeadLetters, { queue })).messages)).toEqual(
        plain.dead.map(({ id }) => id),
      );
      expect(await model.call(queueStats, { queue })).toMatchObject({
        depth: plain.ready.length,
        inFlight: plain.leased.length,
        deadLetters: plain.dead.length,
      });
    }),
    { numRuns: 60 },
  );
});
