/** Errors in the words that users of declared tables know: a kind of exception, and what is wrong. */
import { type ErrorCode, FacetError } from '../../../base/index.ts';

export type ExceptionKind = 'Parser' | 'Binder' | 'Catalog' | 'Copy' | 'Conversion' | 'Runtime';

/** `Binder exception: Table Person does not exist.` */
export const tableError = (
  code: ErrorCode,
  kind: ExceptionKind,
  message: string,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): FacetError => new FacetError(code, `${kind} exception: ${message}`, options);

export const noSuchTable = (name: string): FacetError =>
  tableError('TABLE_NOT_FOUND', 'Binder', `Table ${name} does not exist.`);
