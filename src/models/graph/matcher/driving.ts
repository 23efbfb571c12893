/** Parameters of a pattern's SQL: where their values come from for each driving row, and their types. */
import type { GivenParameter } from './given-values.ts';

/** Where the values of a parameter come from, for each driving row. */
export type Driving =
  | { readonly kind: 'node' | 'relationship' | 'relationship-list'; readonly slot: number }
  | GivenParameter;

/** Then it is one value, and not an array with a value for each row. */
export const isSentOnce = (driving: Driving): boolean =>
  driving.kind === 'given' && driving.sentOnce === true;

/** In SQL, of the value for one row. */
export function typeOf(driving: Driving): string {
  switch (driving.kind) {
    case 'node':
    case 'relationship':
      return 'bigint';
    case 'relationship-list':
      return 'text';
    case 'given':
      return driving.isList ? 'text' : GIVEN_TYPE[driving.form];
  }
}

const GIVEN_TYPE: Readonly<Record<GivenParameter['form'], string>> = {
  jsonb: 'jsonb',
  'index-key': 'jsonb',
  'unique-key': 'jsonb',
  text: 'text',
  'node-id': 'bigint',
  'relationship-id': 'bigint',
  id: 'bigint',
  'element-id': 'bigint',
};
