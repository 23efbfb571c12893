/** Checks queries as wholes: the walk through their clauses, UNION, the bodies of CALL and of EXISTS, COUNT, COLLECT. */
import { FacetError, LIMITS } from '../../base/index.ts';
import { syntaxError } from '../cypher-error.ts';
import type {
  CallSubqueryClause,
  Clause,
  RegularQuery,
  SingleQuery,
  Span,
  SubqueryExpression,
  WithClause,
} from '../syntax/ast.ts';
import type { Column, Context, QueryInfo } from './analysis.ts';
import { checkAndNote, isPlain } from './clauses.ts';
import { checkOrder, checkUnions, queryWrites } from './composition.ts';
import { alreadyBound, invalidComposition, undefinedVariable } from './failures.ts';
import { checkProcedureCall } from './procedures.ts';
import { checkProjection } from './projections.ts';
import { Scope } from './scope.ts';
import { ANY, union } from './static-type.ts';

/** What the surroundings of a query ask of it. */
interface Frame {
  /** What its clauses start from. */
  readonly start: Scope;
  /** What a leading WITH sees in its place, in the older form of CALL. */
  readonly imports: Scope | undefined;
  /** True where rows count without being returned. */
  readonly open: boolean;
  /** True for a query that is a statement. */
  readonly whole: boolean;
  /** True if what it returns becomes variables, so that each column needs a name. */
  readonly mustName: boolean;
}

/** A statement's query. */
export const checkStatementQuery = (context: Context, query: RegularQuery): QueryInfo =>
  checkQuery(context, query, {
    start: Scope.EMPTY,
    imports: undefined,
    open: false,
    whole: true,
    mustName: false,
  });

const checkQuery = (context: Context, query: RegularQuery, frame: Frame): QueryInfo => {
  checkUnions(query);
  for (const part of query.parts) checkOrder(part, frame.open);
  let columns: readonly Column[] | undefined;
  for (const [at, part] of query.parts.entries()) {
    const found = checkSingle(context, part, frame, query.parts.length === 1);
    columns = at === 0 ? found : unite(columns, found, part);
  }
  const info: QueryInfo = {
    columns,
    writes: queryWrites(query, context.environment),
  };
  context.findings.queries.set(query, info);
  return info;
};

/** The names are those of the first part, also if another part has them in another order. */
const unite = (
  left: readonly Column[] | undefined,
  right: readonly Column[] | undefined,
  part: SingleQuery,
): readonly Column[] | undefined => {
  const types = new Map((right ?? []).map(({ name, type }) => [name, type]));
  const same = left?.length === right?.length && (left ?? []).every((column) => types.has(column.name));
  if (!same) {
    const show = (columns: readonly Column[] | undefined): string =>
      columns === undefined ? 'nothing' : columns.map(({ name }) => name).join(', ');
    throw syntaxError(
      'DifferentColumnsInUnion',
      `All parts of a UNION return the same columns, and here one returns ${show(left)}, another one ${show(right)}`,
      part.span,
    );
  }
  return left?.map(({ name, type }) => ({ name, type: union(type, types.get(name) ?? ANY) }));
};

/** The columns that are returned; undefined if nothing is. */
const checkSingle = (
  context: Context,
  query: SingleQuery,
  frame: Frame,
  onlyPart: boolean,
): readonly Column[] | undefined => {
  const { clauses } = query;
  const standalone = frame.whole && onlyPart && clauses.length === 1;
  let scope = frame.start;
  for (const [at, clause] of clauses.entries()) {
    if (COPYING.has(clause.kind)) passOn(context, scope, clause.span);
    if (isPlain(clause)) {
      scope = checkAndNote(context, clause, scope);
      continue;
    }
    let before = scope;
    switch (clause.kind) {
      case 'with':
        if (at === 0 && frame.imports !== undefined && isImport(clause)) before = frame.imports;
        scope = checkWith(context, clause, before, frame.start);
        break;
      case 'return':
        scope = checkProjection(context, clause, before, frame.mustName);
        break;
      case 'call-procedure':
        scope = checkProcedureCall(context, clause, before, standalone);
        break;
      case 'call-subquery':
        scope = checkCallSubquery(context, clause, before);
        break;
    }
    context.findings.clauses.set(clause, { before, after: scope });
  }
  return columnsReturned(context, query, standalone, frame.open, scope);
};

/** Notes something that looks at each name that there is, or copies it. @throws LIMIT_EXCEEDED */
const passOn = ({ findings }: Context, { width }: Scope, span: Span): void => {
  findings.passedOn += width;
  if (findings.passedOn <= LIMITS.cypherNamesMax) return;
  throw new FacetError(
    'LIMIT_EXCEEDED',
    `The clauses of the query pass on more than ${LIMITS.cypherNamesMax} names in all (cypherNamesMax)`,
    { position: span.start + 1, hint: 'Name in WITH what is needed later, and gather values in lists.' },
  );
};

const COPYING: ReadonlySet<Clause['kind']> = new Set(['with', 'return', 'call-procedure', 'call-subquery']);

const checkWith = (context: Context, clause: WithClause, before: Scope, start: Scope): Scope => {
  const after = checkProjection(context, clause, before, true);
  if (after.around === start.around) return after;
  // An importing WITH looked at another scope: what it took goes on in the scope of the body.
  let scope = start.cleared();
  for (const name of after.names) scope = scope.with(name, after.ownTypeOf(name) ?? ANY);
  return scope;
};

/** `WITH a, b` or `WITH *` and nothing more. */
const isImport = (clause: WithClause): boolean =>
  clause.items.every(({ expression, alias }) => expression.kind === 'variable' && alias === undefined) &&
  !clause.distinct &&
  clause.orderBy.length === 0 &&
  clause.skip === undefined &&
  clause.limit === undefined &&
  clause.where === undefined;

const columnsReturned = (
  context: Context,
  query: SingleQuery,
  standalone: boolean,
  open: boolean,
  scope: Scope,
): readonly Column[] | undefined => {
  const last = query.clauses.at(-1);
  if (last?.kind === 'return') {
    const info = context.findings.projections.get(last);
    return (info?.items ?? []).map(({ name, type }) => ({ name, type }));
  }
  if (last?.kind === 'call-procedure') {
    const info = context.findings.calls.get(last);
    if (standalone) {
      const columns = (info?.yields ?? []).map(({ variable }) => ({
        name: variable,
        type: scope.typeOf(variable) ?? ANY,
      }));
      return columns.length === 0 ? undefined : columns;
    }
    if (!open && (info?.procedure.outputs.length ?? 0) > 0 && info?.procedure.mode === 'READ') {
      throw invalidComposition(
        `A query cannot end with CALL ${last.name}, which gives rows: RETURN must follow`,
        last.span,
      );
    }
  }
  if (last?.kind === 'call-subquery' && !open) {
    if (context.findings.queries.get(last.query)?.columns !== undefined) {
      throw invalidComposition(
        'A query cannot end with a CALL whose body returns rows: RETURN must follow',
        last.span,
      );
    }
  }
  return undefined;
};

/** `CALL { … }`: the columns of the body are bound behind it. */
const checkCallSubquery = (context: Context, clause: CallSubqueryClause, before: Scope): Scope => {
  const { columns } = checkQuery(context, clause.query, {
    ...callStart(clause, before),
    open: false,
    whole: false,
    mustName: true,
  });
  let scope = before;
  for (const { name, type } of columns ?? []) {
    if (scope.typeOf(name) !== undefined) throw alreadyBound(name, clause.span);
    scope = scope.with(name, type);
  }
  return scope;
};

const callStart = (
  clause: CallSubqueryClause,
  before: Scope,
): { readonly start: Scope; readonly imports: Scope | undefined } => {
  if (clause.imports === undefined) return { start: Scope.EMPTY, imports: before };
  if (clause.imports === '*') return { start: before.nest(), imports: undefined };
  let imported = Scope.EMPTY;
  for (const variable of clause.imports) {
    const type = before.typeOf(variable.name);
    if (type === undefined) throw undefinedVariable(variable.name, before, variable.span);
    if (imported.typeOf(variable.name) !== undefined) throw alreadyBound(variable.name, variable.span);
    imported = imported.with(variable.name, type);
  }
  return { start: imported.nest(), imports: undefined };
};

/** EXISTS, COUNT and COLLECT: they see all that is around them, read only, and COLLECT takes one column. */
export const checkSubquery = (
  context: Context,
  { form, query, span }: SubqueryExpression,
  scope: Scope,
): QueryInfo => {
  passOn(context, scope, span);
  if (queryWrites(query, context.environment)) {
    throw invalidComposition(`${form} cannot change the graph`, span);
  }
  const info = checkQuery(context, query, {
    start: scope.nest(),
    imports: undefined,
    open: form !== 'COLLECT',
    whole: false,
    mustName: false,
  });
  if (form === 'COLLECT' && info.columns?.length !== 1) {
    throw invalidComposition(
      `COLLECT takes a query that returns one column, not ${info.columns?.length ?? 0}`,
      span,
    );
  }
  return info;
};
