/** NODE CREATE, GET, UPDATE, DELETE and LIST. */
import type { StatementOf } from '../../../../nql/index.ts';
import type { Runners } from '../../statement-call.ts';
import { askCypher } from '../asking.ts';
import { indexKeys } from '../entity-index.ts';
import { entityKeyIn, labelsCypher, lookup, propertiesOf } from './cypher.ts';
import { idsOf, nodeOf } from './elements.ts';
import { type Listing, listed, streamedList } from './lists.ts';
import { noNode } from './not-found.ts';

const listing = ({ label, limit, offset }: StatementOf<'node-list'>): Listing => ({
  of: 'node',
  label,
  limit,
  offset,
});

export const NODE_RUNNERS: Runners<'node-create' | 'node-get' | 'node-update' | 'node-delete' | 'node-list'> =
  {
    'node-create': {
      answers: () => 'ids',
      run: async ({ labels, properties }, call) => {
        const query = `CREATE (n${labelsCypher(labels)} $properties) RETURN id(n)`;
        const { rows } = await askCypher(call, query, { properties: propertiesOf(properties) });
        await indexKeys(call, entityKeyIn(properties));
        return { case: 'ids', value: { ids: idsOf(rows) } };
      },
    },

    'node-get': {
      answers: () => 'nodes',
      run: async ({ node }, call) => {
        const { match, parameters } = lookup('n', node);
        const { rows } = await askCypher(call, `${match} RETURN n`, parameters);
        if (rows.length === 0) throw noNode(node);
        return { case: 'nodes', value: { nodes: rows.map(nodeOf) } };
      },
    },

    'node-update': {
      answers: () => 'count',
      run: async ({ node, properties }, call) => {
        const { match, parameters } = lookup('n', node);
        const query = `${match} SET n += $properties RETURN id(n)`;
        const { rows } = await askCypher(call, query, {
          ...parameters,
          properties: propertiesOf(properties),
        });
        if (rows.length === 0) throw noNode(node);
        await indexKeys(call, entityKeyIn(properties));
        return { case: 'count', value: { count: BigInt(rows.length) } };
      },
    },

    'node-delete': {
      answers: () => 'count',
      run: async ({ node }, call) => {
        const { match, parameters } = lookup('n', node);
        const { counters } = await askCypher(call, `${match} DETACH DELETE n`, parameters);
        if (counters.nodesDeleted === 0) throw noNode(node);
        return { case: 'count', value: { count: BigInt(counters.nodesDeleted) } };
      },
    },

    'node-list': {
      answers: () => 'nodes',
      run: async (statement, call) => {
        const rows = await listed(call, listing(statement));
        return { case: 'nodes', value: { nodes: rows.map(nodeOf) } };
      },
      stream: async (statement, call) =>
        streamedList(call, listing(statement), (row) => ({ case: 'node', value: { node: nodeOf(row) } })),
    },
  };
