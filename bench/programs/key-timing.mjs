// How long it takes to refuse a key, from dist/: one that is wrong at its first letter, at its last, and one that is like no
// key at all, in an order by chance. Times are compared by Welch's t; above some 4.5 they are taken to differ.
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { createAuthenticator } from '../../dist/server/auth.js';
import { answer } from './answer.mjs';

const KEYS = 20;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** What the machine did in between is left out: times beyond this share of all. */
const KEPT = 0.95;
const AN_HOUR_MS = 3_600_000;

const newKey = () => `sk-${randomBytes(24).toString('base64url')}`;
const anotherLetter = (letter) => {
  for (;;) {
    const other = LETTERS[randomInt(LETTERS.length)];
    if (other !== letter) return other;
  }
};
const wrongAt = (key, at) => key.slice(0, at) + anotherLetter(key[at]) + key.slice(at + 1);

const keys = Array.from({ length: KEYS }, newKey);
let nowMs = 0;
const authenticate = createAuthenticator({
  credentials: keys.map((key, index) => ({
    principal: { name: `service:${index}`, role: 'read' },
    secret: { kind: 'sha256', digest: createHash('sha256').update(key).digest() },
  })),
  observe: () => {},
  // An address that guesses has to wait; here an hour passes between two guesses.
  clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
});

/** The last one is a second sample of the first: what their t is, chance makes. */
const CLASSES = {
  first: (key) => wrongAt(key, 0),
  last: (key) => wrongAt(key, key.length - 1),
  unknown: newKey,
  again: (key) => wrongAt(key, 0),
};
const NAMES = Object.keys(CLASSES);

async function timeNs(secret) {
  nowMs += AN_HOUR_MS;
  const startedAt = process.hrtime.bigint();
  const isRefused = await authenticate({ scheme: 'api-key', secret }, '10.0.0.1').then(
    () => false,
    () => true,
  );
  const ns = Number(process.hrtime.bigint() - startedAt);
  if (!isRefused) throw new Error('a wrong key was let in');
  return ns;
}

const BLOCK = 2_000;

/** Made before any is timed, and all in one way: how a text was put together, and beside what it lies, takes time as well. */
function guesses() {
  const texts = Array.from({ length: BLOCK }, () => {
    const name = NAMES[randomInt(NAMES.length)];
    return { name, text: CLASSES[name](keys[randomInt(KEYS)]) };
  });
  return texts.map(({ name, text }) => ({ name, secret: Buffer.from(text, 'latin1').toString('latin1') }));
}

async function sample(ms) {
  const times = Object.fromEntries(NAMES.map((name) => [name, []]));
  const until = performance.now() + ms;
  while (performance.now() < until) {
    for (const { name, secret } of guesses()) times[name].push(await timeNs(secret));
  }
  return times;
}

function facts(list) {
  const mean = list.reduce((sum, x) => sum + x, 0) / list.length;
  const variance = list.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (list.length - 1);
  return { mean, variance, count: list.length };
}

const welch = (a, b) => (a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count);

async function compare({ ms }) {
  await sample(ms / 4);
  const times = await sample(ms);
  const all = Float64Array.from(NAMES.flatMap((name) => times[name])).sort();
  const most = all[Math.floor(all.length * KEPT)];
  const of = Object.fromEntries(NAMES.map((name) => [name, facts(times[name].filter((ns) => ns <= most))]));
  const t = (a, b) => Math.abs(welch(of[a], of[b]));
  const pairs = {
    firstLast: t('first', 'last'),
    firstUnknown: t('first', 'unknown'),
    lastUnknown: t('last', 'unknown'),
  };
  return {
    rate: Math.max(...Object.values(pairs)),
    details: {
      ...pairs,
      byChance: t('first', 'again'),
      meanNs: of.first.mean,
      lastToFirst: of.last.mean / of.first.mean,
      unknownToFirst: of.unknown.mean / of.first.mean,
      guesses: all.length,
    },
  };
}

answer({ compare });
