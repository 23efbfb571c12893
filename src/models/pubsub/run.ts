/** How a statement is run: by itself, or in the caller's transaction. */
import type { Parameter, ResultSet, Statement } from '../../engine/index.ts';

export type Run = (statement: Statement, parameters: readonly Parameter[]) => Promise<ResultSet>;
