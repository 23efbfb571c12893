/** Checks patterns that are looked for: in MATCH, in comprehensions and in predicates. */
import { FacetError, LIMITS } from '../../base/index.ts';
import { syntaxError } from '../cypher-error.ts';
import type { NodePattern, PathPattern, RelationshipPattern, Variable } from '../syntax/ast.ts';
import { type Context, ROW_BY_ROW } from './analysis.ts';
import { alreadyBound, undefinedVariable } from './failures.ts';
import { describeVariable, type Scope } from './scope.ts';
import { KIND, mayBe, NODE, PATH, RELATIONSHIP, RELATIONSHIP_LIST, type StaticType } from './static-type.ts';

const typeConflict = (variable: Variable, known: StaticType, wanted: string): Error =>
  syntaxError(
    'VariableTypeConflict',
    `The variable ${variable.name} is ${describeVariable(known)} and cannot be ${wanted}`,
    variable.span,
  );

/** Raises if the variable is known not to be a node. */
export const requireNode = (variable: Variable, known: StaticType): void => {
  if (!mayBe(known, KIND.node)) throw typeConflict(variable, known, 'a node');
};

/** Raises if the variable is known not to be what the relationship pattern binds. */
export const requireRelationship = (
  variable: Variable,
  known: StaticType,
  pattern: RelationshipPattern,
): void => {
  if (pattern.length === undefined) {
    if (!mayBe(known, KIND.relationship)) throw typeConflict(variable, known, 'a relationship');
    return;
  }
  const fits =
    mayBe(known, KIND.list) && (known.element === undefined || mayBe(known.element, KIND.relationship));
  if (!fits) throw typeConflict(variable, known, 'a list of relationships');
};

/** A whole map from a parameter cannot be planned for, so only CREATE takes it. */
export const refuseParameter = (pattern: NodePattern | RelationshipPattern, clause: string): void => {
  if (pattern.properties?.kind !== 'parameter') return;
  throw syntaxError(
    'InvalidParameterUse',
    `A parameter cannot stand for all properties in ${clause}`,
    pattern.properties.span,
    `Write the properties out, as in {name: $${pattern.properties.name}.name}.`,
  );
};

/** Checks the expressions of a pattern, once its variables are bound. */
export const checkInside = (context: Context, path: PathPattern, scope: Scope): void => {
  for (const [at, node] of path.nodes.entries()) {
    checkElement(context, node, scope);
    const relationship = path.relationships[at];
    if (relationship !== undefined) checkElement(context, relationship, scope);
  }
};

export const checkElement = (
  context: Context,
  element: NodePattern | RelationshipPattern,
  scope: Scope,
): void => {
  if (element.properties !== undefined) context.expression(element.properties, scope, ROW_BY_ROW);
  if (element.where === undefined) return;
  if ('length' in element && element.length !== undefined) {
    throw syntaxError(
      'UnexpectedSyntax',
      'WHERE cannot stand in a relationship of variable length',
      element.where.span,
      'Test the list behind the pattern: WHERE all(r IN relationships WHERE …).',
    );
  }
  context.predicate(element.where, scope, ROW_BY_ROW);
};

/** The scope behind the patterns of one MATCH. They may mention each other's variables. */
export const bindPatterns = (context: Context, paths: readonly PathPattern[], before: Scope): Scope => {
  checkParts(paths);
  let scope = before;
  const relationships = new Set<string>();
  for (const path of paths) {
    checkShortest(path, scope);
    const binds = new Set<string>();
    const bind = (variable: Variable, type: StaticType): void => {
      scope = scope.with(variable.name, type);
      binds.add(variable.name);
    };
    for (const [at, node] of path.nodes.entries()) {
      refuseParameter(node, 'MATCH');
      if (node.variable !== undefined) {
        const known = scope.typeOf(node.variable.name);
        if (known === undefined) bind(node.variable, NODE);
        else requireNode(node.variable, known);
      }
      const relationship = path.relationships[at];
      if (relationship === undefined) continue;
      refuseParameter(relationship, 'MATCH');
      const { variable } = relationship;
      if (variable === undefined) continue;
      const known = scope.typeOf(variable.name);
      if (known === undefined) {
        bind(variable, relationship.length === undefined ? RELATIONSHIP : RELATIONSHIP_LIST);
      } else {
        requireRelationship(variable, known, relationship);
        if (relationships.has(variable.name)) throw sameRelationshipTwice(variable);
      }
      relationships.add(variable.name);
    }
    if (path.variable !== undefined) {
      if (scope.typeOf(path.variable.name) !== undefined) {
        throw alreadyBound(path.variable.name, path.variable.span);
      }
      bind(path.variable, PATH);
    }
    context.findings.patterns.set(path, { binds });
  }
  for (const path of paths) checkInside(context, path, scope);
  return scope;
};

/** @throws LIMIT_EXCEEDED */
const checkParts = (paths: readonly PathPattern[]): void => {
  let parts = 0;
  for (const { nodes, relationships, span } of paths) {
    parts += nodes.length + relationships.length;
    if (parts <= LIMITS.cypherPatternPartsMax) continue;
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `A pattern has more than ${LIMITS.cypherPatternPartsMax} nodes and relationships (cypherPatternPartsMax)`,
      { position: span.start + 1, hint: 'Look for its parts by several MATCH clauses.' },
    );
  }
};

const sameRelationshipTwice = (variable: Variable): Error =>
  syntaxError(
    'RelationshipUniquenessViolation',
    `The relationship ${variable.name} stands twice in one pattern, and a match never uses one twice`,
    variable.span,
  );

const checkShortest = (path: PathPattern, before: Scope): void => {
  if (path.shortest === undefined) return;
  const [relationship] = path.relationships;
  const { variable, length } = relationship ?? {};
  if ((length?.min ?? 1) > 1) {
    throw syntaxError(
      'UnexpectedSyntax',
      `${path.shortest} takes a least length of 0 or 1, not of ${length?.min}`,
      relationship?.span,
      'To find a path of at least so many relationships, test it: WHERE length(p) >= 2.',
    );
  }
  if (variable !== undefined && before.typeOf(variable.name) !== undefined) {
    throw alreadyBound(variable.name, variable.span);
  }
  if (path.relationships.length === 1) return;
  throw syntaxError(
    'UnexpectedSyntax',
    `${path.shortest} takes a pattern of one relationship, not of ${path.relationships.length}`,
    path.span,
  );
};

/** A pattern that is true or false binds nothing: each of its variables must be there. */
export const checkPatternPredicate = (context: Context, path: PathPattern, scope: Scope): void => {
  for (const [at, node] of path.nodes.entries()) {
    refuseParameter(node, 'a pattern predicate');
    if (node.variable !== undefined) requireNode(node.variable, known(node.variable, scope));
    const relationship = path.relationships[at];
    if (relationship === undefined) continue;
    refuseParameter(relationship, 'a pattern predicate');
    if (relationship.variable !== undefined) {
      requireRelationship(relationship.variable, known(relationship.variable, scope), relationship);
    }
  }
  checkParts([path]);
  context.findings.patterns.set(path, { binds: new Set() });
  checkInside(context, path, scope);
};

const known = (variable: Variable, scope: Scope): StaticType => {
  const type = scope.typeOf(variable.name);
  if (type === undefined) throw undefinedVariable(variable.name, scope, variable.span);
  return type;
};
