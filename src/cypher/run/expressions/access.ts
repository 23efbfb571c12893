/** Reading parts of values: properties, elements, slices, and the test of labels. */
import { placed, runtimeTypeError } from '../../cypher-error.ts';
import type { LabelExpression, Span } from '../../syntax/ast.ts';
import { deletedEntity, elementAt, property, slice } from '../../values/access.ts';
import { isList } from '../../values/kinds.ts';
import { made, worked } from '../../values/meter.ts';
import { typeName } from '../../values/type-name.ts';
import { Node, Relationship, type Value } from '../../values/value.ts';
import { SCALAR_BYTES } from '../../values/weight.ts';
import { labelsMatch } from '../label-test.ts';
import type { Evaluate } from './evaluate.ts';

/** `variable.key` */
export const variableProperty =
  (slot: number, key: string, span: Span): Evaluate =>
  (row) => {
    const object = row[slot] ?? null;
    if (object instanceof Node && !object.deleted) return object.properties.get(key) ?? null;
    return placedProperty(object, key, span);
  };

function placedProperty(object: Value, key: string, span: Span): Value {
  try {
    return property(object, key);
  } catch (thrown) {
    throw placed(thrown, span);
  }
}

export const propertyOf =
  (object: Evaluate, key: string, span: Span): Evaluate =>
  (row, context) =>
    placedProperty(object(row, context), key, span);

export const elementOf =
  (object: Evaluate, index: Evaluate, span: Span): Evaluate =>
  (row, context) => {
    const [whole, at] = [object(row, context), index(row, context)];
    try {
      return elementAt(whole, at);
    } catch (thrown) {
      throw placed(thrown, span);
    }
  };

export const sliceOf =
  (object: Evaluate, from: Evaluate | undefined, to: Evaluate | undefined, span: Span): Evaluate =>
  (row, context) => {
    const [whole, first, end] = [object(row, context), from?.(row, context), to?.(row, context)];
    try {
      const part = slice(whole, first, end);
      if (part !== null && typeof part === 'object' && isList(part)) {
        worked(part.length);
        made(SCALAR_BYTES + 8 * part.length);
      }
      return part;
    } catch (thrown) {
      throw placed(thrown, span);
    }
  };

/** Of a node its labels, of a relationship its type; of null it is unknown. */
export const labelTest =
  (object: Evaluate, labels: LabelExpression, span: Span): Evaluate =>
  (row, context) => {
    const value = object(row, context);
    if (value === null) return null;
    if (value instanceof Node) {
      if (value.deleted) throw deletedEntity(value, 'the labels');
      return labelsMatch(labels, value.labels);
    }
    if (value instanceof Relationship) return labelsMatch(labels, [value.type]);
    throw runtimeTypeError(
      'InvalidArgumentType',
      `only a Node or a Relationship has labels or a type, not ${typeName(value)}`,
      span,
    );
  };
