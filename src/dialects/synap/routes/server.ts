/** Routes about the server: health, information, and what is refused by name. */
import { FacetError } from '../../../base/index.ts';
import { adminHealth } from '../../../models/index.ts';
import { composed } from '../command.ts';
import { healthBody } from '../commands/index.ts';
import type { RestRoute } from './rest.ts';

const health: RestRoute = {
  method: 'GET',
  path: '/health',
  command: {
    names: ['admin.health'],
    operation: adminHealth,
    gathers: false,
    run: async ({ dispatch, session }) => healthBody(await dispatch.call(adminHealth, {}, session)),
  },
};

const CLUSTER_PATHS: readonly (readonly [RestRoute['method'], string])[] = [
  ['GET', '/cluster/info'],
  ['GET', '/cluster/nodes'],
  ['POST', '/cluster/nodes'],
  ['GET', '/cluster/nodes/:id'],
  ['DELETE', '/cluster/nodes/:id'],
  ['GET', '/cluster/slots'],
  ['POST', '/cluster/slots/assign'],
  ['POST', '/cluster/migration/start'],
  ['POST', '/cluster/migration/complete'],
  ['GET', '/cluster/migration/:slot'],
];

const clusterOff = composed(['synap.cluster'], 'read', async () => {
  throw new FacetError('INVALID_ENVELOPE', 'Cluster mode not enabled');
});

const snapshotOff = composed(['synap.snapshot'], 'admin', async () => {
  throw new FacetError('INVALID_ENVELOPE', 'Persistence is disabled', {
    hint: 'Every answer is durable without snapshots; back PostgreSQL up instead.',
  });
});

const script = (verb: string): RestRoute => ({
  method: 'POST',
  path: `/script/${verb}`,
  command: `script.${verb}`,
});

/** The original has one transaction for all callers of these: whoever sends EXEC would end that of another. */
const transaction = (verb: string): RestRoute => ({
  method: 'POST',
  path: `/transaction/${verb}`,
  command: composed([`synap.transaction_${verb}`], 'read', async () => {
    throw new FacetError('FEATURE_NOT_SUPPORTED', `POST /transaction/${verb} is not offered`, {
      hint: `Send transaction.${verb} with a client_id to POST /api/v1/command.`,
    });
  }),
});

export const SERVER_ROUTES: readonly RestRoute[] = [
  health,
  { method: 'GET', path: '/info', command: 'info' },
  { method: 'GET', path: '/slowlog', command: 'slowlog.get' },
  { method: 'GET', path: '/clients', command: 'client.list' },
  { method: 'POST', path: '/snapshot', command: snapshotOff },
  ...CLUSTER_PATHS.map(([method, path]): RestRoute => ({ method, path, command: clusterOff })),
  ...['eval', 'evalsha', 'load', 'exists', 'flush', 'kill'].map(script),
  ...['multi', 'exec', 'discard', 'watch', 'unwatch'].map(transaction),
];
