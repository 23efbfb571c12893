/**
 * Conditions as SQL. Their logic has two values: what is missing or null is different from every value and passes no
 * other test, and NOT is what does not pass. So `<>` is IS DISTINCT FROM, and NOT is IS NOT TRUE.
 */
import type { Condition, Field } from '../syntax/conditions.ts';
import type { Value } from '../syntax/values.ts';
import { foldedName, quoted } from './quote.ts';

/** How a field is written; a column of a table unless the caller knows better. */
export type FieldSql = (field: Field) => string;

const columnSql: FieldSql = ({ name, isQuoted }) => quoted(foldedName({ text: name, isQuoted }));

/**
 * An SQL expression for behind WHERE.
 * @param parameters takes the values; `$n` counts from 1 over all that are in it
 */
export function conditionSql(
  condition: Condition,
  parameters: Value[],
  fieldSql: FieldSql = columnSql,
): string {
  const parameter = (value: Value): string => `$${parameters.push(value)}${castOf(value)}`;
  const text = (value: string): string => `${parameter(value)}::text`;
  const write = (part: Condition): string => {
    switch (part.kind) {
      case 'and':
      case 'or':
        return `(${part.parts.map(write).join(part.kind === 'and' ? ' AND ' : ' OR ')})`;
      case 'not':
        return `(${write(part.part)}) IS NOT TRUE`;
      case 'comparison': {
        const comparator = part.comparator === '<>' ? 'IS DISTINCT FROM' : part.comparator;
        return `${fieldSql(part.field)} ${comparator} ${parameter(part.value)}`;
      }
      case 'in': {
        const values = part.values.filter((value) => value !== null);
        const tests =
          values.length === 0 ? [] : [`${fieldSql(part.field)} IN (${values.map(parameter).join(', ')})`];
        if (values.length < part.values.length) tests.push(`${fieldSql(part.field)} IS NULL`);
        return tests.length === 0 ? 'FALSE' : `(${tests.join(' OR ')})`;
      }
      case 'like':
        return `${fieldSql(part.field)}::text LIKE ${text(part.pattern)}`;
      case 'between':
        return `${fieldSql(part.field)} BETWEEN ${parameter(part.low)} AND ${parameter(part.high)}`;
      case 'null':
        return `${fieldSql(part.field)} IS ${part.isNegated ? 'NOT ' : ''}NULL`;
      case 'contains':
        return `strpos(${fieldSql(part.field)}::text, ${text(part.text)}) > 0`;
      case 'starts-with':
        return `starts_with(${fieldSql(part.field)}::text, ${text(part.text)})`;
      case 'ends-with': {
        const end = text(part.text);
        return `right(${fieldSql(part.field)}::text, length(${end})) = ${end}`;
      }
    }
  };
  return write(condition);
}

/** A parameter has the type of its column, which may be one of whole numbers: with a fraction it is none of them. */
const castOf = (value: Value): string =>
  typeof value === 'number' && !Number.isSafeInteger(value) ? '::numeric' : '';
