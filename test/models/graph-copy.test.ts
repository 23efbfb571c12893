/** COPY into declared tables on a real PostgreSQL: files, queries, parameters; all or nothing, and errors that say where. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FacetError } from '../../src/base/index.ts';
import type { Value } from '../../src/cypher/index.ts';
import {
  type GraphQueryResult,
  graphDefine,
  graphQuery,
  transactionBegin,
  transactionRollback,
  type UploadedFile,
} from '../../src/models/index.ts';
import { type CallOptions, type Model, openModel } from './call-operation.ts';

let model: Model;
let stored: Map<string, string>;
beforeEach(async () => {
  model = await openModel();
  stored = new Map();
  await define('CREATE NODE TABLE Person(id INT64, name STRING, born DATE, tags STRING[], PRIMARY KEY(id))');
});
afterEach(() => model.stop());

/** As a dialect gives what was uploaded; in small pieces, so that lines are cut anywhere. */
async function files(name: string): Promise<UploadedFile> {
  const text = stored.get(name);
  if (text === undefined) throw new FacetError('OBJECT_NOT_FOUND', `no file ${name}`);
  const bytes = Buffer.from(text);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const pieceBytes = Math.max(7, Math.floor(bytes.length / 50));
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  return { size: bytes.length, pieces: pieces() };
}

const define = (
  statement: string,
  params: Record<string, unknown> = {},
  options: CallOptions = {},
): Promise<GraphQueryResult> => model.call(graphDefine, { statement, params, files }, options);
const refused = (statement: string, params: Record<string, unknown> = {}): Promise<FacetError> =>
  model.fault(graphDefine, { statement, params, files });
const query = async (text: string): Promise<GraphQueryResult['rows']> =>
  (await model.call(graphQuery, { query: text })).rows;
const count = async (label: string): Promise<Value | undefined> =>
  (await query(`MATCH (n:${label}) RETURN count(*)`))[0]?.[0];

describe('a file', () => {
  test('becomes nodes, with or without a header', async () => {
    stored.set('a.csv', 'id,name,born,tags\r\n1,"Ann, A.",1980-01-02,"[x,y]"\r\n2,,,\r\n');
    expect(await define("COPY Person FROM 'a.csv'")).toMatchObject({
      rows: [['2 tuples have been copied to the Person table.']],
      counters: { nodesCreated: 2 },
      writes: true,
    });
    stored.set('b.csv', "3|'it'|2000-01-01|[]");
    await define("COPY Person FROM 'b.csv' (DELIM='|', QUOTE='\\'')");
    expect(
      await query(
        'MATCH (p:Person) RETURN p.id, p.name, toString(p.born), p.tags, size(keys(p)) ORDER BY p.id',
      ),
    ).toEqual([
      [1n, 'Ann, A.', '1980-01-02', ['x', 'y'], 4n],
      [2n, null, null, null, 1n],
      [3n, 'it', '2000-01-01', [], 4n],
    ]);
  });

  test('may have some columns, in any order that is named', async () => {
    stored.set('c.csv', 'name,id\nAnn,1\n"",2\nNA,3\n');
    expect((await refused("COPY Person(id, name) FROM 'c.csv'")).message).toMatch(
      /names the columns in another order/,
    );
    await define("COPY Person(name, id) FROM 'c.csv' (NULL_STRINGS=['NA'])");
    expect(await query('MATCH (p:Person) RETURN p.id, p.name ORDER BY p.id')).toEqual([
      [1n, 'Ann'],
      [2n, ''],
      [3n, null],
    ]);
    expect((await refused("COPY Person(name) FROM 'c.csv'")).message).toMatch(/primary key id of Person/);
    expect((await refused("COPY Person(id, x) FROM 'c.csv'")).code).toBe('COLUMN_NOT_FOUND');
  });

  test('is copied as a whole or not at all, and told where it is wrong', async () => {
    const lines = Array.from({ length: 3_000 }, (_, at) => `${at},n${at}`);
    stored.set('good.csv', lines.join('\n'));
    stored.set('type.csv', [...lines, 'x,y'].join('\n'));
    stored.set('twice.csv', [...lines, '2999,again'].join('\n'));
    stored.set('null.csv', [...lines, ',nobody'].join('\n'));
    stored.set('wide.csv', [...lines, '1,2,3'].join('\n'));
    const copy = (name: string): Promise<FacetError> => refused(`COPY Person(id, name) FROM '${name}'`);
    expect(await copy('type.csv')).toMatchObject({
      code: 'INVALID_VALUE',
      message:
        'Copy exception: Error in file type.csv on line 3001, column 1 (id): Conversion exception: Cast failed. Could not convert "x" to INT64.',
    });
    expect(await copy('twice.csv')).toMatchObject({
      code: 'GRAPH_CONSTRAINT_VIOLATION',
      message:
        'Copy exception: Error in file twice.csv on line 3001: Found duplicated primary key value 2999, which violates the uniqueness constraint of the primary key column.',
    });
    expect((await copy('null.csv')).message).toMatch(/line 3001: Found NULL/);
    expect((await copy('wide.csv')).message).toMatch(/line 3001: expected 2 values per row, but got 3/);
    expect((await copy('none.csv')).code).toBe('OBJECT_NOT_FOUND');
    expect(await count('Person')).toBe(0n);
    await define("COPY Person(id, name) FROM 'good.csv'");
    expect(await count('Person')).toBe(3_000n);
    expect((await copy('good.csv')).message).toMatch(/line 1: Found duplicated primary key value 0/);
    expect((await query('MATCH (p:Person {id: 2500}) RETURN p.name'))[0]).toEqual(['n2500']);
  });

  test('of several, in one transaction of the caller', async () => {
    stored.set('a.csv', '1,Ann\n');
    stored.set('b.csv', '2,Bob\n3,Cid');
    const { txnId } = await model.call(transactionBegin, {});
    await define("COPY Person(id, name) FROM ['a.csv', 'b.csv']", {}, { transactionId: txnId });
    expect(await count('Person')).toBe(0n);
    await model.call(transactionRollback, { txnId }, { transactionId: txnId });
    expect(await count('Person')).toBe(0n);
    await define("COPY Person(id, name) FROM ['a.csv', 'b.csv']");
    expect(await count('Person')).toBe(3n);
  });

  test('fills in defaults and numbers', async () => {
    await define(
      'CREATE NODE TABLE N(id SERIAL, v INT64, u UUID DEFAULT gen_random_uuid(), k STRING DEFAULT "d", PRIMARY KEY(id))',
    );
    stored.set('n.csv', '10\n20\n');
    await define("COPY N(v) FROM 'n.csv'");
    await define("COPY N(v) FROM 'n.csv'");
    const rows = await query('MATCH (n:N) RETURN n.id, n.v, n.k, n.u ORDER BY n.id');
    expect(rows.map((row) => row.slice(0, 3))).toEqual([
      [0n, 10n, 'd'],
      [1n, 20n, 'd'],
      [2n, 10n, 'd'],
      [3n, 20n, 'd'],
    ]);
    expect(new Set(rows.map((row) => row[3])).size).toBe(4);
  });

  test('has a bound', async () => {
    const huge = async (): Promise<UploadedFile> => ({ size: 2 ** 40, pieces: (async function* () {})() });
    const fault = await model.fault(graphDefine, { statement: "COPY Person FROM 'x.csv'", files: huge });
    expect(fault).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(fault.message).toMatch(/graphCopyBytesMax/);
    const none = await model.fault(graphDefine, { statement: "COPY Person FROM 'x.csv'" });
    expect(none.message).toBe('Binder exception: No file found that matches the pattern: x.csv.');
  });
});

describe('relationships', () => {
  beforeEach(async () => {
    await define('CREATE NODE TABLE City(name STRING, PRIMARY KEY(name))');
    await define('CREATE REL TABLE Lives(FROM Person TO City, since INT16 DEFAULT 1)');
    stored.set('p.csv', '1,A\n2,B');
    stored.set('c.csv', 'Oslo\n"Saint ""X"""\nüñ\\n\'\n');
    await define("COPY Person(id, name) FROM 'p.csv'");
    await define("COPY City FROM 'c.csv'");
  });

  test('name their ends by primary keys', async () => {
    stored.set('l.csv', 'from,to,since\n1,Oslo,2001\n2,"Saint ""X""",\n1,üñ\\n\',3\n');
    expect((await define("COPY Lives FROM 'l.csv'")).counters.relationshipsCreated).toBe(3);
    await define("COPY Lives(since) FROM (RETURN 2, 'Oslo', 9)");
    expect(
      await query('MATCH (p:Person)-[r:Lives]->(c:City) RETURN p.id, c.name, r.since ORDER BY p.id, c.name'),
    ).toEqual([
      [1n, 'Oslo', 2001n],
      [1n, "üñ\\n'", 3n],
      [2n, 'Oslo', 9n],
      [2n, 'Saint "X"', null],
    ]);
    stored.set('bad.csv', '1,Oslo,1\n7,Oslo,1\n');
    expect((await refused("COPY Lives FROM 'bad.csv'")).message).toBe(
      'Copy exception: Error in file bad.csv on line 2: Unable to find primary key value 7 in Person.',
    );
    stored.set('null.csv', ',Oslo,1\n');
    expect((await refused("COPY Lives FROM 'null.csv'")).message).toMatch(
      /line 1: the key of the FROM node is NULL/,
    );
    expect(await query('MATCH ()-[r]->() RETURN count(r)')).toEqual([[4n]]);
  });

  test('of several pairs say which', async () => {
    await define('CREATE REL TABLE R(FROM Person TO Person, FROM City TO Person)');
    stored.set('r.csv', 'Oslo,1\n');
    expect((await refused("COPY R FROM 'r.csv'")).message).toMatch(/multiple FROM and TO pairs/);
    await define("COPY R FROM 'r.csv' (FROM='City', TO='Person')");
    expect(await query('MATCH (c:City)-[:R]->(p) RETURN c.name, p.id')).toEqual([['Oslo', 1n]]);
    expect((await refused("COPY R FROM 'r.csv' (FROM='City', TO='City')")).code).toBe('OBJECT_NOT_FOUND');
  });
});

test('rows come from queries and parameters', async () => {
  await query("UNWIND range(1, 5) AS i CREATE (:User {uid: i, nick: 'u' + i})");
  await define('COPY Person(id, name) FROM (MATCH (u:User) WHERE u.uid < 4 RETURN u.uid, u.nick)');
  expect(await count('Person')).toBe(3n);
  await define('COPY Person FROM $rows', {
    rows: [[10, 'ten', '2010-10-10', ['a']], { id: 11, tags: [] }],
  });
  expect(
    await query('MATCH (p:Person) WHERE p.id > 9 RETURN p.id, toString(p.born), p.tags ORDER BY p.id'),
  ).toEqual([
    [10n, '2010-10-10', ['a']],
    [11n, null, []],
  ]);
  const wrong = async (rows: unknown): Promise<string> =>
    (await refused('COPY Person FROM $rows', { rows })).message;
  await define('COPY Person(id, name) FROM (UNWIND [20, 21] AS i RETURN i, gen_random_uuid())');
  expect(await query('MATCH (p:Person) WHERE p.id >= 20 RETURN count(DISTINCT p.name)')).toEqual([[2n]]);
  expect(await wrong([[1, 2, 3]])).toMatch(/row 1 of \$rows: expected 4 values per row, but got 3/);
  expect(await wrong([{ id: 1.5 }])).toMatch(/row 1 of \$rows, column 1 \(id\): the value is no INT64/);
  expect(await wrong([{ id: 100 }, { idd: 2 }])).toMatch(/row 2 of \$rows: there is no column idd/);
  expect(await wrong('x')).toMatch(/is no list of rows/);
  expect((await refused('COPY Person FROM $other')).code).toBe('MISSING_PARAMETER');
  expect((await refused('COPY Person(id) FROM (CREATE (n) RETURN 1)')).code).toBe('READ_ONLY_TRANSACTION');
  expect((await refused('COPY Nobody FROM $rows', { rows: [] })).code).toBe('TABLE_NOT_FOUND');
  expect(await count('Person')).toBe(7n);
});
