/** Receivers of webhooks that do not simply take what they get: strangers, silent ones, those that ask to wait. */
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/index.ts';
import {
  Deliveries,
  type Delivery,
  sqlQuery,
  subscriptionCreate,
  subscriptionDelete,
} from '../../src/models/index.ts';
import { pauseMs } from '../../src/models/subscriptions/deliveries/backoff.ts';
import { Poster } from '../../src/models/subscriptions/endpoints/index.ts';
import { type CertificateFolder, certificateFolder, hasOpenssl } from '../support/certificates.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { answerWith, type Receiver, startReceiver } from '../support/webhook-receiver.ts';
import { callerOn } from './kv-support.ts';
import { until } from './live-support.ts';

const rules = { allowPrivate: true };
const encode = ({ changes }: Delivery): string => JSON.stringify({ events: changes.length });

let test: TestStore;
let receiver: Receiver;
beforeAll(async () => {
  test = await openTestStore();
  receiver = await startReceiver();
  await callerOn(test.store, test.database)(sqlQuery, { sql: 'CREATE TABLE item (id int PRIMARY KEY)' });
}, 60_000);
afterAll(async () => {
  await receiver.close();
  await test.close();
});

let deliveries: Deliveries;
let id = '';
beforeEach(() => {
  receiver.requests.length = 0;
  receiver.behave(undefined);
  const how = { store: test.store, encode, rules, observe: () => {} };
  deliveries = new Deliveries({ ...how, answerMsMax: 1_500 });
});
afterEach(async () => {
  await deliveries.stop();
  const call = callerOn(test.store, test.database);
  if (id !== '') await call(subscriptionDelete, { subscriptionId: id });
  id = '';
  await call(sqlQuery, { sql: 'TRUNCATE item' });
});

/** One change for a subscription with that endpoint, which is written into its row. */
async function post(endpoint: string, retryPolicy: Record<string, number>): Promise<void> {
  const call = callerOn(test.store, test.database);
  const input = { name: 'posted', table: 'item', events: ['insert'], delivery: 'webhook', retryPolicy };
  ({ id } = await call(subscriptionCreate, { ...input, endpoint: 'https://93.184.215.14/' }));
  await test.admin(
    `UPDATE cdc.subscription SET endpoint = $1, generation = generation + 1, status = 'active' WHERE id = $2`,
    [endpoint, id],
  );
  await deliveries.stop();
  deliveries = new Deliveries({ store: test.store, encode, rules, observe: () => {}, answerMsMax: 1_500 });
  await call(sqlQuery, { sql: 'INSERT INTO item VALUES (1)' });
}

async function failure(): Promise<string> {
  for (let tries = 0; tries < 750; tries++) {
    const [row] = await test.admin('SELECT status, status_reason FROM cdc.subscription WHERE id = $1', [id]);
    if (row?.[0] === 'failed') return row[1] ?? '';
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it has not failed');
}

it('that do not answer in time have failed', async () => {
  receiver.behave(() => {});
  await post(receiver.url, { maxRetries: 0 });
  expect(await failure()).toBe('1 tries failed. The last: No answer within 1500 ms');
  expect(receiver.requests).toHaveLength(1);
});

describe('that ask to be left alone for a while', () => {
  it('get the next try after that time', async () => {
    receiver.behave((_, response) => {
      if (receiver.requests.length === 1) response.writeHead(503, { 'Retry-After': '1' }).end();
      else response.writeHead(204).end();
    });
    await post(receiver.url, { maxRetries: 3, backoffMs: 100 });
    await until(() => receiver.requests.length === 2, 'the second try');
    const [first, second] = receiver.requests;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(990);
    expect(second?.headers['x-thunder-attempt']).toBe('2');
  });

  it('say it in seconds or by a date, and are not obeyed for longer than an hour', async () => {
    const poster = new Poster(rules);
    const asked = async (header: string): Promise<number | undefined> => {
      receiver.behave(answerWith(429, { 'Retry-After': header }));
      const answer = await poster.post(receiver.url, {}, '{}', new AbortController().signal);
      return answer.kind === 'answered' ? answer.retryAfterMs : -1;
    };
    expect(await asked('7')).toBe(7_000);
    expect(await asked('soon')).toBeUndefined();
    expect(await asked('-5')).not.toBeGreaterThan(0);
    const byDate = (await asked(new Date(Date.now() + 60_000).toUTCString())) ?? 0;
    expect(byDate).toBeGreaterThan(50_000);
    expect(byDate).toBeLessThanOrEqual(60_000);
    expect(await asked('Wed, 21 Oct 2015 07:28:00 GMT')).toBe(0);
    for (const forever of ['999999999', 'Fri, 31 Dec 9999 23:59:59 GMT']) {
      const pause = pauseMs({ backoffMs: 100, backoffMultiplier: 2 }, 1, await asked(forever), 0.5);
      expect(pause).toBe(LIMITS.webhookBackoffMsMax);
    }
    poster.close();
  });
});

// Certificates are made by the openssl command.
describe.skipIf(!hasOpenssl())('that have a certificate of their own making', () => {
  let certificates: CertificateFolder;
  let server: Server;
  let taken = 0;
  beforeAll(async () => {
    certificates = certificateFolder();
    certificates.make('own');
    const pem = { key: certificates.read('own.key'), cert: certificates.read('own.crt') };
    server = createServer(pem, (_, response) => {
      taken++;
      response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    certificates.remove();
  });

  it('get nothing', async () => {
    const { port } = server.address() as AddressInfo;
    await post(`https://localhost:${port}/`, { maxRetries: 0 });
    expect(await failure()).toMatch(/^1 tries failed\. The last: Not delivered: .*self-signed certificate/);
    expect(taken).toBe(0);
    // It does take what comes from those who trust it.
    const status = await new Promise((resolve, reject) => {
      const ca = certificates.read('own.crt');
      request({ host: '127.0.0.1', port, ca, method: 'POST', agent: false }, (answer) =>
        resolve(answer.statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect([status, taken]).toEqual([204, 1]);
  });
});
