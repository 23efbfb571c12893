/** Procedures that tell what the server is and what it offers. None of them looks at the graph. */
import { VERSION } from '../../../base/index.ts';
import { listFunctions } from '../../../cypher/index.ts';
import { type ListedProcedure, signatureOf } from './listed-procedure.ts';

/** @param all every procedure, these included; it is asked when one of them is called */
export const serverProcedures = (all: () => Iterable<ListedProcedure>): readonly ListedProcedure[] => [
  {
    name: 'dbms.components',
    description: 'The name and the version of the server.',
    mode: 'DBMS',
    inputs: [],
    outputs: [
      { name: 'name', type: 'STRING' },
      { name: 'versions', type: 'LIST<STRING>' },
      { name: 'edition', type: 'STRING' },
    ],
    call: async () => [['Facet', [VERSION], 'community']],
  },
  {
    name: 'dbms.procedures',
    description: 'Every procedure that can be called.',
    mode: 'DBMS',
    inputs: [],
    outputs: [
      { name: 'name', type: 'STRING' },
      { name: 'signature', type: 'STRING' },
      { name: 'description', type: 'STRING' },
      { name: 'mode', type: 'STRING' },
    ],
    call: async () =>
      [...all()]
        .map((one) => [one.name, signatureOf(one), one.description, one.mode])
        .sort(([left = ''], [right = '']) => (left < right ? -1 : 1)),
  },
  {
    name: 'dbms.functions',
    description: 'Every function that expressions can use.',
    mode: 'DBMS',
    inputs: [],
    outputs: [
      { name: 'name', type: 'STRING' },
      { name: 'signature', type: 'STRING' },
      { name: 'aggregating', type: 'BOOLEAN' },
    ],
    call: async () =>
      listFunctions().map(({ name, signature, aggregating }) => [name, signature, aggregating]),
  },
];
