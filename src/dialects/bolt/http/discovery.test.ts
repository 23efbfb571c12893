/** What programs for Neo4j are told, whatever host they say that they have asked. */
import { expect, it } from 'vitest';
import { discoveryJson } from './discovery.ts';

const toldFor = (host: string | undefined): unknown =>
  JSON.parse(
    discoveryJson({
      headers: { accept: 'application/json', ...(host === undefined ? {} : { host }) },
      isSecure: false,
      trustProxy: false,
      version: '1.2.3',
      bolt: { port: 7_687, isSecure: false },
    }) ?? '{}',
  ).bolt_direct;

it.each([
  ['db.example:7474', 'bolt://db.example:7687'],
  ['[::1]:7474', 'bolt://[::1]:7687'],
  [undefined, 'bolt://localhost:7687'],
  // None of these is a host with a port.
  ['a:b:c', 'bolt://localhost:7687'],
  ['[', 'bolt://localhost:7687'],
  ['db.example:99999', 'bolt://localhost:7687'],
])('for the host %s it is %s', (host, expected) => {
  expect(toldFor(host)).toBe(expected);
});
