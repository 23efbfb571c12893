/** NEIGHBORS and PATH: ways through a small graph, worked out by hand. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cypher, made, madeNodes } from './graph-support.ts';
import { type Neumann, openNeumann } from './open-neumann.ts';

let neumann: Neumann;
/** Ids by the names of towns, and the other way round. */
const ids = new Map<string, string>();
const names = new Map<string, string>();

/**
 * a -> b -> c -> d by road, a -> c by rail, a -> e -> d by road, f by itself.
 */
beforeAll(async () => {
  neumann = await openNeumann();
  const towns = ['a', 'b', 'c', 'd', 'e', 'f'];
  const found = await madeNodes(neumann, ...towns.map((town) => `town { entity_key: 'town:${town}' }`));
  for (const [at, town] of towns.entries()) {
    ids.set(town, found[at] ?? '');
    names.set(found[at] ?? '', town);
  }
  const edges = [
    ['a', 'b', 'road', 4],
    ['b', 'c', 'road', 5],
    ['c', 'd', 'road', 1],
    ['a', 'c', 'rail', 20],
    ['a', 'e', 'road', 7],
    ['e', 'd', 'road', 3],
  ] as const;
  for (const [from, to, type, km] of edges) {
    await made(neumann, `EDGE CREATE 'town:${from}' -> 'town:${to}' : ${type} { km: ${km} }`);
  }
});
afterAll(() => neumann.stop());

const written = (text: string): string =>
  text.replaceAll(/\b[a-f]\b(?=\s*(?:->|TO\b|$|[A-Z:]))/g, (town) => ids.get(town) ?? town);
const run = (text: string) => neumann.run(written(text));
const townsOf = (list: readonly string[] = []): string => list.map((id) => names.get(id)).join('');
const path = async (text: string) => townsOf((await run(text)).path.node_ids);
const paths = async (text: string) => {
  const { path: found } = await run(text);
  return (found.paths ?? []).map(({ node_ids }: { node_ids: string[] }) => townsOf(node_ids)).sort();
};
const neighbors = async (text: string) =>
  townsOf((await run(text)).ids.ids)
    .split('')
    .sort()
    .join('');

describe('NEIGHBORS', () => {
  it.each([
    ['NEIGHBORS c', 'abd'],
    ['NEIGHBORS c BOTH', 'abd'],
    ['NEIGHBORS c OUTGOING', 'd'],
    ['NEIGHBORS c INCOMING', 'ab'],
    ['NEIGHBORS c IN : road', 'b'],
    ['NEIGHBORS a OUT EDGE TYPE rail', 'c'],
    ["NEIGHBORS 'town:a' OUTGOING", 'bce'],
    ['NEIGHBORS f', ''],
    ['NEIGHBORS a : nothing', ''],
  ])('%s', async (text, expected) => {
    expect(await neighbors(text)).toBe(expected);
  });

  it('has each once, without itself, in ascending order, as many as asked for', async () => {
    const [x, y, z] = await madeNodes(neumann, 'k', 'k', 'k');
    for (const to of [y, y, x, z]) await made(neumann, `EDGE CREATE ${x} -> ${to} : t`);
    await made(neumann, `EDGE CREATE ${y} -> ${x} : t`);
    expect(await neumann.run(`NEIGHBORS ${x}`)).toEqual({ ids: { ids: [y, z] } });
    expect(await neumann.run(`NEIGHBORS ${x} LIMIT 1`)).toEqual({ ids: { ids: [y] } });
    expect(await neumann.run(`NEIGHBORS ${y}`)).toEqual({ ids: { ids: [x] } });
    await cypher(neumann, 'MATCH (n:k) DETACH DELETE n');
  });

  it('of a node that is not there', async () => {
    const error = await neumann.fault('NEIGHBORS 999999');
    expect([error.code, error.message]).toEqual(['ENTITY_NOT_FOUND', 'Node not found: 999999']);
    expect((await neumann.fault("NEIGHBORS 'town:zz'")).message).toBe('Node not found: town:zz');
  });

  it('by likeness has those with an embedding, the most similar first', async () => {
    await neumann.run("EMBED STORE 'town:b' [1, 0]");
    await neumann.run("EMBED STORE 'town:c' [0.8, 0.6]");
    await neumann.run("EMBED STORE 'town:d' [1, 0]");
    const { similar } = await neumann.run("NEIGHBORS 'town:a' OUTGOING BY SIMILARITY [1, 0]");
    expect(similar.items.map(({ key }: { key: string }) => key)).toEqual(['town:b', 'town:c']);
    expect(similar.items[1].score).toBeCloseTo(0.8, 6);
    const byKey = await neumann.run("NEIGHBORS 'town:c' BY SIMILAR 'town:d' LIMIT 1");
    expect(byKey.similar.items.map(({ key }: { key: string }) => key)).toEqual([
      expect.stringMatching(/^town:[bd]$/),
    ]);
    expect(await neumann.run("NEIGHBORS 'town:f' BY SIMILARITY [1, 0]")).toEqual({ similar: {} });
    expect((await neumann.fault("NEIGHBORS 'town:zz' BY SIMILARITY [1, 0]")).code).toBe('ENTITY_NOT_FOUND');
    expect((await neumann.fault("NEIGHBORS 'town:a' BY SIMILARITY [1, 0, 0]")).code).toBe(
      'VECTOR_DIMENSION_MISMATCH',
    );
  });
});

describe('PATH', () => {
  it.each([
    ['PATH a -> c', 'ac'],
    ['PATH c -> a', 'ca'],
    ['PATH SHORTEST a TO c : road', 'abc'],
    ['PATH c -> a OUTGOING', ''],
    ['PATH c -> a INCOMING', 'ca'],
    ['PATH c -> a INCOMING : road', 'cba'],
    ['PATH a -> f', ''],
    ['PATH a -> c : road MAX_DEPTH 1', ''],
    ['PATH a -> c : road MAX_DEPTH 2', 'abc'],
    ['PATH a -> a', 'a'],
    ['PATH f -> f', 'f'],
    ['PATH a -> c LIMIT 0', ''],
    ['PATH WEIGHTED a -> c WEIGHT km', 'abc'],
    ['PATH WEIGHTED a -> c WEIGHT km MAX_DEPTH 1', 'ac'],
    ['PATH WEIGHTED a -> c WEIGHT km OUTGOING : rail', 'ac'],
    ['PATH WEIGHTED c -> a WEIGHT km OUTGOING', ''],
    ['PATH WEIGHTED c -> a WEIGHT km', 'cba'],
    ['PATH WEIGHTED a -> a WEIGHT km', 'a'],
    ['PATH a -> c WEIGHT km', 'abc'],
  ])('%s', async (text, expected) => {
    expect(await path(text)).toBe(expected);
  });

  it('between entities by their keys', async () => {
    expect(await path("PATH 'town:a' -> 'town:c'")).toBe('ac');
    expect(await path("PATH 'town:a' -> 'town:a'")).toBe('a');
  });

  it('ALL has each of the shortest', async () => {
    expect(await paths('PATH ALL a -> d')).toEqual(['acd', 'aed']);
    expect(await paths('PATH ALL a -> d : road')).toEqual(['aed']);
    expect(await paths('PATH ALL a -> d LIMIT 1')).toHaveLength(1);
  });

  it('ALL_WEIGHTED has each of the least weight', async () => {
    // By road a b c d and a e d have 10 each.
    expect(await paths('PATH ALL_WEIGHTED a -> d WEIGHT km')).toEqual(['abcd', 'aed']);
    expect(await paths('PATH ALL_WEIGHTED a -> d WEIGHT km MAX_DEPTH 2')).toEqual(['aed']);
    expect(await paths('PATH ALL_WEIGHTED a -> d WEIGHT km LIMIT 1')).toHaveLength(1);
    const { path: found } = await run('PATH WEIGHTED a -> d WEIGHT km');
    expect(found.paths[0].weight).toBe(10);
    expect((await run('PATH WEIGHTED a -> c WEIGHT km MAX_DEPTH 1')).path.paths[0].weight).toBe(20);
  });

  it('WEIGHTED takes 1 where there is no weight, and no negative one', async () => {
    expect(await path('PATH WEIGHTED a -> d')).toMatch(/^a[ce]d$/);
    const [x, y] = await madeNodes(neumann, 'k', 'k');
    await made(neumann, `EDGE CREATE ${x} -> ${y} : negative { cost: -1 }`);
    expect((await neumann.fault(`PATH WEIGHTED ${x} -> ${y} WEIGHT cost`)).kind).toBe('invalid');
    await cypher(neumann, 'MATCH (n:k) DETACH DELETE n');
  });

  it('VARIABLE has all within the depths, short ones first', async () => {
    expect(await paths('PATH VARIABLE a -> d OUTGOING')).toEqual(['abcd', 'acd', 'aed']);
    expect(await paths('PATH VARIABLE a -> d OUTGOING MIN_DEPTH 3')).toEqual(['abcd']);
    expect(await paths('PATH VARIABLE a -> d OUTGOING MAX_DEPTH 2')).toEqual(['acd', 'aed']);
    expect(await path('PATH VARIABLE a -> d OUTGOING MIN_DEPTH 3 LIMIT 1')).toBe('abcd');
    expect(await paths('PATH VARIABLE a -> f')).toEqual([]);
  });

  it('tells the edges that it follows', async () => {
    const { path: found } = await run('PATH a -> c : road');
    const edges = await cypher(neumann, 'MATCH (:town)-[e:road]->() RETURN id(e), e.km ORDER BY e.km');
    const idOf = (km: bigint) => String(edges.find((row: readonly unknown[]) => row[1] === km)[0]);
    expect(found.paths[0].edge_ids).toEqual([idOf(4n), idOf(5n)]);
  });

  it('WEIGHTED tells the lightest of edges side by side, the first of equal ones', async () => {
    const [x, y, z] = await madeNodes(neumann, 'k', 'k', 'k');
    const edge = (text: string) => made(neumann, `EDGE CREATE ${text}`);
    await edge(`${x} -> ${y} : t { cost: 2 }`);
    const light = await edge(`${x} -> ${y} : t { cost: 0.5 }`);
    await edge(`${x} -> ${y} : other { cost: 0 }`);
    await edge(`${y} -> ${x} : t { cost: 0.25 }`);
    const unweighed = await edge(`${y} -> ${z} : t`);
    await edge(`${y} -> ${z} : t { cost: 1 }`);
    const edges = async (text: string) => (await neumann.run(text)).path.paths;
    expect(await edges(`PATH WEIGHTED ${x} -> ${z} WEIGHT cost OUTGOING : t`)).toEqual([
      { node_ids: [x, y, z], edge_ids: [light, unweighed], weight: 1.5 },
    ]);
    expect(await edges(`PATH ALL_WEIGHTED ${z} -> ${x} WEIGHT cost INCOMING : t`)).toEqual([
      { node_ids: [z, y, x], edge_ids: [unweighed, light], weight: 1.5 },
    ]);
    expect((await edges(`PATH WEIGHTED ${x} -> ${z} WEIGHT cost`))[0].weight).toBe(1);
    expect((await edges(`PATH WEIGHTED ${x} -> ${z} WEIGHT cost : t`))[0].weight).toBe(1.25);
    await cypher(neumann, 'MATCH (n:k) DETACH DELETE n');
  });

  it('needs both of its ends', async () => {
    expect((await neumann.fault(written('PATH a -> 999999'))).message).toBe('Node not found: 999999');
    expect((await neumann.fault(written('PATH WEIGHTED 999999 -> a'))).message).toBe(
      'Node not found: 999999',
    );
    expect((await neumann.fault("PATH 'town:zz' -> 'town:a'")).message).toBe('Node not found: town:zz');
  });

  it('refuses a least depth where none makes sense', async () => {
    const error = await neumann.fault(written('PATH a -> d MIN_DEPTH 3'));
    expect(error.code).toBe('FEATURE_NOT_SUPPORTED');
    expect(error.hint).toContain('VARIABLE');
  });
});
