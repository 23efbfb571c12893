/** EDGE CREATE, GET, UPDATE, DELETE and LIST. */
import type { StatementOf } from '../../../../nql/index.ts';
import type { Runners } from '../../statement-call.ts';
import { askCypher } from '../asking.ts';
import { cypherName } from '../condition-cypher.ts';
import { indexKeys } from '../entity-index.ts';
import { keysIn, lookup, propertiesOf } from './cypher.ts';
import { edgeOf, idsOf } from './elements.ts';
import { type Listing, listed, streamedList } from './lists.ts';
import { missingOf, noEdge } from './not-found.ts';

/** The type of edges that are made without one. */
export const EDGE_TYPE_DEFAULT = 'edge';

const MATCH = 'MATCH ()-[e]->() WHERE id(e) = $id';

const listing = ({ type, limit, offset }: StatementOf<'edge-list'>): Listing => ({
  of: 'edge',
  label: type,
  limit,
  offset,
});

export const EDGE_RUNNERS: Runners<'edge-create' | 'edge-get' | 'edge-update' | 'edge-delete' | 'edge-list'> =
  {
    'edge-create': {
      answers: () => 'ids',
      run: async ({ from, to, type, properties }, call) => {
        const [start, end] = [lookup('a', from), lookup('b', to, ['a'])];
        const made = `CREATE (a)-[e:${cypherName(type?.text ?? EDGE_TYPE_DEFAULT)} $properties]->(b) RETURN id(e)`;
        const params = { ...start.parameters, ...end.parameters, properties: propertiesOf(properties) };
        const { rows } = await askCypher(call, `${start.match} ${end.match} ${made}`, params);
        if (rows.length === 0) throw await missingOf(call, [from, to]);
        await indexKeys(call, keysIn([from, to]));
        return { case: 'ids', value: { ids: idsOf(rows) } };
      },
    },

    'edge-get': {
      answers: () => 'edges',
      run: async ({ edge }, call) => {
        const { rows } = await askCypher(call, `${MATCH} RETURN e`, { id: edge.id });
        if (rows.length === 0) throw noEdge(edge);
        return { case: 'edges', value: { edges: rows.map(edgeOf) } };
      },
    },

    'edge-update': {
      answers: () => 'count',
      run: async ({ edge, properties }, call) => {
        const params = { id: edge.id, properties: propertiesOf(properties) };
        const { rows } = await askCypher(call, `${MATCH} SET e += $properties RETURN id(e)`, params);
        if (rows.length === 0) throw noEdge(edge);
        return { case: 'count', value: { count: BigInt(rows.length) } };
      },
    },

    'edge-delete': {
      answers: () => 'count',
      run: async ({ edge }, call) => {
        const { counters } = await askCypher(call, `${MATCH} DELETE e`, { id: edge.id });
        if (counters.relationshipsDeleted === 0) throw noEdge(edge);
        return { case: 'count', value: { count: BigInt(counters.relationshipsDeleted) } };
      },
    },

    'edge-list': {
      answers: () => 'edges',
      run: async (statement, call) => {
        const rows = await listed(call, listing(statement));
        return { case: 'edges', value: { edges: rows.map(edgeOf) } };
      },
      stream: async (statement, call) =>
        streamedList(call, listing(statement), (row) => ({ case: 'edge', value: { edge: edgeOf(row) } })),
    },
  };
