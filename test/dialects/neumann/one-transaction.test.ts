/** One transaction over a statement of Neumann by gRPC, SQL and Cypher by HTTP: each sees what the others have written. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Leaves } from '../../support/leaves.ts';
import { cellsOf, failureOf, type Neumann, startNeumann } from './service-client.ts';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await startNeumann();
  await neumann.run('CREATE TABLE moons (name:string, radius:float?)');
});
afterAll(async () => await neumann?.stop());

/** The same three languages inside of a transaction, and outside of it. */
function speakers(txnId?: string) {
  const headers = txnId === undefined ? {} : { 'x-facet-txn-id': txnId };
  return {
    neumann: (text: string) => neumann.run(text, { metadata: headers }),
    sql: async (text: string) => {
      const { status, json } = await neumann.server.post('/api/v1/query', { sql: text }, { headers });
      expect([status, text]).toEqual([200, text]);
      return json.rows;
    },
    cypher: async (query: string) => {
      const { status, json } = await neumann.server.post('/v0/cypher', { query }, { headers });
      expect([status, query]).toEqual([200, query]);
      return json.rows;
    },
  };
}

type Speakers = ReturnType<typeof speakers>;

async function inTransaction(end: 'commit' | 'rollback', work: (inside: Speakers) => Promise<void>) {
  const { json } = await neumann.server.post('/api/v1/transactions', {});
  try {
    await work(speakers(String(json.txn_id)));
  } catch (thrown) {
    await neumann.server.post(`/api/v1/transactions/${json.txn_id}/rollback`, {});
    throw thrown;
  }
  const ended = await neumann.server.post(`/api/v1/transactions/${json.txn_id}/${end}`, {});
  expect(ended.status).toBe(200);
}

const outside = speakers();

/** What everybody sees of it: rows, nodes and edges of this name. */
async function seenBy({ neumann: statement, sql, cypher }: Speakers, name: string) {
  const rows: Leaves[] = (await statement(`SELECT moons WHERE name STARTS WITH '${name}'`)).rows.rows;
  const nodes: Leaves[] = (await statement(`NODE LIST ${name}`)).nodes.nodes;
  const named: Leaves[] = await cypher(`MATCH (n:${name}) RETURN n.by AS by ORDER BY id(n)`);
  const byOf = `SELECT properties ->> 'by' FROM graph.nodes WHERE '${name}' = ANY (labels) ORDER BY id`;
  const edgesOf = `SELECT count(*) FROM graph.relationships WHERE type = 'to_${name}'`;
  return {
    rows: {
      neumann: rows.map((row) => cellsOf(row).name),
      sql: (await sql(`SELECT name FROM moons WHERE name LIKE '${name}%' ORDER BY _id`)).flat(),
    },
    nodes: {
      neumann: nodes.map(({ properties }) => properties[0].value),
      sql: (await sql(byOf)).flat(),
      cypher: named.map(({ by }) => by),
    },
    edges: {
      neumann: (await statement(`EDGE LIST to_${name}`)).edges.edges.length,
      sql: Number((await sql(edgesOf))[0][0]),
      cypher: Number((await cypher(`MATCH ()-[e:to_${name}]->() RETURN count(e) AS n`))[0].n),
    },
  };
}

async function write({ neumann: statement, sql, cypher }: Speakers, name: string): Promise<void> {
  await statement(`INSERT moons name='${name} by neumann', radius=1.5`);
  await sql(`INSERT INTO moons (name) VALUES ('${name} by sql')`);
  const [first] = (await statement(`NODE CREATE ${name} { by: 'neumann' }`)).ids.ids;
  const [{ id }] = await cypher(`CREATE (n:${name} {by: 'cypher'}) RETURN toString(id(n)) AS id`);
  await statement(`EDGE CREATE ${first} -> ${id} : to_${name}`);
  await cypher(`MATCH (a:${name} {by: 'neumann'}), (b:${name} {by: 'cypher'}) CREATE (b)-[:to_${name}]->(a)`);
}

const whole = (name: string) => ({
  rows: { neumann: [`${name} by neumann`, `${name} by sql`], sql: [`${name} by neumann`, `${name} by sql`] },
  nodes: {
    neumann: ['neumann', 'cypher'],
    sql: ['neumann', 'cypher'],
    cypher: ['neumann', 'cypher'],
  },
  edges: { neumann: 2, sql: 2, cypher: 2 },
});

const nothing = {
  rows: { neumann: [], sql: [] },
  nodes: { neumann: [], sql: [], cypher: [] },
  edges: { neumann: 0, sql: 0, cypher: 0 },
};

describe('rows, nodes and edges of one transaction', () => {
  it('are seen by all three languages in it, by nobody else before the commit, and by all after it', async () => {
    await inTransaction('commit', async (inside) => {
      await write(inside, 'kept');
      expect(await seenBy(inside, 'kept')).toEqual(whole('kept'));
      expect(await seenBy(outside, 'kept')).toEqual(nothing);
    });
    expect(await seenBy(outside, 'kept')).toEqual(whole('kept'));
  });

  it('are gone for all three when it is rolled back', async () => {
    await inTransaction('rollback', async (inside) => {
      await write(inside, 'undone');
      expect(await seenBy(inside, 'undone')).toEqual(whole('undone'));
    });
    expect(await seenBy(outside, 'undone')).toEqual(nothing);
  });

  it('changes and deletions, whoever made what they are about', async () => {
    await write(outside, 'turned');
    await inTransaction('commit', async (inside) => {
      await inside.neumann("UPDATE moons SET radius = 2 WHERE name = 'turned by sql'");
      await inside.sql("UPDATE moons SET radius = 3 WHERE name = 'turned by neumann'");
      const [row] = await inside.cypher("MATCH (n:turned {by: 'cypher'}) RETURN toString(id(n)) AS id");
      await inside.neumann(`NODE UPDATE ${row.id} { moved: true }`);
      await inside.cypher("MATCH (n:turned {by: 'neumann'}) DETACH DELETE n");
    });
    expect(
      await outside.sql("SELECT name, radius FROM moons WHERE name LIKE 'turned%' ORDER BY radius"),
    ).toEqual([
      ['turned by sql', 2],
      ['turned by neumann', 3],
    ]);
    expect(await outside.cypher('MATCH (n:turned) RETURN n.by AS by, n.moved AS moved')).toEqual([
      { by: 'cypher', moved: true },
    ]);
    expect((await outside.neumann('COUNT EDGES to_turned')).aggregate.count).toBe('0');
  });

  it('entities, embeddings and a transaction that is over', async () => {
    const { json } = await neumann.server.post('/api/v1/transactions', {});
    const inside = speakers(String(json.txn_id));
    await inside.neumann("ENTITY CREATE 'moon:io' { hot: true } EMBEDDING [1, 0]");
    expect(await inside.cypher("MATCH (n:moon {entity_key: 'moon:io'}) RETURN n.hot AS hot")).toEqual([
      { hot: true },
    ]);
    expect((await inside.neumann('SIMILAR [1, 0]')).similar.items).toMatchObject([{ key: 'moon:io' }]);
    expect((await outside.neumann('SHOW EMBEDDINGS')).value.value).not.toContain('moon:io');
    await neumann.server.post(`/api/v1/transactions/${json.txn_id}/rollback`, {});
    expect(await outside.cypher("MATCH (n:moon {entity_key: 'moon:io'}) RETURN n.hot AS hot")).toEqual([]);
    expect((await failureOf(inside.neumann('NODE LIST')))[1]).toContain('ransaction');
  });
});
