/** Reading parts of values: properties, elements, slices, and the test of labels. */
import { runtimeTypeError } from '../../cypher-error.ts';
import type { LabelExpression, Span } from '../../syntax/ast.ts';
import { deletedEntity, elementAt, property, slice } from '../../values/access.ts';
import { typeName } from '../../values/type-name.ts';
import { Node, Relationship } from '../../values/value.ts';
import { labelsMatch } from '../label-test.ts';
import type { Evaluate } from './evaluate.ts';

/** `variable.key` */
export const variableProperty =
  (slot: number, key: string): Evaluate =>
  (row) => {
    const object = row[slot] ?? null;
    if (object instanceof Node && !object.deleted) return object.properties.get(key) ?? null;
    return property(object, key);
  };

export const propertyOf =
  (object: Evaluate, key: string): Evaluate =>
  (row, context) =>
    property(object(row, context), key);

export const elementOf =
  (object: Evaluate, index: Evaluate): Evaluate =>
  (row, context) =>
    elementAt(object(row, context), index(row, context));

export const sliceOf =
  (object: Evaluate, from: Evaluate | undefined, to: Evaluate | undefined): Evaluate =>
  (row, context) =>
    slice(object(row, context), from?.(row, context), to?.(row, context));

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
