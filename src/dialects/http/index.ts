/**
 * Front door of the HTTP frame: all that dialects over HTTP have in common. A dialect gives its route table and its
 * words (HttpSurface) and gets a Dialect.
 */
export { createHttpDialect } from './create.ts';
export type { PieceWriter } from './piece-writer.ts';
export { codeStatuses, publicMessage } from './status.ts';
export {
  type HttpAnswer,
  type HttpDialectOptions,
  type HttpRoute,
  type HttpSurface,
  type HttpWords,
  JSON_TYPE,
  LINES_TYPE,
} from './surface.ts';
