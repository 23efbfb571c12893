/** What declared tables ask of what queries write, on a real PostgreSQL: types, ranges, defaults. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FacetError } from '../../src/base/index.ts';
import {
  type GraphQueryResult,
  graphDefine,
  graphQuery,
  transactionBegin,
  transactionCommit,
} from '../../src/models/index.ts';
import { type Model, openModel } from './call-operation.ts';

let model: Model;
beforeEach(async () => {
  model = await openModel();
});
afterEach(() => model.stop());

const define = (statement: string, transactionId?: string): Promise<GraphQueryResult> =>
  model.call(graphDefine, { statement }, transactionId === undefined ? {} : { transactionId });
const query = async (text: string, transactionId?: string): Promise<GraphQueryResult['rows']> => {
  const options = transactionId === undefined ? {} : { transactionId };
  return (await model.call(graphQuery, { query: text }, options)).rows;
};
const violation = (text: string): Promise<FacetError> => model.fault(graphQuery, { query: text });

describe('what is written', () => {
  const DDL =
    "CREATE NODE TABLE M(id INT64, w DOUBLE, s INT8, v FLOAT[2], tag STRING DEFAULT 'new', u UUID DEFAULT gen_random_uuid(), day DATE DEFAULT date('2024-01-15'), PRIMARY KEY(id))";

  test('fits the columns and has their defaults', async () => {
    await define(DDL);
    const rows = await query(
      'UNWIND [1, 2] AS i CREATE (m:M {id: i, w: 3, v: [1, 2.5]}) RETURN m.w, m.v, m.tag, m.u, toString(m.day)',
    );
    expect(rows.map(([w, v, tag, , day]) => [w, v, tag, day])).toEqual([
      [3, [1, 2.5], 'new', '2024-01-15'],
      [3, [1, 2.5], 'new', '2024-01-15'],
    ]);
    expect(rows[0]?.[3]).not.toBe(rows[1]?.[3]);
    expect(await query('MATCH (m:M {id: 1}) RETURN m.w, m.u')).toEqual([[3, rows[0]?.[3]]]);
    expect(
      await query("MERGE (m:M {id: 3}) SET m.w = 7, m.tag = 'x' RETURN m.w, m.tag, m.day IS NULL"),
    ).toEqual([[7, 'x', false]]);
    await query('MATCH (m:M) SET m.w = 1, m.day = NULL');
    expect(await query('MATCH (m:M) RETURN DISTINCT m.w, m.day')).toEqual([[1, null]]);
    // Without the label nothing is asked.
    expect(await query('CREATE (n:N {w: 3, s: 1000}) RETURN n.w, n.tag')).toEqual([[3n, null]]);
    expect(await query('CREATE (n:N {id: 9, w: 3}) SET n:M RETURN n.w, n.tag')).toEqual([[3, null]]);
  });

  test('is refused otherwise', async () => {
    await define(DDL);
    for (const [text, message] of [
      ['CREATE (:M {id: 1, s: 128})', "The property 's' of M is declared as INT8"],
      ['CREATE (:M {id: 1, v: [1, 2, 3]})', "The property 'v' of M is declared as FLOAT[2]"],
      ["CREATE (:M {id: 1, w: 'x'})", "The property 'w' of M is declared as DOUBLE"],
    ] as const) {
      expect(await violation(text), text).toMatchObject({ code: 'CYPHER_TYPE_ERROR' });
      expect((await violation(text)).message).toContain(message);
    }
    for (const text of [
      "CREATE (:M {id: 'x'})",
      "CREATE (:M {id: 1, day: '2024-01-15'})",
      'CREATE (:M {id: 1, tag: 3})',
      'CREATE (:M {w: 1})',
    ]) {
      expect((await violation(text)).code, text).toBe('GRAPH_CONSTRAINT_VIOLATION');
    }
    expect(await query('MATCH (m:M) RETURN count(*)')).toEqual([[0n]]);
  });

  test('is of a rel table, too', async () => {
    await define('CREATE NODE TABLE A(id INT64 PRIMARY KEY)');
    await define('CREATE REL TABLE R(FROM A TO A, w DOUBLE DEFAULT 0.5)');
    expect(
      await query('CREATE (a:A {id: 1})-[r:R]->(b:A {id: 2}), (b)-[s:R {w: 2}]->(a) RETURN r.w, s.w'),
    ).toEqual([[0.5, 2]]);
    expect(await query('MATCH ()-[r:R]->() SET r.w = 3 RETURN DISTINCT r.w')).toEqual([[3]]);
  });

  test('follows declarations of the same transaction', async () => {
    const { txnId } = await model.call(transactionBegin, {});
    await define(DDL, txnId);
    expect(await query('CREATE (m:M {id: 1, w: 3}) RETURN m.w, m.tag', txnId)).toEqual([[3, 'new']]);
    await define("ALTER TABLE M ADD extra STRING DEFAULT 'e'", txnId);
    expect(await query('CREATE (m:M {id: 2}) RETURN m.extra', txnId)).toEqual([['e']]);
    await model.call(transactionCommit, { txnId }, { transactionId: txnId });
    expect(await query('CREATE (m:M {id: 3}) RETURN m.extra')).toEqual([['e']]);
    await define('ALTER TABLE M DROP extra');
    expect(await query('CREATE (m:M {id: 4}) RETURN m.extra')).toEqual([[null]]);
  });
});
