/** Single keys over HTTP, against webdis before a Redis that writes to disk as we do. */
import { missingProgram } from '../peers.ts';
import { withCosts } from '../process-facts.ts';
import { startRedis, startWebdis } from '../redis.ts';
import type { Scenario } from '../scenario.ts';
import { runWrk } from '../wrk.ts';
import { ask, fillKeys, ownFacet, postgresOf } from './http-side.ts';

const CONNECTIONS = 64;
const KEYS = 100_000;
const VALUE = 'v'.repeat(64);

const against = (what: 'get' | 'set', question: string, target: number): Scenario => ({
  name: `kv-${what}-http`,
  question: `${question}, ${CONNECTIONS} connections, ${KEYS} keys, against webdis and Redis with appendfsync always`,
  unit: 'requests/s',
  target,
  leftOut: () => missingProgram('redis-server', 'webdis', 'wrk'),
  async prepare(surroundings) {
    const keys = surroundings.size.smoke ? 5_000 : KEYS;
    const facet = await ownFacet(surroundings);
    await fillKeys(facet.port, keys, VALUE);
    const redis = await startRedis(surroundings);
    const webdis = await startWebdis(surroundings, redis.port);
    // Webdis first: keys that a round asks for are there.
    await runWrk({ port: webdis.port, kind: 'webdis-set', connections: CONNECTIONS, keys }, 1_000);
    await compare(facet.port, webdis.port);
    const load = (port: number, kind: string, pids: Readonly<Record<string, number>>) => (ms: number) =>
      withCosts(pids, () => runWrk({ port, kind, connections: CONNECTIONS, keys }, ms));
    return {
      ours: {
        name: 'facet',
        round: load(facet.port, `facet-${what}`, { server: facet.pid, ...postgresOf(facet.pid) }),
      },
      peer: {
        name: 'webdis',
        round: load(webdis.port, `webdis-${what}`, { webdis: webdis.pid, redis: redis.pid }),
      },
    };
  },
});

/** Both keep a value and give it back. */
async function compare(facet: number, webdis: number): Promise<void> {
  await ask(facet, 'POST', '/kv/set', { key: 'key-0', value: VALUE });
  await ask(webdis, 'GET', `/SET/key-0/${VALUE}`);
  for (const answer of [await ask(facet, 'GET', '/kv/get/key-0'), await ask(webdis, 'GET', '/GET/key-0')]) {
    if (!answer.includes(VALUE)) throw new Error(`not the value that was set: ${answer}`);
  }
}

export const kvGetHttp = against('get', 'GET /kv/get/{key}', 0.6);
export const kvSetHttp = against('set', 'durable POST /kv/set', 0.7);
