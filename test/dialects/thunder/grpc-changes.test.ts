/** Changes as streams of gRPC: following a table, and a durable subscription with acknowledgements. */
import type { ClientReadableStream } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GrpcClient, grpcClient, grpcFailure } from '../../support/grpc.ts';
import type { Leaves } from '../../support/leaves.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let client: GrpcClient;
beforeAll(async () => {
  server = await startTestServer({ flags: { 'grpc-listen': '127.0.0.1:0' } });
  client = await grpcClient(server.running.grpcAddress ?? '');
  await server.sql('CREATE TABLE items (id int PRIMARY KEY, name text)');
});
afterAll(async () => {
  client?.close();
  await server?.stop();
});

/** What a stream has brought so far, and how to wait for more. */
function gather(stream: ClientReadableStream<Leaves>) {
  const found: Leaves[] = [];
  stream.on('data', (message: Leaves) => found.push(message));
  let failed = false;
  stream.on('error', () => {
    failed = true;
  });
  return {
    found,
    failed: () => failed,
    reached: (count: number) =>
      expect.poll(() => found.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count),
    end: () => stream.cancel(),
  };
}

it('Follow tells the columns, then each change', async () => {
  const stream = gather(
    client.open('facet.v1.ChangesService/Follow', { table: 'items', include_old_values: true }),
  );
  await stream.reached(1);
  expect(stream.found[0]?.started).toMatchObject({
    table: 'items',
    columns: ['id', 'name'],
    key_columns: [0],
  });
  await server.sql("INSERT INTO items VALUES (1, 'a')");
  await server.sql("UPDATE items SET name = 'b' WHERE id = 1");
  await server.sql('DELETE FROM items WHERE id = 1');
  await stream.reached(4);
  const changes = stream.found.slice(1).map(({ change }) => change);
  expect(changes.map(({ event }) => event)).toEqual(['insert', 'update', 'delete']);
  expect(changes[0]?.new_row.values).toMatchObject([{ int_value: '1' }, { string_value: 'a' }]);
  expect(changes[1]).toMatchObject({ changed_columns: [1], sequence: '0' });
  expect(changes[1]?.old_row.values).toMatchObject([{ int_value: '1' }, { string_value: 'a' }]);
  expect(changes[2]?.lsn).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
  stream.end();
});

it('Follow refuses what it does not know', async () => {
  const code = async (request: object) =>
    (await grpcFailure(client.collect('facet.v1.ChangesService/Follow', request))).code;
  expect(await code({ table: 'nowhere' })).toBe(status.NOT_FOUND);
  expect(await code({ table: 'items', events: ['explode'] })).toBe(status.INVALID_ARGUMENT);
  expect(await code({ table: 'items', filter: 'no_column > 1' })).toBe(status.INVALID_ARGUMENT);
  expect(await code({ table: 'items', from_lsn: 'x' })).toBe(status.INVALID_ARGUMENT);
});

it('Attach goes on behind what was acknowledged', async () => {
  const made = await server.post('/api/v1/subscriptions', {
    name: 'by-grpc',
    table: 'items',
    events: ['insert'],
    delivery: 'grpc_stream',
  });
  expect(made.status).toBe(201);
  const subscription_id = made.json.id;
  const first = gather(client.open('facet.v1.ChangesService/Attach', { subscription_id }));
  await first.reached(1);
  await server.sql("INSERT INTO items VALUES (10, 'x')");
  await server.sql("INSERT INTO items VALUES (11, 'y')");
  await first.reached(3);
  const { lsn, sequence } = first.found[1]?.change ?? {};
  await client.call('facet.v1.ChangesService/Ack', { subscription_id, lsn, sequence });
  first.end();
  const late = client.call('facet.v1.ChangesService/Ack', { subscription_id: 'nothing', lsn });
  expect((await grpcFailure(late)).code).toBe(status.NOT_FOUND);
  let second = gather(client.open('facet.v1.ChangesService/Attach', { subscription_id }));
  await expect
    .poll(
      () => {
        // The place is free once the server has seen the first stream go.
        if (second.failed()) {
          second = gather(client.open('facet.v1.ChangesService/Attach', { subscription_id }));
        }
        return second.found.length;
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBeGreaterThanOrEqual(2);
  expect(second.found[1]?.change.new_row.values).toMatchObject([{ int_value: '11' }, {}]);
  second.end();
});
