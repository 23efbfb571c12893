/** Checks the clauses that neither project nor call: each takes the scope before it and gives the one behind it. */
import { syntaxError } from '../cypher-error.ts';
import type {
  Clause,
  DeleteClause,
  ForeachClause,
  Index,
  MergeClause,
  Property,
  RemoveItem,
  SetItem,
  UnwindClause,
  Variable,
} from '../syntax/ast.ts';
import { type Context, ROW_BY_ROW } from './analysis.ts';
import { checkForeachBody } from './composition.ts';
import { alreadyBound, undefinedVariable, wrongType } from './failures.ts';
import { bindPatterns } from './patterns.ts';
import type { Scope } from './scope.ts';
import { ANY, ENTITY_KINDS, elementOf, KIND, mayBe, NULL, type StaticType } from './static-type.ts';
import { bindWritePattern } from './write-patterns.ts';

/** Clauses whose meaning does not depend on the query around them. */
export type PlainClause = Exclude<
  Clause,
  { readonly kind: 'with' | 'return' | 'call-procedure' | 'call-subquery' }
>;

export const isPlain = (clause: Clause): clause is PlainClause =>
  clause.kind !== 'with' &&
  clause.kind !== 'return' &&
  clause.kind !== 'call-procedure' &&
  clause.kind !== 'call-subquery';

/** The scope behind the clause. */
export const checkClause = (context: Context, clause: PlainClause, before: Scope): Scope => {
  switch (clause.kind) {
    case 'match': {
      const after = bindPatterns(context, clause.patterns, before);
      if (clause.where !== undefined) context.predicate(clause.where, after, ROW_BY_ROW);
      return after;
    }
    case 'unwind':
      return checkUnwind(context, clause, before);
    case 'create': {
      let scope = before;
      for (const path of clause.patterns) {
        scope = bindWritePattern(context, 'CREATE', path, scope);
      }
      return scope;
    }
    case 'merge':
      return checkMerge(context, clause, before);
    case 'set':
      for (const item of clause.items) checkSetItem(context, item, before);
      return before;
    case 'remove':
      for (const item of clause.items) checkRemoveItem(context, item, before);
      return before;
    case 'delete':
      checkDelete(context, clause, before);
      return before;
    case 'foreach':
      checkForeach(context, clause, before);
      return before;
  }
};

/** A clause of FOREACH or of a query: checks it and notes the scopes on both sides. */
export const checkAndNote = (context: Context, clause: PlainClause, before: Scope): Scope => {
  const after = checkClause(context, clause, before);
  context.findings.clauses.set(clause, { before, after });
  return after;
};

const bindNew = (variable: Variable, type: StaticType, scope: Scope): Scope => {
  if (scope.typeOf(variable.name) !== undefined) throw alreadyBound(variable.name, variable.span);
  return scope.with(variable.name, type);
};

const checkUnwind = (context: Context, clause: UnwindClause, before: Scope): Scope => {
  const list = context.expression(clause.list, before, ROW_BY_ROW);
  // What is no list is unwound to itself.
  let element = (list.kinds & KIND.list) === 0 ? list : elementOf(list);
  if ((list.kinds & KIND.list) !== 0 && list.kinds !== KIND.list) element = ANY;
  return bindNew(clause.variable, list.kinds === 0 ? NULL : element, before);
};

const checkMerge = (context: Context, clause: MergeClause, before: Scope): Scope => {
  const after = bindWritePattern(context, 'MERGE', clause.pattern, before);
  for (const item of clause.onCreate) checkSetItem(context, item, after);
  for (const item of clause.onMatch) checkSetItem(context, item, after);
  return after;
};

const checkSetItem = (context: Context, item: SetItem, scope: Scope): void => {
  switch (item.kind) {
    case 'property':
    case 'dynamic-property':
      checkTarget(context, item.target, scope);
      context.expression(item.value, scope, ROW_BY_ROW);
      return;
    case 'replace':
    case 'merge': {
      requireEntity(typeOfVariable(item.variable, scope), ENTITY_KINDS, item.variable);
      const value = context.expression(item.value, scope, ROW_BY_ROW);
      if (!mayBe(value, KIND.map | ENTITY_KINDS)) {
        throw wrongType(
          'What replaces properties',
          'a map, a node or a relationship',
          value,
          item.value.span,
        );
      }
      return;
    }
    case 'labels':
      requireEntity(typeOfVariable(item.variable, scope), KIND.node, item.variable);
  }
};

const checkRemoveItem = (context: Context, item: RemoveItem, scope: Scope): void => {
  if (item.kind === 'labels') {
    requireEntity(typeOfVariable(item.variable, scope), KIND.node, item.variable);
  } else {
    checkTarget(context, item.target, scope);
  }
};

const typeOfVariable = (variable: Variable, scope: Scope): StaticType => {
  const type = scope.typeOf(variable.name);
  if (type === undefined) throw undefinedVariable(variable.name, scope, variable.span);
  return type;
};

const checkTarget = (context: Context, target: Property | Index, scope: Scope): void => {
  const object = context.expression(target.object, scope, ROW_BY_ROW);
  requireEntity(object, ENTITY_KINDS, target.object);
  if (target.kind === 'property') return;
  const key = context.expression(target.index, scope, ROW_BY_ROW);
  if (!mayBe(key, KIND.string)) throw wrongType('The name of a property', 'STRING', key, target.index.span);
};

const requireEntity = (type: StaticType, kinds: number, at: { readonly span: Variable['span'] }): void => {
  if (mayBe(type, kinds)) return;
  const wanted = kinds === KIND.node ? 'a node' : 'a node or a relationship';
  throw wrongType('What is changed', wanted, type, at.span);
};

const checkDelete = (context: Context, clause: DeleteClause, scope: Scope): void => {
  for (const expression of clause.expressions) {
    const type = context.expression(expression, scope, ROW_BY_ROW);
    if (expression.kind === 'label-test') {
      throw syntaxError(
        'InvalidDelete',
        'DELETE takes nodes, relationships and paths, not labels or types',
        expression.span,
        'A label goes with REMOVE.',
      );
    }
    if (!mayBe(type, ENTITY_KINDS | KIND.path)) {
      throw wrongType('What is deleted', 'a node, a relationship or a path', type, expression.span);
    }
  }
};

const checkForeach = (context: Context, clause: ForeachClause, before: Scope): void => {
  const list = context.expression(clause.list, before, ROW_BY_ROW);
  if (!mayBe(list, KIND.list)) throw wrongType('What FOREACH goes through', 'LIST', list, clause.list.span);
  checkForeachBody(clause.clauses);
  let scope = bindNew(clause.variable, elementOf(list), before);
  for (const inner of clause.clauses) {
    if (isPlain(inner)) scope = checkAndNote(context, inner, scope);
  }
};
