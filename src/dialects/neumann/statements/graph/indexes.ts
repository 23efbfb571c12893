/** GRAPH INDEX CREATE, DROP and SHOW: indexes of Cypher on a property of all nodes or all edges. */
import { asFacetError, FacetError } from '../../../../base/index.ts';
import type { Value } from '../../../../cypher/index.ts';
import type { ElementKind } from '../../../../nql/index.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { askCypher } from '../asking.ts';
import { cypherName } from '../condition-cypher.ts';

const SUBJECTS: Readonly<Record<ElementKind, string>> = { node: '(x)', edge: '()-[x]-()' };

interface Index {
  readonly name: string;
  readonly property: string;
  /** Of all nodes or edges, and made by itself: such as the language makes and drops. */
  readonly isOwn: boolean;
}

/** Those of one property. */
async function indexes(call: StatementCall, on: ElementKind): Promise<Index[]> {
  const { columns, rows } = await askCypher(call, 'SHOW INDEXES');
  const wanted = on === 'node' ? 'NODE' : 'RELATIONSHIP';
  return rows.flatMap((row) => {
    const cell = (column: string): Value => row[columns.indexOf(column)] ?? null;
    const [property, ...others] = cell('properties') as readonly string[];
    if (cell('entityType') !== wanted || property === undefined || others.length > 0) return [];
    const isOwn =
      cell('owningConstraint') === null && (cell('labelsOrTypes') as readonly Value[]).length === 0;
    return [{ name: String(cell('name')), property, isOwn }];
  });
}

export const GRAPH_INDEX_RUNNERS: Runners<'graph-index-create' | 'graph-index-drop' | 'graph-index-show'> = {
  'graph-index-create': {
    answers: () => 'empty',
    run: async ({ target }, call) => {
      // Labels and types have theirs from the start.
      if (target.of === 'property') {
        const property = target.property.text;
        try {
          await askCypher(call, `CREATE INDEX FOR ${SUBJECTS[target.on]} ON (x.${cypherName(property)})`);
        } catch (thrown) {
          const { code } = asFacetError(thrown);
          if (code !== 'INDEX_ALREADY_EXISTS') throw thrown;
          const what = `Index already exists: ${target.on} property ${property}`;
          throw new FacetError(code, what, { cause: thrown });
        }
      }
      return { case: 'empty', value: {} };
    },
  },

  'graph-index-drop': {
    answers: () => 'empty',
    run: async ({ target }, call) => {
      if (target.of !== 'property') {
        throw new FacetError('FEATURE_NOT_SUPPORTED', 'Labels and types of edges are always indexed', {
          hint: 'GRAPH INDEX DROP takes NODE PROPERTY or EDGE PROPERTY and the name of a property.',
        });
      }
      const property = target.property.text;
      const found = (await indexes(call, target.on)).find((one) => one.isOwn && one.property === property);
      if (found === undefined) {
        throw new FacetError('INDEX_NOT_FOUND', `Index not found: ${target.on} property ${property}`);
      }
      await askCypher(call, `DROP INDEX ${cypherName(found.name)}`);
      return { case: 'empty', value: {} };
    },
  },

  'graph-index-show': {
    answers: () => 'graphIndexes',
    run: async ({ on }, call) => {
      const properties = new Set((await indexes(call, on)).map(({ property }) => property));
      return { case: 'graphIndexes', value: { indexes: [...properties].sort() } };
    },
  },
};
