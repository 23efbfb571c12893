/** Parameters of a pattern's SQL: where their values come from for each driving row, and their types. */
import type { GivenParameter } from './given-values.ts';

/** Where the values of a parameter come from, for each driving row. */
export type Driving =
  | { readonly kind: 'node' | 'relationship' | 'relationship-list'; readonly slot: number }
  | { readonly kind: 'property'; readonly test: PropertyPlace }
  | GivenParameter;

/** A property test whose value is the same for all rows is a plain parameter. */
export interface PropertyPlace {
  readonly path: number;
  readonly part: 'nodes' | 'relationships';
  readonly index: number;
  readonly entry: number;
}

/** In SQL, of the value for one row. */
export function typeOf(driving: Driving): string {
  switch (driving.kind) {
    case 'node':
    case 'relationship':
      return 'bigint';
    case 'relationship-list':
      return 'text';
    case 'property':
      return 'jsonb';
    case 'given':
      return driving.isList ? 'text' : GIVEN_TYPE[driving.form];
  }
}

const GIVEN_TYPE: Readonly<Record<GivenParameter['form'], string>> = {
  jsonb: 'jsonb',
  text: 'text',
  'node-id': 'bigint',
  'relationship-id': 'bigint',
  id: 'bigint',
  'element-id': 'bigint',
};
