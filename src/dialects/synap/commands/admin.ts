/** Commands about the server: admin, replication, info, and what is refused by name. */
import { totalmem } from 'node:os';
import { FacetError } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, type CommandCall, command, composed, json } from '../command.ts';

const COMPONENTS = ['kv_store', 'queue_system', 'event_stream', 'pubsub', 'replication'] as const;

/** The body of `GET /health`, with the members of both published generations. */
export function healthBody(health: models.HealthResult): string {
  const well = health.status !== 'unhealthy';
  return json({
    status: health.status,
    service: 'synap',
    version: health.version,
    role: 'master',
    uptime_secs: health.uptimeSeconds,
    components: Object.fromEntries(COMPONENTS.map((name) => [name, well ? 'operational' : 'unavailable'])),
  });
}

const health = command(models.adminHealth, { read: () => ({}), write: healthBody });

const config = command(models.adminConfig, { read: () => ({}), write: ({ settings }) => json(settings) });

const shutdown = command(models.adminShutdown, {
  read: () => ({}),
  write: () => json({ success: true, message: 'Shutting down' }),
});

const status = command(models.replicationStatus, {
  read: () => ({}),
  write: ({ role, offset, replicas }) => {
    const shown = replicas.map((replica) => ({
      id: replica.id,
      status: replica.status,
      offset: Number(replica.offset),
      lag_bytes: Number(replica.lagBytes),
      lag_ms: replica.lagMs,
      connected_at: replica.connectedAt,
    }));
    return json({
      role,
      offset: Number(offset),
      replicas: shown,
      replication: { enabled: true, current_offset: Number(offset), replicas: shown },
    });
  },
});

const promote = command(models.replicationPromote, {
  read: (fields) => ({ force: fields.flag('force') }),
  write: () => '{}',
});

const resync = command(models.replicationResync, { read: () => ({}), write: () => '{}' });

const refused = (name: string, reason: string): Command =>
  composed([name], 'read', async () => {
    throw new FacetError('FEATURE_NOT_SUPPORTED', `${name} is not offered: ${reason}`);
  });

/** Refused, but only to those who may ask: the gate is passed first. */
const NO_SCRIPTS = 'this server runs no Lua; use a transaction, or SQL';

const SCRIPTS = ['eval', 'evalsha', 'load', 'exists', 'flush', 'kill'].map((verb) =>
  refused(`script.${verb}`, NO_SCRIPTS),
);

/** What `info` and the REST route of that name answer. */
async function infoText({ dispatch, session: asked, settings }: CommandCall): Promise<string> {
  const session = { ...asked, partial: true };
  const [about, keys, replication] = await Promise.all([
    dispatch.call(models.adminHealth, {}, session),
    dispatch.call(models.kvStats, {}, session),
    dispatch.call(models.replicationStatus, {}, session),
  ]);
  const { rss } = process.memoryUsage();
  return json({
    server: {
      version: settings.version,
      mode: 'standalone',
      process_id: process.pid,
      uptime_in_seconds: about.uptimeSeconds,
      uptime_in_days: Math.floor(about.uptimeSeconds / 86_400),
    },
    memory: { used_memory: keys.bytesOnDisk, used_memory_rss: rss },
    stats: { keyspace_hits: keys.hits, keyspace_misses: keys.gets - keys.hits },
    replication: { role: replication.role, connected_slaves: replication.replicas.length },
    keyspace: { db0: { keys: keys.keys } },
    cluster: { cluster_enabled: 0 },
  });
}

const info = composed(['info'], 'read', infoText);

async function statsText({ dispatch, session: asked, settings }: CommandCall): Promise<string> {
  const session = { ...asked, partial: true };
  const [about, keys, queues, streams, topics] = await Promise.all([
    dispatch.call(models.adminHealth, {}, session),
    dispatch.call(models.kvStats, {}, session),
    dispatch.call(models.queueTotals, {}, session),
    dispatch.call(models.streamTotals, {}, session),
    dispatch.call(models.pubsubStats, {}, session),
  ]);
  const done = keys.gets + keys.sets + keys.dels;
  return json({
    server: { version: settings.version, uptime_secs: about.uptimeSeconds, role: 'master' },
    memory: { used_bytes: process.memoryUsage.rss(), limit_bytes: totalmem() },
    kv: { total_keys: keys.keys, operations_per_sec: Math.round(done / Math.max(about.uptimeSeconds, 1)) },
    queues: { total_queues: queues.queues, total_messages: queues.depth },
    streams: { total_rooms: streams.rooms, total_subscribers: streams.subscriberCount },
    pubsub: { total_topics: topics.totalTopics, total_subscribers: topics.totalSubscribers },
  });
}

const stats = composed(['admin.stats'], 'read', statsText);

export const ADMIN_COMMANDS: readonly Command[] = [
  stats,
  health,
  config,
  shutdown,
  status,
  promote,
  resync,
  info,
  ...SCRIPTS,
  refused('slowlog.get', 'slow operations are in the log of the server'),
  refused('slowlog.reset', 'slow operations are in the log of the server'),
  refused('client.list', 'clients are counted by the metrics of the server'),
];
