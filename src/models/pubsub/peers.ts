/**
 * What the processes on one PostgreSQL know of each other's subscribers. Each one that has some keeps a row with its
 * patterns, and a lease on it. Who publishes looks at the rows, which costs little, and reads the patterns of those whose
 * version has changed: so a subscription counts for every message that is published after it was answered.
 */
import { LIMITS, randomHex } from '../../base/index.ts';
import { arrayLiteral, type Database, statement } from '../../engine/index.ts';
import type { Run } from './run.ts';
import { patternLevels } from './topic.ts';
import { Trie } from './trie.ts';

/** Subscribers with the same patterns. */
interface Group {
  readonly patterns: readonly string[];
  subscribers: number;
}

interface Peer {
  readonly version: string;
  readonly groups: Trie<Group>;
}

/** One may fail without the lease ending. */
const RENEWALS_PER_LEASE = 3;

const ANNOUNCE = statement(
  'pubsub.announce',
  `INSERT INTO pubsub.process (id, version, groups, lease_until)
   VALUES ($1, $2::bigint, $3, statement_timestamp() + ${LIMITS.pubsubLeaseMs} * interval '1 millisecond')
   ON CONFLICT (id) DO UPDATE SET version = excluded.version, groups = excluded.groups,
     lease_until = excluded.lease_until`,
);
const RETIRE = statement(
  'pubsub.retire',
  'DELETE FROM pubsub.process WHERE id = $1 OR lease_until <= statement_timestamp()',
);
const PEERS = statement(
  'pubsub.peers',
  `SELECT id, version, CASE WHEN id || ':' || version = ANY ($2::text[]) THEN NULL ELSE groups END
   FROM pubsub.process WHERE id <> $1 AND lease_until > statement_timestamp()`,
);

export class Peers {
  readonly id = randomHex(8);
  readonly #database: Database;
  /** Of this process, by their patterns as JSON. */
  readonly #groups = new Map<string, Group>();
  #subscribers = 0;
  /** Of the patterns of all groups, as JSON. */
  #patternBytes = 0;
  #version = 0;
  #announced = 0;
  #announcing: Promise<void> | undefined = undefined;
  #renewal: NodeJS.Timeout | undefined = undefined;
  #stopped = false;
  #peers = new Map<string, Peer>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** A subscriber has come with these patterns, or gone. They are sorted. */
  changed(patterns: readonly string[], by: 1 | -1): void {
    if (patterns.length === 0) return;
    const key = JSON.stringify(patterns);
    const group = this.#groups.get(key) ?? { patterns, subscribers: 0 };
    group.subscribers += by;
    this.#subscribers += by;
    const known = this.#groups.has(key);
    if (group.subscribers > 0) {
      if (!known) this.#patternBytes += Buffer.byteLength(key);
      this.#groups.set(key, group);
    } else {
      if (known) this.#patternBytes -= Buffer.byteLength(key);
      this.#groups.delete(key);
    }
    this.#version++;
  }

  /** Resolves when the others can know what has changed so far. */
  async announce(): Promise<void> {
    const wanted = this.#version;
    while (this.#announced < wanted && !this.#stopped) {
      this.#announcing ??= this.#announceNow().finally(() => {
        this.#announcing = undefined;
      });
      await this.#announcing;
    }
  }

  /** The row may be gone. */
  again(): void {
    if (this.#groups.size === 0) return;
    this.#version++;
    this.announce().catch(() => {});
  }

  /** Looks at the others; then says how many of their subscribers a topic has. */
  async look(run: Run): Promise<(topic: string) => number> {
    // Two may look at once: each goes by what it has said it knows.
    const before = this.#peers;
    const known = [...before].map(([id, { version }]) => `${id}:${version}`);
    const { rows } = await run(PEERS, [this.id, arrayLiteral(known)]);
    const peers = new Map<string, Peer>();
    for (const [id = null, version = null, groups = null] of rows) {
      if (id === null || version === null) continue;
      const peer = groups === null ? before.get(id) : { version, groups: trieOf(groups) };
      if (peer !== undefined) peers.set(id, peer);
    }
    this.#peers = peers;
    if (peers.size === 0) return none;
    return (topic) => {
      let subscribers = 0;
      for (const { groups } of peers.values()) {
        for (const group of groups.match(topic)) subscribers += group.subscribers;
      }
      return subscribers;
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#renewal);
    await this.#announcing?.catch(() => {});
    // A lease ends by itself when PostgreSQL is away.
    if (this.#announced > 0) await this.#database.run(RETIRE, [this.id]).catch(() => {});
  }

  async #announceNow(): Promise<void> {
    const version = this.#version;
    clearTimeout(this.#renewal);
    try {
      if (this.#groups.size === 0) await this.#database.run(RETIRE, [this.id]);
      else await this.#database.run(ANNOUNCE, [this.id, String(version), this.#groupsJson()]);
      this.#announced = version;
    } finally {
      // Also when it has failed: then the lease is still that of before, or none.
      if (!this.#stopped) {
        this.#renewal = setTimeout(() => this.again(), LIMITS.pubsubLeaseMs / RENEWALS_PER_LEASE).unref();
      }
    }
  }

  #groupsJson(): string {
    if (this.#groups.size > LIMITS.pubsubGroupsMax || this.#patternBytes > LIMITS.pubsubAnnouncedBytesMax) {
      return JSON.stringify([[this.#subscribers, ['#']]]);
    }
    return JSON.stringify(
      [...this.#groups.values()].map(({ subscribers, patterns }) => [subscribers, patterns]),
    );
  }
}

const none = (): number => 0;

function trieOf(json: string): Trie<Group> {
  const trie = new Trie<Group>();
  for (const [subscribers, patterns] of JSON.parse(json) as [number, string[]][]) {
    const group = { subscribers, patterns };
    for (const pattern of patterns) trie.add(patternLevels(pattern), group);
  }
  return trie;
}
