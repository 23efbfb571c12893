/** Queues through the models, in process, against libraries that do the same: everything durable on both sides. */
import { missingPackage, missingProgram } from '../peers.ts';
import { LOAD_CORE } from '../pin.ts';
import { type Program, startProgram } from '../processes.ts';
import { startRedis } from '../redis.ts';
import type { Round, Scenario, Surroundings } from '../scenario.ts';
import { openModels, ownPostgres } from './model-side.ts';

export const MESSAGES = 50_000;
export const CONSUMERS = 32;
/** Messages that one call stores. */
const TOGETHER = 500;

/** How many messages a round of `ms` takes; smoke runs take few. */
export const messagesIn = (surroundings: Surroundings, most: number): number =>
  surroundings.size.smoke ? Math.max(200, Math.round(most * (surroundings.size.roundMs / 30_000))) : most;

/** Publishes and drains a queue of the models, and reports the drain, or the publishing. */
export async function ourRound(models: Program, count: number, what: 'publish' | 'drain'): Promise<Round> {
  const queue = 'bench';
  const published = await models.ask<{ rate: number }>({ do: 'publish', queue, count, size: TOGETHER });
  const drained = await models.ask<{ rate: number; p50Ms: number; p99Ms: number }>({
    do: 'drain',
    queue,
    count,
    consumers: CONSUMERS,
    countMax: 1,
  });
  if (what === 'publish') return { rate: published.rate };
  const { rate, ...details } = drained;
  return { rate, details };
}

async function peerRound(peer: Program, count: number, what: 'publish' | 'drain'): Promise<Round> {
  const filled = await peer.ask<Round>({ do: 'fill', count });
  const drained = await peer.ask<Round>({ do: 'drain', count, consumers: CONSUMERS });
  return what === 'publish' ? filled : drained;
}

async function onPostgres(surroundings: Surroundings, name: string): Promise<Program> {
  const { client } = await ownPostgres(surroundings);
  const peer = startProgram(name, LOAD_CORE);
  surroundings.defer(peer.stop);
  const host = encodeURIComponent(client.host);
  const uri = `postgres://${client.user}@/${client.database}?host=${host}&port=${client.port}`;
  await peer.ask({ do: 'open', uri });
  return peer;
}

async function onRedis(surroundings: Surroundings): Promise<Program> {
  const { port } = await startRedis(surroundings);
  const peer = startProgram('bullmq', LOAD_CORE);
  surroundings.defer(peer.stop);
  await peer.ask({ do: 'open', port });
  return peer;
}

interface Against {
  readonly name: string;
  readonly question: string;
  readonly target: number;
  readonly what: 'publish' | 'drain';
  readonly leftOut: () => string | undefined;
  readonly peer: (surroundings: Surroundings) => Promise<Program>;
  /** Messages of a round of the peer, when it cannot do as many. */
  readonly peerMessages?: number;
}

const against = ({ peerMessages = MESSAGES, ...given }: Against): Scenario => ({
  name: given.name,
  question: given.question,
  unit: 'messages/s',
  target: given.target,
  leftOut: given.leftOut,
  async prepare(surroundings) {
    const models = await openModels(surroundings);
    const peer = await given.peer(surroundings);
    const ours = messagesIn(surroundings, MESSAGES);
    const theirs = messagesIn(surroundings, peerMessages);
    return {
      ours: { name: 'models', round: () => ourRound(models, ours, given.what) },
      peer: { name: given.name, round: () => peerRound(peer, theirs, given.what) },
    };
  },
});

export const queuePublish: Scenario = against({
  name: 'queue-publish',
  question: `${MESSAGES} small messages stored ${TOGETHER} at once, through the models, against addJobs of graphile-worker`,
  target: 0.5,
  what: 'publish',
  leftOut: () => missingPackage('graphile-worker'),
  peer: (surroundings) => onPostgres(surroundings, 'graphile-worker'),
});

export const queueDrains: readonly Scenario[] = [
  against({
    name: 'queue-drain-bullmq',
    question: `${MESSAGES} messages consumed one by one and acked by ${CONSUMERS} consumers, through the models, against BullMQ on Redis with appendfsync always`,
    target: 1.2,
    what: 'drain',
    leftOut: () => missingPackage('bullmq', 'ioredis') ?? missingProgram('redis-server'),
    peer: onRedis,
  }),
  against({
    name: 'queue-drain-graphile-worker',
    question: 'the same against graphile-worker with a local queue of 500',
    target: 0.6,
    what: 'drain',
    leftOut: () => missingPackage('graphile-worker'),
    peer: (surroundings) => onPostgres(surroundings, 'graphile-worker'),
  }),
  against({
    name: 'queue-drain-pg-boss',
    question: 'the same against pg-boss, which fetches one by one',
    target: 20,
    what: 'drain',
    leftOut: () => missingPackage('pg-boss'),
    peer: (surroundings) => onPostgres(surroundings, 'pg-boss'),
    peerMessages: 2_000,
  }),
];
