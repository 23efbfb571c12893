/** Topics: who gets what, in one process and across several, and what happens to slow subscribers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import * as models from '../../src/models/index.ts';
import { beginOn, type Caller, codeOf } from './kv-support.ts';
import { collect, openPair, type Pair, range, until } from './live-support.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await openPair();
});
afterAll(() => pair.close());

const publish = (caller: Caller, topic: string, payload: unknown) =>
  caller(models.pubsubPublish, { topic, payloadJson: JSON.stringify(payload) });
const payloads = (messages: readonly models.PubsubMessage[]): unknown[] =>
  messages.map(({ payloadJson }) => JSON.parse(payloadJson));

describe('a subscriber', () => {
  it('gets what matches, once however many of its patterns do, in order', async () => {
    const { here } = pair;
    const one = await here(models.pubsubSubscribe, { topics: ['a.*', 'a.#', 'a.b', 'x'] });
    const two = await here(models.pubsubSubscribe, { topics: ['a.b'] });
    const taken = [one, two].map(({ feed }) => collect(feed));
    const matched = await Promise.all(
      ['a.b', 'a.c', 'x', 'y', 'a.b'].map((topic, n) => publish(here, topic, n)),
    );
    expect(matched.map(({ subscribersMatched }) => subscribersMatched)).toEqual([2, 1, 1, 0, 2]);
    expect(payloads(taken[0] ?? [])).toEqual([0, 1, 2, 4]);
    expect(payloads(taken[1] ?? [])).toEqual([0, 4]);
    expect(taken[1]?.[0]).toBe(taken[0]?.[0]);
    expect(taken[1]?.[0]?.messageId).toBe(matched[0]?.messageId);
    one.feed.close();
    two.feed.close();
    expect((await publish(here, 'a.b', 5)).subscribersMatched).toBe(0);
  });

  it('adds and gives up patterns', async () => {
    const { here } = pair;
    const { feed, subscriberId } = await here(models.pubsubSubscribe, { topics: ['p.one'] });
    const taken = collect(feed);
    const more = await here(models.pubsubSubscribe, { topics: ['p.two', 'p.one'], subscriberId });
    expect(more).toMatchObject({ subscriberId, topics: ['p.one', 'p.two'] });
    expect(more.feed).toBe(feed);
    for (const topic of ['p.one', 'p.two']) await publish(here, topic, topic);
    expect(await here(models.pubsubUnsubscribe, { subscriberId, topics: ['p.one', 'p.x'] })).toEqual({
      unsubscribed: 1,
      remaining: 1,
    });
    for (const topic of ['p.one', 'p.two']) await publish(here, topic, topic);
    expect(payloads(taken)).toEqual(['p.one', 'p.two', 'p.two']);
    expect(await here(models.pubsubUnsubscribe, { subscriberId })).toMatchObject({ remaining: 0 });
    expect(await here(models.pubsubUnsubscribe, { subscriberId })).toEqual({ unsubscribed: 0, remaining: 0 });
  });

  it('that takes nothing is dropped with a reason; the others are not', async () => {
    const { here } = pair;
    const slow = await here(models.pubsubSubscribe, { topics: ['busy'] });
    const quick = await here(models.pubsubSubscribe, { topics: ['busy'] });
    const taken = collect(quick.feed);
    const count = LIMITS.feedItemsMax + 100;
    await Promise.all(range(count).map((n) => publish(here, 'busy', n)));
    expect(slow.feed.ended?.reason.code).toBe('SUBSCRIBER_TOO_SLOW');
    expect(slow.feed.take(1)).toEqual([]);
    expect(payloads(taken)).toEqual(range(count));
    expect(await here(models.pubsubStats, {})).toMatchObject({
      slowConsumersDropped: 1,
      totalSubscribers: 1,
    });
    quick.feed.close();
  });

  it('hears of a transaction after its commit only', async () => {
    const { here, there, database } = pair;
    const feeds = await Promise.all(
      [here, there].map((caller) => caller(models.pubsubSubscribe, { topics: ['txn'] })),
    );
    const taken = feeds.map(({ feed }) => collect(feed));
    const gone = await beginOn(database);
    await here(models.pubsubPublish, { topic: 'txn', payloadJson: '"gone"' }, gone);
    await database.rollback(gone);
    const transaction = await beginOn(database);
    const published = await here(models.pubsubPublish, { topic: 'txn', payloadJson: '1' }, transaction);
    expect(published.subscribersMatched).toBe(2);
    await sleep(50);
    expect(taken).toEqual([[], []]);
    await database.commit(transaction);
    await until(() => taken.every(({ length }) => length === 1), 'the message');
    expect(taken.map(payloads)).toEqual([[1], [1]]);
    for (const { feed } of feeds) feed.close();
  });
});

describe('two processes', () => {
  it('deliver to each other what was published after the subscription was answered, and count', async () => {
    const { here, there } = pair;
    for (const round of range(20)) {
      const { feed } = await there(models.pubsubSubscribe, { topics: [`r${round}.*`, `r${round}.#`] });
      const taken = collect(feed);
      expect((await publish(here, `r${round}.x`, round)).subscribersMatched).toBe(1);
      await until(() => taken.length > 0, 'the message');
      expect(payloads(taken)).toEqual([round]);
      feed.close();
    }
  });

  it('keep the order of one publisher, large messages among small ones', async () => {
    const { here, there } = pair;
    const { feed } = await there(models.pubsubSubscribe, { topics: ['mixed'] });
    const taken = collect(feed);
    const texts = range(200).map((n) => (n % 20 === 7 ? 'L'.repeat(20_000) + n : `small ü ${n}`));
    await Promise.all(texts.map((text) => publish(here, 'mixed', text)));
    await until(() => taken.length === texts.length, 'all');
    expect(payloads(taken)).toEqual(texts);
    feed.close();
  });

  it('know when nobody listens any more', async () => {
    const { here, there, test } = pair;
    const { feed } = await there(models.pubsubSubscribe, { topics: ['left'] });
    expect((await publish(here, 'left', 1)).subscribersMatched).toBe(1);
    feed.close();
    let matched = 1;
    for (let attempt = 0; attempt < 100 && matched > 0; attempt++) {
      await sleep(20);
      matched = (await publish(here, 'left', 2)).subscribersMatched;
    }
    expect(matched).toBe(0);
    expect(await test.admin('SELECT id FROM pubsub.process')).toEqual([]);
  });

  it('ask for everything when their patterns are too many bytes, and are exact again afterwards', async () => {
    const { here, there } = pair;
    const long = 'p'.repeat(LIMITS.pubsubTopicBytesMax - 10);
    const subscribe = (who: string) =>
      here(models.pubsubSubscribe, {
        topics: range(LIMITS.pubsubPatternsMax).map((n) => `${long}.${who}${n}`),
      });
    const one = await subscribe('a');
    const counted = async (topic: string) => (await publish(there, topic, 1)).subscribersMatched;
    expect([await counted('else'), await counted(`${long}.a7`)]).toEqual([0, 1]);
    const two = await subscribe('b');
    expect(await counted('else')).toBe(2);
    const taken = collect(two.feed);
    await publish(there, `${long}.b9`, 'still told');
    await until(() => taken.length === 1, 'the message');
    one.feed.close();
    await expect.poll(() => counted('else')).toBe(0);
    two.feed.close();
    await expect.poll(() => counted(`${long}.b9`)).toBe(0);
  });

  it('forget a process that is gone without a word', async () => {
    const { here, test } = pair;
    await test.admin(
      `INSERT INTO pubsub.process VALUES ('dead', 1, '[[7,["#"]]]', now() + interval '1 hour')`,
    );
    expect((await publish(here, 'anything', 1)).subscribersMatched).toBe(7);
    await test.admin(`UPDATE pubsub.process SET lease_until = now() - interval '1 second'`);
    expect((await publish(here, 'anything', 1)).subscribersMatched).toBe(0);
  });

  it('find each other again when PostgreSQL has forgotten them and cut the session', async () => {
    const { here, there, test } = pair;
    const { feed } = await there(models.pubsubSubscribe, { topics: ['again'] });
    const taken = collect(feed);
    await test.admin('DELETE FROM pubsub.process');
    await test.admin(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND query LIKE '%LISTEN%' AND pid <> pg_backend_pid()`,
    );
    let published = 0;
    for (let attempt = 0; attempt < 200 && taken.length === 0; attempt++) {
      await publish(here, 'again', published++);
      await sleep(20);
    }
    expect(taken.length).toBeGreaterThan(0);
    feed.close();
  });

  it('are not misled by notifications that somebody made up', async () => {
    const { there, here, test } = pair;
    const { feed } = await there(models.pubsubSubscribe, { topics: ['forged'] });
    const taken = collect(feed);
    for (const text of [
      '',
      'x',
      '0123456789abcdef@99 forged',
      '0123456789abcdef@x',
      '0123456789abcdef[]\n',
    ]) {
      await test.admin('SELECT pg_notify($1, $2)', ['facet_pubsub', text]);
    }
    await publish(here, 'forged', 'true');
    await until(() => taken.length > 0, 'the message');
    expect(payloads(taken)).toEqual(['true']);
    feed.close();
  });
});

describe('facts', () => {
  it('list topics, and count what is there', async () => {
    const { here } = pair;
    const { feed } = await here(models.pubsubSubscribe, { topics: ['facts.one', 'facts.*'] });
    await publish(here, 'facts.two', 1);
    await publish(here, 'facts.two', 2);
    expect(await here(models.pubsubTopics, { pattern: 'facts.*' })).toEqual({
      topics: ['facts.one', 'facts.two'],
    });
    expect(await here(models.pubsubInfo, { topic: 'facts.two' })).toMatchObject({
      subscriberCount: 1,
      messageCount: 2,
    });
    expect(await codeOf(here(models.pubsubInfo, { topic: 'facts.none' }))).toBe('TOPIC_NOT_FOUND');
    expect(await here(models.pubsubStats, {})).toMatchObject({
      totalSubscribers: 1,
      totalSubscriptions: 2,
      totalWildcardSubscriptions: 1,
    });
    feed.close();
  });

  it('refuse what is no topic', async () => {
    const { here } = pair;
    expect(await codeOf(publish(here, '', 1))).toBe('INVALID_PARAMETER');
    expect(await codeOf(here(models.pubsubSubscribe, { topics: [] }))).toBe('INVALID_PARAMETER');
    expect(await codeOf(here(models.pubsubSubscribe, { topics: ['#.a'] }))).toBe('INVALID_PARAMETER');
  });
});
