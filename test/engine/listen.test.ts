/** Notifications between processes: who hears what, and what those who listen are told when some may have been lost. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { ignoreObservations, LIMITS, type Observation } from '../../src/base/index.ts';
import { Gate } from '../../src/engine/gate.ts';
import {
  type ChannelListener,
  type Database,
  openStore,
  type Store,
  type Subscription,
  statement,
} from '../../src/engine/index.ts';
import { ChannelSession } from '../../src/engine/listen.ts';
import { OwnBackends } from '../../src/engine/own-backends.ts';
import { query } from '../../src/engine/query.ts';
import { probe } from '../../src/engine/server-access.ts';
import type { Session } from '../../src/engine/session.ts';
import { failure } from '../support/failure.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';

const NOTIFY = statement('test.notify', 'SELECT pg_notify($1, $2)');
const notify = (database: Database, channel: string, payload: string) =>
  database.run(NOTIFY, [channel, payload]);

/** Notes what it hears: `own a`, `other a`, `gap`. */
class Ear implements ChannelListener {
  readonly heard: string[] = [];

  notified(payload: string, own: boolean): void {
    this.heard.push(`${own ? 'own' : 'other'} ${payload}`);
  }

  gap(): void {
    this.heard.push('gap');
  }

  count(what: string): number {
    return this.heard.filter((one) => one === what).length;
  }

  /** Waits until it has heard `what`, `times` times. */
  async hears(what: string, times = 1): Promise<void> {
    for (let attempt = 0; this.count(what) < times; attempt++) {
      if (attempt === 1_000) throw new Error(`waited for ${times} × ${what}, heard ${this.heard.join(', ')}`);
      await sleep(10);
    }
  }
}

const subscriptions: Subscription[] = [];
const listen = (database: Database, channel: string): Ear => {
  const ear = new Ear();
  subscriptions.push(database.listen(channel, ear));
  return ear;
};
afterEach(() => {
  for (const subscription of subscriptions.splice(0)) subscription.close();
});

describe('two processes on one PostgreSQL', () => {
  let test: TestStore;
  let other: Store;
  let here: Database;
  let there: Database;
  beforeAll(async () => {
    test = await openTestStore();
    here = test.database;
    other = await openStore(test.uri, { observe: ignoreObservations });
    there = await other.namespace('default');
  });
  afterAll(async () => {
    await other.stop();
    await test.close();
  });

  /** Backends that listen, of both stores. */
  const listeners = async (): Promise<readonly string[]> => {
    const rows = await test.admin(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ~ '^(UN)?LISTEN'`,
    );
    return rows.map(([pid]) => pid ?? '');
  };

  it('hear each other and themselves, in the order of the commits, each their own channel', async () => {
    const [a, b, quiet] = [listen(here, 'test_one'), listen(there, 'test_one'), listen(there, 'test "two"')];
    await Promise.all([a, b, quiet].map((ear) => ear.hears('gap')));
    for (let n = 0; n < 3; n++) {
      await notify(here, 'test_one', `${n} from here`);
      await notify(there, 'test_one', `${n} from there`);
    }
    await here.inTransaction((transaction) =>
      here.run(NOTIFY, ['test "two"', 'from a pooled session'], { transaction }),
    );
    await Promise.all([a.hears('other 2 from there'), b.hears('own 2 from there')]);
    await quiet.hears('other from a pooled session');
    expect(a.heard).toEqual([
      'gap',
      ...[0, 1, 2].flatMap((n) => [`own ${n} from here`, `other ${n} from there`]),
    ]);
    expect(b.heard).toEqual([
      'gap',
      ...[0, 1, 2].flatMap((n) => [`other ${n} from here`, `own ${n} from there`]),
    ]);
    expect(quiet.heard).toEqual(['gap', 'other from a pooled session']);
  });

  it('hear of what is committed, and only of that', async () => {
    const ear = listen(there, 'test_commits');
    await ear.hears('gap');
    const work = (payload: string, rollback: boolean) =>
      here.inTransaction((transaction) => here.run(NOTIFY, ['test_commits', payload], { transaction }), {
        rollback,
      });
    await work('undone', true);
    await work('done', false);
    await ear.hears('other done');
    expect(ear.heard).toEqual(['gap', 'other done']);
  });

  it('each listener begins with a gap, hears until it is closed, and may come back', async () => {
    const first = listen(here, 'test_many');
    await first.hears('gap');
    const second = new Ear();
    const subscription = here.listen('test_many', second);
    const third = new Ear();
    here.listen('test_many', third).close();
    await second.hears('gap');
    await notify(there, 'test_many', 'x');
    await Promise.all([first.hears('other x'), second.hears('other x')]);
    subscription.close();
    subscription.close();
    await notify(there, 'test_many', 'y');
    await first.hears('other y');
    expect(second.heard).toEqual(['gap', 'other x']);
    expect(third.heard).toEqual([]);
    for (const one of subscriptions.splice(0)) one.close();
    const again = listen(here, 'test_many');
    await again.hears('gap');
    await notify(there, 'test_many', 'z');
    await again.hears('other z');
    expect(first.heard).toEqual(['gap', 'other x', 'other y']);
  });

  it('one that throws is told of, and fails nobody else', async () => {
    const broken = here.listen('test_broken', {
      notified: () => {
        throw new Error('boom');
      },
      gap: () => {},
    });
    const ear = listen(here, 'test_broken');
    await ear.hears('gap');
    await notify(there, 'test_broken', 'x');
    await ear.hears('other x');
    broken.close();
    expect(test.observations).toContainEqual(
      expect.objectContaining({ type: 'warning', message: 'A listener to test_broken failed' }),
    );
  });

  it('payloads have a bound', async () => {
    const ear = listen(here, 'test_long');
    await ear.hears('gap');
    const longest = 'x'.repeat(LIMITS.notificationBytesMax);
    await notify(here, 'test_long', longest);
    await ear.hears(`own ${longest}`);
    expect((await failure(notify(here, 'test_long', `${longest}x`))).kind).toBe('invalid');
  });

  it('are told of a gap when their session was ended, and miss nothing afterwards', async () => {
    const ears = [listen(here, 'test_lost'), listen(here, 'test_lost'), listen(here, 'test_lost_too')];
    const [ear] = ears;
    await Promise.all(ears.map((one) => one.hears('gap')));
    for (let round = 2; round < 5; round++) {
      for (const pid of await listeners()) await test.admin('SELECT pg_terminate_backend($1::int)', [pid]);
      await Promise.all(ears.map((one) => one.hears('gap', round)));
      await Promise.all([notify(here, 'test_lost', `own ${round}`), notify(there, 'test_lost', `${round}`)]);
      await Promise.all([ear?.hears(`own own ${round}`), ear?.hears(`other ${round}`)]);
    }
  });

  it('share one session for all channels, which a stop ends in the middle of everything', async () => {
    const third = await openStore(test.uri, { observe: ignoreObservations });
    const database = await third.namespace('default');
    const before = (await listeners()).length;
    const ears = ['test_a', 'test_b', 'test_c'].map((channel) => listen(database, channel));
    await Promise.all(ears.map((ear) => ear.hears('gap')));
    expect((await listeners()).length).toBe(before + 1);
    const sending = Promise.all(Array.from({ length: 200 }, (_, n) => notify(here, 'test_a', `${n}`)));
    const late = listen(database, 'test_d');
    await third.stop();
    const heard = [...ears, late].map((ear) => ear.heard.length);
    await sending;
    await sleep(50);
    expect([...ears, late].map((ear) => ear.heard.length)).toEqual(heard);
    expect(() => database.listen('test_a', late)).toThrow(/stopping/);
    for (let attempt = 0; (await listeners()).length > before && attempt < 100; attempt++) await sleep(20);
    expect((await listeners()).length).toBe(before);
  });

  it('a stop right after the first listener leaves no session behind', async () => {
    const third = await openStore(test.uri, { observe: ignoreObservations });
    const ear = listen(await third.namespace('default'), 'test_soon');
    await third.stop();
    expect(ear.heard).toEqual([]);
  });
});

describe('when PostgreSQL is started again', () => {
  it('listeners are told of a gap and hear again', async () => {
    const store = await openStore('memory://listen', { observe: ignoreObservations });
    try {
      const database = await store.namespace('default');
      const ear = listen(database, 'test_restart');
      await ear.hears('gap');
      process.kill(store.facts.postmasterPid ?? 0, 'SIGKILL');
      await ear.hears('gap', 2);
      await notify(database, 'test_restart', 'x');
      await ear.hears('own x');
    } finally {
      await store.stop();
    }
  });
});

describe('a connection that dies without a word', () => {
  const folder = mkdtempSync(join(tmpdir(), 'facet-listen-'));
  let test: TestStore;
  /** Connections through the relay, which it can let fall silent. */
  const links: { silent: boolean; close(): void }[] = [];
  const relay = createServer((near) => {
    const { socketDirectory, port } = inject('postgres');
    const far = connect(`${socketDirectory}/.s.PGSQL.${port}`);
    const link = {
      silent: false,
      close: () => {
        near.destroy();
        far.destroy();
      },
    };
    links.push(link);
    near.on('data', (data) => link.silent || far.write(data));
    far.on('data', (data) => link.silent || near.write(data));
    for (const socket of [near, far]) {
      socket.on('error', () => {});
      socket.on('close', () => link.silent || link.close());
    }
  });
  beforeAll(async () => {
    test = await openTestStore();
    await new Promise<void>((resolve) => relay.listen(join(folder, '.s.PGSQL.5432'), resolve));
  });
  afterAll(async () => {
    for (const link of links) link.close();
    relay.close();
    rmSync(folder, { recursive: true });
    await test.close();
  });

  const channelsThroughRelay = (lingerMs: number) => {
    const observations: Observation[] = [];
    const sessions: Session[] = [];
    const open = async (): Promise<Session> => {
      const hosts = [{ host: folder, port: 5432 }];
      const session = await probe({ hosts, user: 'facet', tls: { first: false } }, test.name);
      sessions.push(session);
      return session;
    };
    const channels = new ChannelSession({
      open,
      gate: new Gate(),
      own: new OwnBackends(),
      observe: (one) => observations.push(one),
      times: { heartbeatMs: 50, answerMsMax: 100, lingerMs },
    });
    return { channels, sessions, observations };
  };

  it('is noticed by its silence, and opened again', async () => {
    const { channels, sessions, observations } = channelsThroughRelay(10_000);
    const ear = new Ear();
    channels.listen('test_silent', ear);
    await ear.hears('gap');
    // The heartbeat leaves a healthy one alone.
    await sleep(300);
    expect(ear.heard).toEqual(['gap']);
    for (const link of links) link.silent = true;
    await ear.hears('gap', 2);
    await test.admin(`SELECT pg_notify('test_silent', 'x')`);
    await ear.hears('other x');
    expect(sessions.length).toBe(2);
    expect(observations).toContainEqual(
      expect.objectContaining({ type: 'warning', message: 'Notifications cannot be followed' }),
    );
    await channels.stop();
  });

  it('one that nobody needs any more is closed, and opened for the next who comes', async () => {
    const { channels, sessions } = channelsThroughRelay(50);
    const ear = new Ear();
    channels.listen('test_linger', ear).close();
    for (let n = 0; n < 100 && sessions[0]?.closed !== true; n++) await sleep(10);
    expect(sessions.map(({ closed }) => closed)).toEqual([true]);
    channels.listen('test_linger', ear);
    await ear.hears('gap');
    await sleep(100);
    expect(sessions.map(({ closed }) => closed)).toEqual([true, false]);
    const listening = await query(sessions[1] as Session, 'SELECT pg_listening_channels()');
    expect(listening.rows).toEqual([['test_linger']]);
    await channels.stop();
  });
});
