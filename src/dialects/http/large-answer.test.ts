/** Who watches a client that does not read its large answer. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { LIMITS } from '../../base/index.ts';
import { sendWhole } from './answer.ts';
import { HttpExchange } from './http-exchange.ts';

let server: Server | undefined;
let client: Socket | undefined;
afterEach(() => {
  client?.destroy();
  server?.close();
});

test('the second of two large answers is watched when the first has gone', async () => {
  // The buffers of the connection take the first, and not the second.
  const sizes = [100_000, 100_000_000];
  let serverSide: Socket | undefined;
  const firstClosed = new Promise<void>((resolve) => {
    server = createServer((request, response) => {
      serverSide = request.socket;
      if (sizes.length === 2) response.once('close', resolve);
      const body = Buffer.alloc(sizes.shift() ?? 0);
      sendWhole(new HttpExchange(request, response, 'id'), 200, [], body);
    });
  });
  server?.listen(0, '127.0.0.1');
  await once(server as Server, 'listening');
  client = connect((server?.address() as AddressInfo).port, '127.0.0.1');
  client.pause();
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(2));
  await firstClosed;
  expect(serverSide?.timeout).toBe(LIMITS.answerPauseMsMax);
});
