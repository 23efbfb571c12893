/** Which clauses may stand where: what a query may begin and end with, what needs a WITH between, what FOREACH takes. */
import type { Clause, RegularQuery, SingleQuery } from '../syntax/ast.ts';
import type { Environment } from './analysis.ts';
import { invalidComposition } from './failures.ts';

const NAMES: Readonly<Record<Clause['kind'], string>> = {
  match: 'MATCH',
  unwind: 'UNWIND',
  with: 'WITH',
  return: 'RETURN',
  create: 'CREATE',
  merge: 'MERGE',
  set: 'SET',
  remove: 'REMOVE',
  delete: 'DELETE',
  foreach: 'FOREACH',
  'call-procedure': 'CALL',
  'call-subquery': 'CALL',
};

const UPDATING: ReadonlySet<Clause['kind']> = new Set([
  'create',
  'merge',
  'set',
  'remove',
  'delete',
  'foreach',
]);

/** Clauses that change the graph by themselves. */
export const isUpdating = (clause: Clause): boolean => UPDATING.has(clause.kind);

/** True if some clause changes the graph, also one in the body of a CALL, or a procedure that does. */
export const queryWrites = (query: RegularQuery, environment: Environment): boolean =>
  query.parts.some(({ clauses }) => clauses.some((clause) => clauseWrites(clause, environment)));

const clauseWrites = (clause: Clause, environment: Environment): boolean => {
  if (clause.kind === 'call-subquery') return queryWrites(clause.query, environment);
  if (clause.kind === 'call-procedure') {
    const mode = environment.procedures.get(clause.name.toLowerCase())?.mode;
    return mode === 'WRITE' || mode === 'SCHEMA';
  }
  return isUpdating(clause);
};

/** UNION and UNION ALL cannot be mixed: the result would depend on how they are read. */
export const checkUnions = (query: RegularQuery): void => {
  const [first] = query.unions;
  if (query.unions.some((union) => union !== first)) {
    throw invalidComposition('UNION and UNION ALL cannot be mixed in one query', query.span);
  }
};

/**
 * What holds whatever the clauses contain. `open` is true for bodies of EXISTS and COUNT, whose rows count without
 * being returned.
 */
export const checkOrder = (query: SingleQuery, open: boolean): void => {
  const { clauses } = query;
  let updated: Clause | undefined;
  for (const [at, clause] of clauses.entries()) {
    if (clause.kind === 'return' && at < clauses.length - 1) {
      throw invalidComposition('RETURN is the last clause of a query', clause.span);
    }
    if (clause.kind === 'with') updated = undefined;
    if (updated !== undefined && (clause.kind === 'match' || clause.kind === 'unwind')) {
      throw invalidComposition(
        `Between ${NAMES[updated.kind]} and ${NAMES[clause.kind]} there must be a WITH`,
        clause.span,
      );
    }
    if (isUpdating(clause)) updated = clause;
  }
  const last = clauses.at(-1);
  if (open || last === undefined) return;
  if (last.kind === 'match' || last.kind === 'unwind' || last.kind === 'with') {
    throw invalidComposition(
      `A query cannot end with ${NAMES[last.kind]}: it ends with RETURN or with a clause that changes the graph`,
      last.span,
    );
  }
};

/** FOREACH repeats changes, and nothing else. */
export const checkForeachBody = (clauses: readonly Clause[]): void => {
  for (const clause of clauses) {
    if (isUpdating(clause)) continue;
    throw invalidComposition(
      `${NAMES[clause.kind]} cannot stand in FOREACH, which takes clauses that change the graph`,
      clause.span,
    );
  }
};
