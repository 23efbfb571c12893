/** What operators give for operands of given types. Undefined means that no value of those types will do. */
import type { BinaryOperator } from '../syntax/ast.ts';
import {
  ANY,
  BOOLEAN,
  elementOf,
  FLOAT,
  INSTANT_KINDS,
  KIND,
  listOf,
  mayBe,
  NULL,
  NUMBER_KINDS,
  STRING,
  type StaticType,
  TEMPORAL_KINDS,
  typeOf,
  union,
} from './static-type.ts';

const DURATION = KIND.duration;
/** What `+` joins to a string. */
const JOINED_TO_STRING = KIND.string | KIND.boolean | NUMBER_KINDS | TEMPORAL_KINDS | KIND.point;

/** INTEGER only if both can be, FLOAT if one of two numbers can be. */
const numberKinds = (left: number, right: number): number => {
  if ((left & NUMBER_KINDS) === 0 || (right & NUMBER_KINDS) === 0) return 0;
  return (left & right & KIND.integer) | ((left | right) & KIND.float);
};

const orNothing = (kinds: number): StaticType | undefined => (kinds === 0 ? undefined : typeOf(kinds));

const listSum = (left: StaticType, right: StaticType): StaticType => {
  const leftIsList = (left.kinds & KIND.list) !== 0;
  const rightIsList = (right.kinds & KIND.list) !== 0;
  const leftIsOther = (left.kinds & ~KIND.list) !== 0;
  const rightIsOther = (right.kinds & ~KIND.list) !== 0;
  if ((leftIsList && leftIsOther) || (rightIsList && rightIsOther)) return listOf(undefined);
  if (leftIsList && rightIsList) {
    return left.element === undefined || right.element === undefined
      ? listOf(undefined)
      : listOf(union(left.element, right.element));
  }
  const [list, item] = leftIsList ? [left, right] : [right, left];
  return listOf(union(elementOf(list), item));
};

const sum = (left: StaticType, right: StaticType): StaticType | undefined => {
  let kinds = numberKinds(left.kinds, right.kinds);
  if (
    ((left.kinds & KIND.string) !== 0 && (right.kinds & JOINED_TO_STRING) !== 0) ||
    ((right.kinds & KIND.string) !== 0 && (left.kinds & JOINED_TO_STRING) !== 0)
  ) {
    kinds |= KIND.string;
  }
  if ((right.kinds & DURATION) !== 0) kinds |= left.kinds & TEMPORAL_KINDS;
  if ((left.kinds & DURATION) !== 0) kinds |= right.kinds & TEMPORAL_KINDS;
  if (((left.kinds | right.kinds) & KIND.list) === 0) return orNothing(kinds);
  const list = listSum(left, right);
  return kinds === 0 ? list : union(typeOf(kinds), list);
};

const difference = (left: number, right: number): number => {
  let kinds = numberKinds(left, right);
  if ((right & DURATION) !== 0) kinds |= left & (INSTANT_KINDS | DURATION);
  return kinds;
};

const product = (left: number, right: number): number => {
  let kinds = numberKinds(left, right);
  if ((left & DURATION) !== 0 && (right & NUMBER_KINDS) !== 0) kinds |= DURATION;
  if ((right & DURATION) !== 0 && (left & NUMBER_KINDS) !== 0) kinds |= DURATION;
  return kinds;
};

const quotient = (left: number, right: number): number => {
  let kinds = numberKinds(left, right);
  if ((left & DURATION) !== 0 && (right & NUMBER_KINDS) !== 0) kinds |= DURATION;
  return kinds;
};

const concatenation = (left: StaticType, right: StaticType): StaticType | undefined => {
  const common = left.kinds & right.kinds;
  const text = (common & KIND.string) === 0 ? NULL : STRING;
  if ((common & KIND.list) === 0) return text === NULL ? undefined : text;
  return union(text, listSum(typeOfList(left), typeOfList(right)));
};

const typeOfList = (type: StaticType): StaticType => listOf(type.element);

/** Operators of two operands, without AND, OR and XOR, whose operands are predicates. */
export const binaryType = (
  operator: BinaryOperator,
  left: StaticType,
  right: StaticType,
): StaticType | undefined => {
  if (operator === 'IN') return mayBe(right, KIND.list) ? BOOLEAN : undefined;
  // Operands of the string predicates that are no strings give null.
  if (operator === 'STARTS WITH' || operator === 'ENDS WITH' || operator === 'CONTAINS') return BOOLEAN;
  if (operator === '=~') {
    return mayBe(left, KIND.string) && mayBe(right, KIND.string) ? BOOLEAN : undefined;
  }
  if (left.kinds === 0) return right.kinds === 0 ? NULL : onlyRight(operator, right);
  if (right.kinds === 0) return onlyLeft(operator, left);
  switch (operator) {
    case '+':
      return sum(left, right);
    case '-':
      return orNothing(difference(left.kinds, right.kinds));
    case '*':
      return orNothing(product(left.kinds, right.kinds));
    case '/':
      return orNothing(quotient(left.kinds, right.kinds));
    case '%':
      return orNothing(numberKinds(left.kinds, right.kinds));
    case '^':
      return numberKinds(left.kinds, right.kinds) === 0 ? undefined : FLOAT;
    case '||':
      return concatenation(left, right);
    default:
      return BOOLEAN;
  }
};

/** With null on one side the other one must still be something that the operator takes. */
const onlyLeft = (operator: BinaryOperator, left: StaticType): StaticType | undefined =>
  binaryType(operator, left, ANY) === undefined ? undefined : NULL;
const onlyRight = (operator: BinaryOperator, right: StaticType): StaticType | undefined =>
  binaryType(operator, ANY, right) === undefined ? undefined : NULL;

/** The signs. */
export const signType = (operand: StaticType): StaticType | undefined =>
  operand.kinds === 0 ? NULL : orNothing(operand.kinds & (NUMBER_KINDS | DURATION));
