/** What the doctor says about Node.js and the port. The store is looked at in test/process. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { findingText, inspectNode, inspectPort } from './doctor.ts';

test.each([
  ['20.19.0', 'ok'],
  ['20.20.2', 'ok'],
  ['22.0.0', 'ok'],
  ['20.18.9', 'error'],
  ['18.99.0', 'error'],
])('Node.js %s for >=20.19 is %s', (version, level) => {
  expect(inspectNode(version, '>=20.19').level).toBe(level);
});

test('a finding is one line, and one more for what to do', () => {
  expect(findingText({ level: 'ok', subject: 'a', message: 'b' })).toBe('ok       a: b\n');
  expect(findingText({ level: 'error', subject: 'a', message: 'b', remedy: 'c' })).toBe(
    'ERROR    a: b\n         -> c\n',
  );
});

test.each([
  ['{"alive":true}', 'info', 'Facet runs already'],
  ['hello', 'error', 'EADDRINUSE'],
])('a port where %s is answered is told as %s', async (body, level, words) => {
  const server = createServer((_request, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const finding = await inspectPort({ host: '127.0.0.1', port });
  await new Promise((resolve) => server.close(resolve));
  expect([finding.level, finding.message.includes(words)]).toEqual([level, true]);
  expect((await inspectPort({ host: '127.0.0.1', port })).level).toBe('ok');
});

test('an address of another machine cannot be opened', async () => {
  expect((await inspectPort({ host: '192.0.2.1', port: 8088 })).level).toBe('error');
});
