/** BATCH: all or none, ids in the order of the items, and which item it was. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cypher, emptied, madeNodes } from './graph-support.ts';
import { type Neumann, openNeumann } from './open-neumann.ts';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await openNeumann();
});
afterAll(() => neumann.stop());
beforeEach(() => emptied(neumann));

const run = (text: string) => neumann.run(text);
const nodes = async () => Number((await cypher(neumann, 'MATCH (n) RETURN count(n)'))[0][0]);
const edges = async () => Number((await cypher(neumann, 'MATCH ()-[e]->() RETURN count(e)'))[0][0]);

describe('CREATE NODES', () => {
  it('answers ids in the order given, whatever labels there are', async () => {
    const { batch_operation } = await run(
      'BATCH CREATE NODES [{labels: [robot], n: 0}, {labels: [robot, tool], n: 1}, {labels: [robot], n: 2}, {labels: pilot, n: 3}]',
    );
    expect(batch_operation).toMatchObject({ operation: 'CREATE_NODES', affected_count: '4' });
    const found = new Map<string, unknown>();
    for (const [id, n, labels] of await cypher(neumann, 'MATCH (n) RETURN id(n), n.n, labels(n)')) {
      found.set(String(id), [n, labels]);
    }
    expect(batch_operation.created_ids.map((id: string) => found.get(id))).toEqual([
      [0n, ['robot']],
      [1n, ['robot', 'tool']],
      [2n, ['robot']],
      [3n, ['pilot']],
    ]);
  });

  it('of more kinds than one query takes', async () => {
    const items = Array.from({ length: 250 }, (_, n) => `(l${n} { n: ${n} })`);
    const { batch_operation } = await run(`BATCH CREATE NODES [${items.join(', ')}]`);
    expect(new Set(batch_operation.created_ids).size).toBe(250);
    const [last] = (await run(`NODE GET ${batch_operation.created_ids[249]}`)).nodes.nodes;
    expect(last).toMatchObject({ label: 'l249', properties: { n: '249' } });
  });

  it('makes none when one violates a constraint, and says which', async () => {
    await run('CONSTRAINT CREATE uq ON NODE robot PROPERTY serial UNIQUE');
    const items = Array.from({ length: 100 }, (_, n) => `(robot { serial: ${n === 61 ? 12 : n} })`);
    const error = await neumann.fault(`BATCH CREATE NODES [${items.join(', ')}]`);
    expect(error.code).toBe('GRAPH_CONSTRAINT_VIOLATION');
    expect(error.message).toMatch(/^Batch item 61: .*uq/);
    expect(await nodes()).toBe(0);
    await run('CONSTRAINT DROP uq');
    await run('CONSTRAINT CREATE has ON NODE robot PROPERTY serial EXISTS');
    const missing = await neumann.fault('BATCH CREATE NODES [(robot { serial: 1 }), (tool), (robot)]');
    expect(missing.message).toMatch(/^Batch item 2: .*has/);
    expect(await nodes()).toBe(0);
    await run('CONSTRAINT DROP has');
  });

  it('makes none when one cannot be stored, and says which', async () => {
    const error = await neumann.fault("BATCH CREATE NODES [(x { a: 1 }), (x { a: [1, [2], 'b'] })]");
    expect(error.message).toMatch(/^Batch item 1: /);
    expect(await nodes()).toBe(0);
  });

  it('of nothing', async () => {
    expect(await run('BATCH CREATE NODES []')).toEqual({ batch_operation: { operation: 'CREATE_NODES' } });
  });
});

describe('CREATE EDGES', () => {
  it('answers ids in the order given, whatever types there are', async () => {
    const [a, b] = await madeNodes(neumann, "user { entity_key: 'user:a' }", 'user');
    const { batch_operation } = await run(
      `BATCH CREATE EDGES [{from: ${a}, to: ${b}, type: t, n: 0}, {from: 'user:a', to: ${b}, type: u, n: 1}, {from: ${b}, to: 'user:a', type: t, n: 2}]`,
    );
    expect(batch_operation).toMatchObject({ operation: 'CREATE_EDGES', affected_count: '3' });
    for (const [at, [from, to, label]] of [
      [a, b, 't'],
      [a, b, 'u'],
      [b, a, 't'],
    ].entries()) {
      const { edges: found } = await run(`EDGE GET ${batch_operation.created_ids[at]}`);
      expect(found.edges[0]).toMatchObject({ from, to, label, properties: { n: String(at) } });
    }
  });

  it.each([
    ['by id', '999999'],
    ['by key', "'user:nobody'"],
  ])('makes none when a node is not there, and says which: %s', async (_, missing) => {
    const [a, b] = await madeNodes(neumann, 'x', 'x');
    const error = await neumann.fault(
      `BATCH CREATE EDGES [(${a} -> ${b} : t), (${b} -> ${a} : u), (${a} -> ${missing} : t)]`,
    );
    expect([error.code, error.message]).toEqual([
      'ENTITY_NOT_FOUND',
      `Batch item 2: Node not found: ${missing.replaceAll("'", '')}`,
    ]);
    expect(await edges()).toBe(0);
  });
});

describe('UPDATE NODES', () => {
  it('changes all, and NULL removes', async () => {
    const [a, b] = await madeNodes(neumann, 'x { n: 1, m: 1 }', "x { n: 2, entity_key: 'x:b' }");
    expect(await run(`BATCH UPDATE NODES [{id: ${a}, n: 9, m: NULL}, {id: 'x:b', n: NULL, k: 'v'}]`)).toEqual(
      {
        batch_operation: { operation: 'UPDATE_NODES', affected_count: '2' },
      },
    );
    expect((await run(`NODE GET ${a}`)).nodes.nodes[0].properties).toEqual({ n: '9' });
    expect((await run(`NODE GET ${b}`)).nodes.nodes[0].properties).toEqual({ entity_key: 'x:b', k: 'v' });
  });

  it('changes none when one is not there, and says which', async () => {
    const [a] = await madeNodes(neumann, 'x { n: 1 }');
    const error = await neumann.fault(`BATCH UPDATE NODES [(${a} { n: 2 }), (999999 { n: 3 })]`);
    expect([error.code, error.message]).toEqual(['ENTITY_NOT_FOUND', 'Batch item 1: Node not found: 999999']);
    expect((await run(`NODE GET ${a}`)).nodes.nodes[0].properties).toEqual({ n: '1' });
  });

  it('of one node twice does both in turn', async () => {
    const [a] = await madeNodes(neumann, 'x { n: 1 }');
    await run(`BATCH UPDATE NODES [(${a} { n: 2, m: 1 }), (${a} { n: 3 })]`);
    expect((await run(`NODE GET ${a}`)).nodes.nodes[0].properties).toEqual({ n: '3', m: '1' });
  });
});

describe('DELETE', () => {
  it('NODES removes those that are there, with their edges', async () => {
    const [a, b, c] = await madeNodes(neumann, 'x', 'x', "x { entity_key: 'x:c' }");
    await run(`BATCH CREATE EDGES [(${a} -> ${b} : t), (${b} -> ${c} : t)]`);
    expect(await run(`BATCH DELETE NODES [${a}, 999999, 'x:c', 'x:nobody', ${a}]`)).toEqual({
      batch_operation: { operation: 'DELETE_NODES', affected_count: '2' },
    });
    expect([await nodes(), await edges()]).toEqual([1, 0]);
  });

  it('EDGES removes those that are there', async () => {
    const [a, b] = await madeNodes(neumann, 'x', 'x');
    const { batch_operation } = await run(`BATCH CREATE EDGES [(${a} -> ${b} : t), (${a} -> ${b} : t)]`);
    const [first] = batch_operation.created_ids;
    expect(await run(`GRAPH BATCH DELETE EDGES [${first}, 999999]`)).toEqual({
      batch_operation: { operation: 'DELETE_EDGES', affected_count: '1' },
    });
    expect([await nodes(), await edges()]).toEqual([2, 1]);
  });
});

it('is not for who may only read', async () => {
  const error = await neumann.fault('BATCH CREATE NODES [(x)]', { role: 'read', name: 'reader' });
  expect(error.code).toBe('FORBIDDEN');
});
