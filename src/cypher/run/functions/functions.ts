/** The scalar functions by name. How many arguments and of which kinds they take is declared in semantics/. */
import { CONVERSIONS } from './conversions.ts';
import { ENTITIES } from './entities.ts';
import type { ScalarFunction } from './function.ts';
import { LISTS } from './lists.ts';
import { MATHEMATICS } from './mathematics.ts';
import { SCALARS } from './scalars.ts';
import { SPATIAL } from './spatial.ts';
import { STRINGS } from './strings.ts';
import { TEMPORALS } from './temporals.ts';

/** By name in lower case. */
export const FUNCTIONS: ReadonlyMap<string, ScalarFunction> = new Map(
  [
    ...SCALARS,
    ...CONVERSIONS,
    ...ENTITIES,
    ...LISTS,
    ...STRINGS,
    ...MATHEMATICS,
    ...SPATIAL,
    ...TEMPORALS,
  ].map((item) => [item.name.toLowerCase(), item]),
);
