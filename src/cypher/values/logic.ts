/**
 * Logic with three values: null is unknown, and a result is unknown only if it depends on what is. These take truth
 * values that are known to be such; whether an operand is a BOOLEAN at all is for the caller to see.
 */

export type Truth = boolean | null;

export const and = (a: Truth, b: Truth): Truth =>
  a === false || b === false ? false : a === null || b === null ? null : true;

export const or = (a: Truth, b: Truth): Truth =>
  a === true || b === true ? true : a === null || b === null ? null : false;

export const xor = (a: Truth, b: Truth): Truth => (a === null || b === null ? null : a !== b);

export const not = (a: Truth): Truth => (a === null ? null : !a);
