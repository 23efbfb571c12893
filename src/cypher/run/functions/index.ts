/** Front door of the functions: scalars and aggregates by name, and the bounds of what they build. */
export { AGGREGATES, type Aggregate, distinct } from './aggregates.ts';
export { checkListSize, checkTextSize, type ScalarFunction } from './function.ts';
export { FUNCTIONS } from './functions.ts';
