/** Checks expressions: every name is known, every operator and function gets what it can take, aggregates stand right. */
import { syntaxError } from '../cypher-error.ts';
import type {
  Case,
  Expression,
  Index,
  Literal,
  MapProjection,
  PatternExpression,
  Property,
  Slice,
} from '../syntax/ast.ts';
import type { Context, Place } from './analysis.ts';
import { checkCall, checkCountStar } from './calls.ts';
import {
  checkListComprehension,
  checkPatternComprehension,
  checkQuantifier,
  checkReduce,
} from './element-expressions.ts';
import { undefinedVariable, wrongAccess, wrongType } from './failures.ts';
import { binaryType, signType } from './operators.ts';
import { bindPatterns, checkPatternPredicate } from './patterns.ts';
import type { Scope } from './scope.ts';
import {
  ANY,
  BOOLEAN,
  describeType,
  ENTITY_KINDS,
  elementOf,
  FLOAT,
  INTEGER,
  isOnly,
  KIND,
  listOf,
  MAP,
  mayBe,
  NULL,
  PATH,
  STRING,
  type StaticType,
  TEMPORAL_KINDS,
  union,
} from './static-type.ts';

const WITH_PROPERTIES = ENTITY_KINDS | KIND.map | KIND.point | TEMPORAL_KINDS;
const INDEXED = KIND.list | KIND.map | ENTITY_KINDS;

/** The type of an expression. Raises what is wrong with it, left before right and inner before outer. */
export const checkExpression = (
  context: Context,
  expression: Expression,
  scope: Scope,
  place: Place,
): StaticType => {
  const projected = place.projected?.get(expression);
  if (projected !== undefined) return projected;
  const type = (inner: Expression): StaticType => checkExpression(context, inner, scope, place);
  switch (expression.kind) {
    case 'literal':
      return literalType(expression);
    case 'parameter':
      return ANY;
    case 'variable': {
      const known = scope.typeOf(expression.name);
      if (known === undefined) throw undefinedVariable(expression.name, scope, expression.span);
      return known;
    }
    case 'property':
      return checkProperty(expression, type(expression.object));
    case 'label-test': {
      const object = type(expression.object);
      if (!mayBe(object, ENTITY_KINDS)) {
        throw wrongType('What has labels', 'NODE or RELATIONSHIP', object, expression.object.span);
      }
      return BOOLEAN;
    }
    case 'index':
      return checkIndex(expression, type(expression.object), type(expression.index));
    case 'slice':
      return checkSlice(expression, type);
    case 'unary': {
      if (expression.operator === 'NOT') {
        checkPredicate(context, expression.operand, scope, place);
        return BOOLEAN;
      }
      const operand = type(expression.operand);
      const result = signType(operand);
      if (result === undefined) {
        throw wrongType(
          `The operand of ${expression.operator}`,
          'a number or DURATION',
          operand,
          expression.operand.span,
        );
      }
      return result;
    }
    case 'binary': {
      const { operator } = expression;
      if (operator === 'AND' || operator === 'OR' || operator === 'XOR') {
        checkPredicate(context, expression.left, scope, place);
        checkPredicate(context, expression.right, scope, place);
        return BOOLEAN;
      }
      const left = type(expression.left);
      const right = type(expression.right);
      const result = binaryType(operator, left, right);
      if (result === undefined) {
        throw syntaxError(
          'InvalidArgumentType',
          `${operator} does not take ${describeType(left)} and ${describeType(right)}`,
          expression.span,
        );
      }
      return result;
    }
    case 'comparison':
      type(expression.first);
      for (const link of expression.links) type(link.operand);
      return BOOLEAN;
    case 'null-test':
      type(expression.operand);
      return BOOLEAN;
    case 'list': {
      let element = NULL;
      for (const item of expression.items) element = union(element, type(item));
      return listOf(element);
    }
    case 'map':
      for (const entry of expression.entries) type(entry.value);
      return MAP;
    case 'case':
      return checkCase(context, expression, scope, place);
    case 'call':
      return checkCall(context, expression, scope, place);
    case 'count-star':
      return checkCountStar(expression, place);
    case 'list-comprehension':
      return checkListComprehension(context, expression, scope, place);
    case 'pattern-comprehension':
      return checkPatternComprehension(context, expression, scope, place);
    case 'quantifier':
      return checkQuantifier(context, expression, scope, place);
    case 'reduce':
      return checkReduce(context, expression, scope, place);
    case 'pattern':
      return checkPatternValue(context, expression, scope);
    case 'subquery': {
      const { columns } = context.subquery(expression, scope);
      if (expression.form === 'EXISTS') return BOOLEAN;
      return expression.form === 'COUNT' ? INTEGER : listOf(columns?.[0]?.type);
    }
    case 'map-projection':
      return checkMapProjection(expression, type);
  }
};

/** Checks what must be true or false. Patterns may stand here and below AND, OR, XOR and NOT, and nowhere else. */
export const checkPredicate = (
  context: Context,
  expression: Expression,
  scope: Scope,
  place: Place,
): void => {
  if (expression.kind === 'pattern' && expression.pattern.shortest === undefined) {
    checkPatternPredicate(context, expression.pattern, scope);
    return;
  }
  const type = checkExpression(context, expression, scope, place);
  if (!mayBe(type, KIND.boolean)) throw wrongType('A predicate', 'BOOLEAN', type, expression.span);
};

const literalType = ({ value }: Literal): StaticType => {
  switch (typeof value) {
    case 'boolean':
      return BOOLEAN;
    case 'bigint':
      return INTEGER;
    case 'number':
      return FLOAT;
    case 'string':
      return STRING;
    default:
      return NULL;
  }
};

const checkProperty = (expression: Property, object: StaticType): StaticType => {
  if (mayBe(object, WITH_PROPERTIES)) return object.kinds === 0 ? NULL : ANY;
  const what = `What has the property ${expression.key}`;
  const wanted = 'a node, a relationship, a map, a point or a temporal value';
  throw isOnly(object, KIND.path)
    ? wrongType(what, wanted, object, expression.span)
    : wrongAccess(what, wanted, object, expression.span);
};

const checkIndex = (expression: Index, object: StaticType, index: StaticType): StaticType => {
  if (!mayBe(object, INDEXED)) {
    throw wrongAccess('What is indexed', 'a list, a map, a node or a relationship', object, expression.span);
  }
  if (object.kinds !== KIND.list) return ANY;
  if (!mayBe(index, KIND.integer)) {
    throw wrongAccess('The index of a list', 'INTEGER', index, expression.index.span);
  }
  return elementOf(object);
};

const checkSlice = (expression: Slice, type: (inner: Expression) => StaticType): StaticType => {
  const object = type(expression.object);
  if (!mayBe(object, KIND.list)) {
    throw wrongAccess('What a slice is taken of', 'LIST', object, expression.object.span);
  }
  for (const bound of [expression.from, expression.to]) {
    if (bound === undefined) continue;
    const boundType = type(bound);
    if (!mayBe(boundType, KIND.integer)) {
      throw wrongAccess('The bound of a slice', 'INTEGER', boundType, bound.span);
    }
  }
  return object.kinds === KIND.list ? object : listOf(undefined);
};

const checkCase = (context: Context, expression: Case, scope: Scope, place: Place): StaticType => {
  if (expression.subject !== undefined) checkExpression(context, expression.subject, scope, place);
  let result = NULL;
  for (const branch of expression.branches) {
    if (expression.subject === undefined) checkPredicate(context, branch.when, scope, place);
    else checkExpression(context, branch.when, scope, place);
    result = union(result, checkExpression(context, branch.then, scope, place));
  }
  return expression.otherwise === undefined
    ? result
    : union(result, checkExpression(context, expression.otherwise, scope, place));
};

const checkPatternValue = (context: Context, expression: PatternExpression, scope: Scope): StaticType => {
  const { shortest } = expression.pattern;
  if (shortest === undefined) {
    throw syntaxError(
      'UnexpectedSyntax',
      'A pattern is no value: it can only be tested, as in WHERE or in exists()',
      expression.span,
      'Use EXISTS { … } to get true or false, COUNT { … } to count, or [pattern | value] for a list.',
    );
  }
  bindPatterns(context, [expression.pattern], scope.nest());
  return shortest === 'shortestPath' ? PATH : listOf(PATH);
};

const checkMapProjection = (
  expression: MapProjection,
  type: (inner: Expression) => StaticType,
): StaticType => {
  const subject = type(expression.subject);
  if (!mayBe(subject, ENTITY_KINDS | KIND.map)) {
    throw wrongType('What is projected', 'a node, a relationship or a map', subject, expression.subject.span);
  }
  for (const item of expression.items) {
    if (item.kind === 'variable') type(item.variable);
    else if (item.kind === 'entry') type(item.value);
  }
  return subject.kinds === 0 ? NULL : MAP;
};
