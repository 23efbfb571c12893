/** The short way to a route: what it finds, and what it leaves to the router. */
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../base/index.ts';
import { PlainRoutes } from './plain-routes.ts';

const routes = new PlainRoutes<string>();
for (const [method, path] of [
  ['GET', '/kv/get/:key'],
  ['GET', '/kv/stats'],
  ['GET', '/kv/:key/strlen'],
  ['POST', '/kv/:key/append'],
  ['POST', '/list/:source/rpoplpush/:destination'],
  ['GET', '/:namespace/v0/info'],
] as const) {
  routes.add(method, path, path);
}

describe('finds', () => {
  it.each([
    ['GET', '/kv/get/a', '/kv/get/:key', { key: 'a' }],
    ['GET', '/kv/get/a.b~c:@!$&(1)*+,=-_', '/kv/get/:key', { key: 'a.b~c:@!$&(1)*+,=-_' }],
    ['GET', '/kv/stats', '/kv/stats', {}],
    ['GET', '/kv/a/strlen', '/kv/:key/strlen', { key: 'a' }],
    [
      'POST',
      '/list/a/rpoplpush/b',
      '/list/:source/rpoplpush/:destination',
      { source: 'a', destination: 'b' },
    ],
    ['GET', '/ns/v0/info', '/:namespace/v0/info', { namespace: 'ns' }],
  ])('%s %s', (method, url, route, params) => {
    expect(routes.find(method, url)).toEqual({ route, params });
  });
});

describe('leaves to the router', () => {
  it.each([
    ['an escape', 'GET', '/kv/get/a%20b'],
    ['a query string', 'GET', '/kv/get/a?x=1'],
    ['a fragment', 'GET', '/kv/get/a#b'],
    ['a semicolon', 'GET', '/kv/get/a;b'],
    ['bytes beyond ASCII', 'GET', '/kv/get/ä'],
    ['an empty part', 'GET', '/kv/get/'],
    ['an empty part inside', 'GET', '/kv//strlen'],
    ['slashes at the beginning', 'GET', '//kv/get/a'],
    ['slashes at the end', 'GET', '/kv/stats/'],
    ['a path that goes on', 'GET', '/kv/get/a/b'],
    ['a path that is no route', 'GET', '/kv/get'],
    ['another method', 'POST', '/kv/get/a'],
    ['HEAD', 'HEAD', '/kv/get/a'],
    // The namespace `kv`: whoever tried another way than the first would find it.
    ['what has several ways', 'GET', '/kv/v0/info'],
    ['a parameter that is too long', 'GET', `/kv/get/${'k'.repeat(LIMITS.pathParameterCharactersMax + 1)}`],
    ['the whole server', 'OPTIONS', '*'],
    ['nothing', 'GET', ''],
    ['an address', 'GET', 'http://host/kv/get/a'],
  ])('%s', (_what, method, url) => {
    expect(routes.find(method, url)).toBeUndefined();
  });
});
