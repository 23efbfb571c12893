/** SHOW TABLES, DESCRIBE, CLUSTER and what is refused by name. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { streamStatement } from '../../../src/dialects/neumann/statements/index.ts';
import { type Neumann, openNeumann } from './open-neumann.ts';

let neumann: Neumann;
beforeAll(async () => {
  neumann = await openNeumann();
});
afterAll(async () => {
  await neumann?.stop();
});

const value = async (text: string): Promise<unknown> => (await neumann.run(text)).value.value;

describe('SHOW and DESCRIBE', () => {
  test('tables', async () => {
    expect((await neumann.run('SHOW TABLES')).table_list.tables ?? []).toEqual([]);
    await neumann.run('CREATE TABLE crew (name:string, pay:float?)');
    await neumann.run('CREATE TABLE "Ships" (id int PRIMARY KEY, name varchar(20))');
    await neumann.run('CREATE SCHEMA yard');
    await neumann.run('CREATE TABLE yard.docks (id int)');
    expect((await neumann.run('SHOW TABLES')).table_list.tables).toEqual(['Ships', 'crew']);
    expect(await value('DESCRIBE TABLE crew')).toMatch(
      /^Table: crew\nColumns:\n {2}name \w+ NOT NULL\n {2}pay \w+\n {2}_id \w+ NOT NULL\n$/,
    );
    expect(await value('DESCRIBE TABLE CREW')).toMatch(/^Table: crew\n/);
    expect(await value("DESCRIBE TABLE 'Ships'")).toBe(
      'Table: Ships\nColumns:\n  id Int32 NOT NULL\n  name Varchar(20)\n',
    );
    expect(await value('DESCRIBE TABLE yard.docks')).toBe('Table: docks\nColumns:\n  id Int32\n');
    expect((await neumann.fault('DESCRIBE TABLE nothing')).code).toBe('TABLE_NOT_FOUND');
    expect((await neumann.fault('DESCRIBE TABLE nowhere.docks')).code).toMatch(/_NOT_FOUND$/);
  });

  test('nodes and edges', async () => {
    const create = async (text: string): Promise<unknown> => (await neumann.run(text)).ids.ids[0];
    const ada = await create("NODE CREATE pilot { name: 'Ada', hours: 10 }");
    const bo = await create("NODE CREATE pilot { name: 'Bo' }");
    expect(await value('DESCRIBE NODE pilot')).toBe(
      'Node: pilot\nCount: 2\nProperties:\n  hours (1)\n  name (2)\n',
    );
    expect(await value('DESCRIBE NODE nothing')).toBe('Node: nothing\nCount: 0\nProperties:\n');
    expect(await value('DESCRIBE NODE `a``b: c`')).toMatch(/^Node: a`b: c\nCount: 0\n/);
    await neumann.run(`EDGE CREATE ${ada} -> ${bo} : flies_with { since: 2020 }`);
    expect(await value('DESCRIBE EDGE flies_with')).toBe(
      'Edge: flies_with\nCount: 1\nProperties:\n  since (1)\n',
    );
  });
});

test('CLUSTER tells that there is one server', async () => {
  // Other files use the same PostgreSQL, and one that follows changes looks like a replica until it has said its name.
  await expect
    .poll(() => value('CLUSTER STATUS'), { timeout: 10_000 })
    .toBe('Cluster: single-node mode (not connected)');
  expect(await value('CLUSTER NODES')).toBe('No cluster nodes (single-node mode)');
  expect(await value('CLUSTER LEADER')).toBe('No leader (single-node mode)');
});

describe('refused by name', () => {
  test.each([
    ['BEGIN', 'BEGIN is not supported', 1],
    ['  CHAIN HEIGHT', 'CHAIN is not supported', 3],
    ['ROLLBACK CHAIN TO 3', 'ROLLBACK CHAIN is not supported', 1],
    ['SHOW CODEBOOK GLOBAL', 'SHOW CODEBOOK is not supported', 1],
    ["CLUSTER CONNECT 'addr'", 'CLUSTER CONNECT is not supported', 1],
    ['MATCH (n) RETURN n', 'MATCH is not supported', 1],
  ])('%s', async (text, message, position) => {
    const fault = await neumann.fault(text);
    expect(fault).toMatchObject({ code: 'FEATURE_NOT_SUPPORTED', kind: 'unsupported', position });
    expect(fault.message).toContain(message);
    expect(fault.hint).toEqual(expect.any(String));
    await expect(streamStatement(text, neumann.callOf())).rejects.toMatchObject({
      code: 'FEATURE_NOT_SUPPORTED',
    });
  });
});
