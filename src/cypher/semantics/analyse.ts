/**
 * The front door of the static checks: everything openCypher raises at compile time once the text has been parsed, and
 * what the run wants to know of a query. Nothing here reads a graph or looks at parameters.
 */
import type { Statement } from '../syntax/ast.ts';
import type { Analysis, Context, Environment, Findings } from './analysis.ts';
import { checkExpression, checkPredicate } from './expressions.ts';
import { checkStatementQuery, checkSubquery } from './queries.ts';

/**
 * Checks a statement from its first clause to its last, and within a clause from left to right; the first mistake
 * is raised.
 * @throws CypherError at compile time
 */
export const analyse = (statement: Statement, environment: Environment): Analysis => {
  const findings: Findings = {
    queries: new Map(),
    clauses: new Map(),
    projections: new Map(),
    patterns: new Map(),
    calls: new Map(),
    passedOn: 0,
  };
  const context: Context = {
    environment,
    findings,
    expression: (expression, scope, place) => checkExpression(context, expression, scope, place),
    predicate: (expression, scope, place) => checkPredicate(context, expression, scope, place),
    subquery: (expression, scope) => checkSubquery(context, expression, scope),
  };
  const { body } = statement;
  const query = body.kind === 'query' ? checkStatementQuery(context, body) : undefined;
  return {
    query,
    columns: query?.columns?.map(({ name }) => name) ?? [],
    writes: query === undefined || query.writes,
    ...findings,
  };
};
