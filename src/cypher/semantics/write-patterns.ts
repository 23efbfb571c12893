/** Checks patterns that are made: in CREATE and MERGE. */
import { syntaxError } from '../cypher-error.ts';
import type { LabelExpression, NodePattern, PathPattern, RelationshipPattern } from '../syntax/ast.ts';
import type { Context } from './analysis.ts';
import { alreadyBound } from './failures.ts';
import { checkElement, refuseParameter, requireNode } from './patterns.ts';
import type { Scope } from './scope.ts';
import { NODE, PATH, RELATIONSHIP } from './static-type.ts';

type WriteClause = 'CREATE' | 'MERGE';

/**
 * The scope behind a pattern of CREATE or MERGE. Its expressions see what was bound before it, which in CREATE are
 * also the patterns to the left: what the pattern itself makes has no properties yet when they are computed.
 */
export const bindWritePattern = (
  context: Context,
  clause: WriteClause,
  path: PathPattern,
  before: Scope,
): Scope => {
  if (path.shortest !== undefined) {
    throw syntaxError('UnexpectedSyntax', `${path.shortest} cannot be used in ${clause}`, path.span);
  }
  let scope = before;
  const binds = new Set<string>();
  const alone = path.nodes.length === 1;
  for (const [at, node] of path.nodes.entries()) {
    checkWrittenNode(context, clause, node, before);
    if (node.variable !== undefined) {
      const { name } = node.variable;
      const known = scope.typeOf(name);
      if (known === undefined) {
        scope = scope.with(name, NODE);
        binds.add(name);
      } else {
        const describes =
          node.labels !== undefined || node.properties !== undefined || node.where !== undefined;
        if (!alone) requireNode(node.variable, known);
        if (alone || describes) throw alreadyBound(name, node.variable.span);
      }
    }
    const relationship = path.relationships[at];
    if (relationship === undefined) continue;
    scope = bindWrittenRelationship(context, clause, relationship, scope, before);
    if (relationship.variable !== undefined) binds.add(relationship.variable.name);
  }
  if (path.variable !== undefined) {
    const { name, span } = path.variable;
    if (scope.typeOf(name) !== undefined) throw alreadyBound(name, span);
    scope = scope.with(name, PATH);
    binds.add(name);
  }
  context.findings.patterns.set(path, { binds });
  return scope;
};

const checkWrittenNode = (context: Context, clause: WriteClause, node: NodePattern, scope: Scope): void => {
  if (node.labels !== undefined && !isConjunction(node.labels)) {
    throw syntaxError(
      'UnexpectedSyntax',
      `${clause} takes labels as in :A:B, not an expression of labels`,
      node.span,
    );
  }
  refuseWhere(clause, node);
  if (clause === 'MERGE') refuseParameter(node, clause);
  checkElement(context, node, scope);
};

const bindWrittenRelationship = (
  context: Context,
  clause: WriteClause,
  pattern: RelationshipPattern,
  scope: Scope,
  before: Scope,
): Scope => {
  const { variable, types, span } = pattern;
  if (variable !== undefined && scope.typeOf(variable.name) !== undefined) {
    throw alreadyBound(variable.name, variable.span);
  }
  if (pattern.length !== undefined) {
    throw syntaxError('CreatingVarLength', `${clause} needs relationships of length one`, span);
  }
  if (types?.kind !== 'label') {
    throw syntaxError(
      'NoSingleRelationshipType',
      `A relationship has one type, and ${clause} needs to know it`,
      span,
      'Write it as in -[:KNOWS]->.',
    );
  }
  if (clause === 'CREATE' && pattern.direction === 'both') {
    throw syntaxError(
      'RequiresDirectedRelationship',
      'A relationship has one direction, and CREATE needs to know it',
      span,
    );
  }
  refuseWhere(clause, pattern);
  if (clause === 'MERGE') refuseParameter(pattern, clause);
  checkElement(context, pattern, before);
  return variable === undefined ? scope : scope.with(variable.name, RELATIONSHIP);
};

const refuseWhere = (clause: WriteClause, pattern: NodePattern | RelationshipPattern): void => {
  if (pattern.where === undefined) return;
  throw syntaxError('UnexpectedSyntax', `WHERE cannot stand in a pattern of ${clause}`, pattern.where.span);
};

/** Labels that one node can have all at once. */
const isConjunction = (labels: LabelExpression): boolean =>
  labels.kind === 'label' || (labels.kind === 'and' && labels.operands.every(isConjunction));
