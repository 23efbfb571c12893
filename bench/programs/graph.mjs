// Both sides of the Cypher scenarios, each in a process of its own: Cypher by the graph model alone, and SQL by hand on
// the same tables through the same engine. What is between the two is what Cypher costs.

import { prepare } from '../../dist/cypher/index.js';
import { openStore, statement } from '../../dist/engine/index.js';
import { runQuery } from '../../dist/models/graph/index.js';
import { answer, timedInFlight } from './answer.mjs';
import { clear, loadOpenFlights, loadRandom, randomNumbers } from './graph-data.mjs';
import { writers } from './graph-writes.mjs';

let database;
let keys = [];

const pick = () => keys[Math.floor(Math.random() * keys.length)];
const cypher = (query, parameters) =>
  runQuery(database, query, { parameters: new Map(Object.entries(parameters)) });

/** Values of Cypher and cells of SQL in one form. */
const plain = (rows) =>
  rows
    .map((row) => row.map((cell) => (typeof cell === 'bigint' ? String(cell) : cell)).join('|'))
    .sort()
    .join('\n');

/** Both sides draw the same pairs, in every round. */
function pairsByChance(nodes) {
  const draw = randomNumbers(11);
  const one = () => BigInt(1 + Math.floor(draw() * nodes));
  return () => {
    const a = one();
    let b = one();
    while (b === a) b = one();
    return { a, b };
  };
}

async function distance(sql, { a, b }) {
  const found = await database.inTransaction((transaction) =>
    database.run(named(sql), [String(a), String(b)], { transaction }),
  );
  return Number(found.rows[0][0]);
}

const statements = new Map();
function named(sql) {
  let known = statements.get(sql);
  if (known === undefined) {
    known = statement(`bench.graph.${statements.size}`, sql);
    statements.set(sql, known);
  }
  return known;
}

answer({
  async open({ uri }) {
    const store = await openStore(uri, { observe: () => {} });
    database = await store.namespace(store.defaultNamespace);
  },

  /** Makes one of the graphs and the indexes on it. */
  async load({ graph, size, sqlIndexes = [] }) {
    const loaded = graph === 'random' ? await loadRandom(database, size) : await loadOpenFlights(database);
    for (const sql of sqlIndexes) await database.runUser(sql, [], { timeoutMs: 600_000 });
    return loaded;
  },

  async cypherIndex({ query }) {
    await cypher(query, {});
  },

  clear: () => clear(database),

  async keys({ values }) {
    keys = values;
  },

  /** For a few keys: do both sides answer the same? */
  async compare({ query, sql, count }) {
    for (let at = 0; at < count; at++) {
      const key = pick();
      const ours = plain((await cypher(query, { k: key })).rows);
      const theirs = plain((await database.run(named(sql), sql.includes('$1') ? [key] : [])).rows);
      if (ours !== theirs) throw new Error(`for ${key} Cypher says\n${ours}\nand SQL says\n${theirs}`);
    }
  },

  /** The values that one key brings, as text. */
  async values({ query, key }) {
    const { rows } = await cypher(query, key === undefined ? {} : { k: key });
    return rows.map((row) => row.map(String).join('|')).sort();
  },

  cypher: ({ query, callers, ms }) => timedInFlight(callers, ms, () => cypher(query, { k: pick() })),

  async sql({ sql, callers, ms }) {
    const one = named(sql);
    const takesKey = sql.includes('$1');
    return await timedInFlight(callers, ms, () => database.run(one, takesKey ? [pick()] : []));
  },

  /** As `sql`, for what takes too long for the lane that callers share. */
  sqlAlone: ({ sql, ms }) =>
    timedInFlight(1, ms, () =>
      database.inTransaction((transaction) => database.run(named(sql), [], { transaction })),
    ),

  /** One shortest path after the other, between two nodes by chance. */
  paths: ({ query, nodes, ms }) => {
    const next = pairsByChance(nodes);
    return timedInFlight(1, ms, () => cypher(query, next()));
  },

  /** As `paths`, by hand. */
  distances: ({ sql, nodes, ms }) => {
    const next = pairsByChance(nodes);
    return timedInFlight(1, ms, () => distance(sql, next()));
  },

  /** How long the paths of the first pairs are, -1 where there is none, if both sides say the same. */
  async comparePaths({ query, sql, nodes, count }) {
    const next = pairsByChance(nodes);
    const lengths = [];
    for (let at = 0; at < count; at++) {
      const pair = next();
      const [found] = (await cypher(query, pair)).rows;
      const ours = found === undefined ? -1 : Number(found[0]);
      const theirs = await distance(sql, pair);
      if (ours !== theirs)
        throw new Error(`from ${pair.a} to ${pair.b} Cypher says ${ours} and SQL ${theirs}`);
      lengths.push(ours);
    }
    return lengths;
  },

  /** Each text is another one, so that nothing is known of it, and the compiler is warm. */
  async compile({ queries, ms }) {
    const procedures = new Map();
    let next = 0;
    const once = async () => {
      prepare(`${queries[next % queries.length]} LIMIT ${1 + next++}`, procedures);
    };
    return await timedInFlight(1, ms, once);
  },

  write: ({ what, ms }) => writers[what](database, cypher, ms),
});
