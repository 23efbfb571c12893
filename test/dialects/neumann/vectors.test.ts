/** Points and collections of neumann.vector.v1. */
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, type Neumann, startNeumann } from './service-client.ts';

const POINTS = 'neumann.vector.v1.PointsService';
const COLLECTIONS = 'neumann.vector.v1.CollectionsService';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await startNeumann();
});
afterAll(async () => await neumann?.stop());

const points = (name: string, request: object) => neumann.client.call(`${POINTS}/${name}`, request);
const collections = (name: string, request: object = {}) =>
  neumann.client.call(`${COLLECTIONS}/${name}`, request);
/** Maps are lists of their entries to clients that were made from descriptors. */
const payload = (values: object) =>
  Object.entries(values).map(([key, value]) => ({ key, value: Buffer.from(JSON.stringify(value)) }));

describe('collections', () => {
  it.each([
    ['', 'cosine'],
    ['Cosine', 'cosine'],
    ['l2', 'euclidean'],
    ['euclidean', 'euclidean'],
    ['dot_product', 'dot'],
    ['inner_product', 'dot'],
    ['dot', 'dot'],
  ])('of the distance %j', async (distance, spoken) => {
    const name = `with ${distance}`;
    expect(await collections('Create', { name, dimension: 3, distance })).toEqual({ created: true });
    expect(await collections('Get', { name })).toEqual({
      ...{ name, points_count: '0', dimension: 3, distance: spoken },
    });
    expect((await collections('List')).collections).toContain(name);
    expect(await collections('Delete', { name })).toEqual({ deleted: true });
    expect(await failureOf(collections('Get', { name }))).toEqual([
      status.NOT_FOUND,
      `collection not found: ${name}`,
    ]);
    expect((await failureOf(collections('Delete', { name })))[0]).toBe(status.NOT_FOUND);
  });

  it('are refused when they are there, or of an unknown distance', async () => {
    await collections('Create', { name: 'twice', dimension: 2 });
    expect(await failureOf(collections('Create', { name: 'twice', dimension: 2 }))).toEqual([
      status.ALREADY_EXISTS,
      'Collection already exists: twice',
    ]);
    expect(await failureOf(collections('Create', { name: 'odd', distance: 'manhattan' }))).toEqual([
      status.INVALID_ARGUMENT,
      'unknown distance metric: manhattan',
    ]);
  });
});

describe('points', () => {
  beforeAll(async () => {
    await points('Upsert', {
      collection: 'things',
      points: [
        { id: 'a', vector: [1, 0], payload: payload({ color: 'red', size: { w: 1 } }) },
        { id: 'b', vector: [0.6, 0.8], payload: [] },
        { id: 'c', vector: [0, 1] },
      ],
    });
  });

  it('come back with what was asked for', async () => {
    const ids = ['c', 'nobody', 'a'];
    const plain = await points('Get', { collection: 'things', ids });
    expect(plain.points).toEqual(['c', 'a'].map((id) => ({ id, vector: [], payload: [] })));
    const whole = await points('Get', {
      collection: 'things',
      ids: ['a'],
      with_payload: true,
      with_vector: true,
    });
    expect(whole.points[0].vector).toEqual([1, 0]);
    const entries = whole.points[0].payload as { key: string; value: Buffer }[];
    expect(Object.fromEntries(entries.map(({ key, value }) => [key, JSON.parse(String(value))]))).toEqual({
      color: 'red',
      size: { w: 1 },
    });
  });

  it('are found by likeness', async () => {
    const { results } = await points('Query', { collection: 'things', vector: [1, 0], limit: 2 });
    expect(results.map(({ id }: { id: string }) => id)).toEqual(['a', 'b']);
    expect(results[1].score).toBeCloseTo(0.6, 5);
    const ids = async (request: object) =>
      (await points('Query', { collection: 'things', vector: [1, 0], ...request })).results.map(
        ({ id }: { id: string }) => id,
      );
    expect(await ids({ limit: 0 })).toEqual(['a']);
    expect(await ids({ limit: 10, offset: 1 })).toEqual(['b', 'c']);
    expect(await ids({ limit: 10, score_threshold: 0.5 })).toEqual(['a', 'b']);
    expect(await ids({ vector: [0, 0], limit: 10 })).toEqual([]);
  });

  it('are scrolled in the order of their ids', async () => {
    const first = await points('Scroll', { collection: 'things', limit: 2, with_vector: true });
    expect([first.points.map(({ id }: { id: string }) => id), first.next_offset]).toEqual([['a', 'b'], 'b']);
    const last = await points('Scroll', { collection: 'things', limit: 2, offset_id: 'b' });
    expect(last.points.map(({ id }: { id: string }) => id)).toEqual(['c']);
    expect(last._next_offset).toBeUndefined();
  });

  it('are replaced and deleted', async () => {
    await points('Upsert', {
      collection: 'other',
      points: [{ id: 'x', vector: [1], payload: payload({ k: 1 }) }],
    });
    await points('Upsert', { collection: 'other', points: [{ id: 'x', vector: [2] }] });
    const { points: found } = await points('Get', {
      collection: 'other',
      ids: ['x'],
      with_payload: true,
      with_vector: true,
    });
    expect(found).toEqual([{ id: 'x', vector: [2], payload: [] }]);
    expect(await points('Delete', { collection: 'other', ids: ['x', 'y'] })).toEqual({ deleted: '1' });
  });

  it('of another dimension, or whose payload is no JSON: INVALID_ARGUMENT, and none is stored', async () => {
    const wrong = [
      { id: 'new', vector: [1, 0] },
      { id: 'd', vector: [1, 2, 3] },
    ];
    expect((await failureOf(points('Upsert', { collection: 'things', points: wrong })))[0]).toBe(3);
    expect((await points('Get', { collection: 'things', ids: ['new'] })).points).toEqual([]);
    const odd = [{ id: 'e', vector: [1, 2], payload: [{ key: 'k', value: Buffer.from('{') }] }];
    const [code, text] = await failureOf(points('Upsert', { collection: 'things', points: odd }));
    expect([code, text.includes("'k'")]).toEqual([status.INVALID_ARGUMENT, true]);
  });

  it('of a collection that is not there are none', async () => {
    const collection = 'nowhere';
    expect(await points('Query', { collection, vector: [1], limit: 3 })).toEqual({ results: [] });
    expect((await points('Scroll', { collection, limit: 3 })).points).toEqual([]);
    expect((await points('Get', { collection, ids: ['a'] })).points).toEqual([]);
    expect(await points('Delete', { collection, ids: ['a'] })).toEqual({ deleted: '0' });
  });
});
