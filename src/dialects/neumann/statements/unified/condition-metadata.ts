/** Conditions as conditions on the metadata of embeddings, with the same two values of truth. */
import { ExactNumber, FacetError } from '../../../../base/index.ts';
import type { MetadataCondition, MetadataScalar } from '../../../../models/index.ts';
import type { Condition, Value } from '../../../../nql/index.ts';

/** @throws INVALID_FILTER for comparisons with a list */
export function conditionMetadata(condition: Condition): MetadataCondition {
  switch (condition.kind) {
    case 'and':
      return { and: condition.parts.map(conditionMetadata) };
    case 'or':
      return { or: condition.parts.map(conditionMetadata) };
    case 'not':
      return { notTrue: conditionMetadata(condition.part) };
    case 'null':
      return { field: condition.field.name, isNull: !condition.isNegated };
    case 'like':
      return { field: condition.field.name, like: condition.pattern };
    case 'contains':
      return { field: condition.field.name, like: `%${escaped(condition.text)}%` };
    case 'starts-with':
      return { field: condition.field.name, like: `${escaped(condition.text)}%` };
    case 'ends-with':
      return { field: condition.field.name, like: `%${escaped(condition.text)}` };
    case 'between': {
      const field = condition.field.name;
      return {
        and: [
          { field, is: '>=', value: scalar(condition.low) },
          { field, is: '<=', value: scalar(condition.high) },
        ],
      };
    }
    case 'in': {
      const field = condition.field.name;
      const values = condition.values.filter((value) => value !== null);
      const test: MetadataCondition = { field, in: values.map(scalar) };
      return values.length < condition.values.length ? { or: [test, { field, isNull: true }] } : test;
    }
    case 'comparison': {
      const field = condition.field.name;
      const test: MetadataCondition = { field, is: condition.comparator, value: scalar(condition.value) };
      return condition.comparator === '<>' ? { or: [test, { field, isNull: true }] } : test;
    }
  }
}

function scalar(value: Exclude<Value, null>): MetadataScalar {
  if (typeof value === 'bigint') return new ExactNumber(String(value));
  if (typeof value !== 'object') return value;
  throw new FacetError(
    'INVALID_FILTER',
    'A condition on metadata compares with a text, a number or a truth value',
  );
}

/** As a text that LIKE takes for itself. */
const escaped = (text: string): string => text.replaceAll(/[\\%_]/g, '\\$&');
