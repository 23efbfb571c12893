/** How the services say they are: five failures in a row, one success, and a server that stops. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grpcClient } from '../../support/grpc.ts';
import { failureOf, HEALTH, type Neumann, QUERY, startNeumann } from './service-client.ts';

const POINTS = 'neumann.vector.v1.PointsService';
const COLLECTIONS = 'neumann.vector.v1.CollectionsService';

let neumann: Neumann;
beforeEach(async () => {
  neumann = await startNeumann();
});
afterEach(async () => await neumann?.stop());

const check = async (service?: string) =>
  (await neumann.client.call(HEALTH, service === undefined ? {} : { service })).status;
const standard = async (service: string) =>
  (await neumann.client.call('grpc.health.v1.Health/Check', { service })).status;
const fail = async () => await failureOf(neumann.run('SELECT * FROM nowhere'));

describe('health', () => {
  it('knows the services, and says of others that it does not', async () => {
    expect(await check()).toBe('SERVING');
    const services = [
      ...['', QUERY, 'neumann.v1.BlobService'],
      ...['neumann.vector.v1.PointsService', 'neumann.vector.v1.CollectionsService'],
    ];
    for (const service of services) expect([service, await check(service)]).toEqual([service, 'SERVING']);
    expect(await check('somebody.else')).toBe('UNSPECIFIED');
    expect(await standard(QUERY)).toBe('SERVING');
  });

  it('five failures in a row: not serving; a success: serving again', async () => {
    for (let count = 0; count < 4; count++) await fail();
    expect(await check(QUERY)).toBe('SERVING');
    await neumann.run('SELECT 1');
    for (let count = 0; count < 4; count++) await fail();
    expect(await check(QUERY)).toBe('SERVING');
    await fail();
    expect([await check(QUERY), await check(), await check('neumann.v1.BlobService')]).toEqual([
      ...['NOT_SERVING', 'NOT_SERVING', 'SERVING'],
    ]);
    // The standard service says it of the service alone.
    expect([await standard(QUERY), await standard('')]).toEqual(['NOT_SERVING', 'SERVING']);
    await neumann.run('SELECT 1');
    expect([await check(QUERY), await check(), await standard(QUERY)]).toEqual([
      ...['SERVING', 'SERVING', 'SERVING'],
    ]);
  });

  it('counts the queries of batches and streams, too', async () => {
    const queries = Array.from({ length: 4 }, () => ({ query: 'SELECT * FROM nowhere' }));
    await neumann.client.call(`${QUERY}/ExecuteBatch`, { queries });
    await failureOf(neumann.client.collect(`${QUERY}/ExecuteStream`, { query: 'SELECT 1 / 0' }));
    expect(await check(QUERY)).toBe('NOT_SERVING');
    await neumann.client.collect(`${QUERY}/ExecuteStream`, { query: 'SELECT 1' });
    expect(await check(QUERY)).toBe('SERVING');
  });

  it('counts pages, and points and collections by themselves', async () => {
    for (let count = 0; count < 5; count++) {
      await failureOf(neumann.client.call(`${QUERY}/ExecutePaginated`, { query: 'SELECT * FROM nowhere' }));
    }
    expect([await check(QUERY), await check(POINTS)]).toEqual(['NOT_SERVING', 'SERVING']);
    await neumann.client.call(`${QUERY}/ExecutePaginated`, { query: 'SELECT 1' });
    expect(await check(QUERY)).toBe('SERVING');

    const wrong = { collection: 'c', points: [{ id: '', vector: [] }] };
    for (let count = 0; count < 3; count++) {
      await failureOf(neumann.client.call(`${POINTS}/Upsert`, wrong));
      await failureOf(neumann.client.call(`${COLLECTIONS}/Get`, { name: 'nowhere' }));
    }
    const services = ['', QUERY, POINTS, COLLECTIONS];
    expect(await Promise.all(services.map(check))).toEqual([
      ...['NOT_SERVING', 'SERVING', 'NOT_SERVING', 'NOT_SERVING'],
    ]);
    await neumann.client.call(`${COLLECTIONS}/List`);
    expect(await check()).toBe('SERVING');
  });

  it('does not count callers that left', async () => {
    for (let count = 0; count < 8; count++) {
      const stream = neumann.client.open(`${QUERY}/ExecuteStream`, { query: 'SELECT pg_sleep(20)' });
      stream.on('error', () => {});
      await new Promise((resolve) => setTimeout(resolve, 50));
      stream.cancel();
    }
    const { store } = neumann.server;
    await expect.poll(() => store.opened.map(({ counts }) => counts.poolInUse)).toEqual([0]);
    expect(await check(QUERY)).toBe('SERVING');
  });

  it('is asked by old and new reflection, and with nothing said at all', async () => {
    const older = await grpcClient(
      neumann.server.running.neumannAddress ?? '',
      undefined,
      undefined,
      'v1alpha',
    );
    expect(await older.call(HEALTH)).toEqual({ status: 'SERVING' });
    expect(await older.call(HEALTH, { service: QUERY })).toEqual({ status: 'SERVING' });
    expect(older.services).toEqual(neumann.client.services);
    older.close();
  });

  it('a server that stops lets a query end, and says that it does not serve', async () => {
    const slow = neumann.run('SELECT pg_sleep(1.5)');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const stopped = neumann.server.running.stop('the test');
    await expect.poll(() => check()).toBe('NOT_SERVING');
    expect(await standard(QUERY)).toBe('NOT_SERVING');
    expect((await slow).result).toBe('rows');
    await stopped;
  });
});
