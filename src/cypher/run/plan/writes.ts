/** Whether a query changes the graph. */
import type { Clause, RegularQuery } from '../../syntax/ast.ts';

const UPDATING = new Set<Clause['kind']>(['create', 'merge', 'set', 'remove', 'delete', 'foreach']);

/** True if it does by a clause of its own or of a subquery; what procedures do is theirs to say. */
export const writes = (query: RegularQuery): boolean =>
  query.parts.some(({ clauses }) =>
    clauses.some(
      (clause) => UPDATING.has(clause.kind) || (clause.kind === 'call-subquery' && writes(clause.query)),
    ),
  );
