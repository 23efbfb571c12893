/**
 * Conditions as Cypher. Their logic has two values: what is missing passes no test but `<>` and IS NULL, and NOT is what
 * does not pass. Tests stand as bare as they can, so that the graph finds what passes by its indexes.
 */
import { FacetError } from '../../../base/index.ts';
import type { Condition, Field, Value } from '../../../nql/index.ts';
import { jsonOf } from './values.ts';

/** Values of a query's parameters, by their names. */
export class CypherParameters {
  readonly values: Record<string, unknown> = {};
  #count = 0;

  /** The parameter as the query writes it. */
  add(value: unknown): string {
    const name = `p${this.#count++}`;
    this.values[name] = value;
    return `$${name}`;
  }
}

/** A label, type, property or variable, whatever characters it has. */
export const cypherName = (text: string): string => `\`${text.replaceAll('`', '``')}\``;

/** What stands for a field; undefined: the property of that name. */
export type FieldCypher = (field: Field) => string | undefined;

/**
 * An expression for behind WHERE that is true of what passes, and false or null of all else.
 * @param variable the node or relationship that the condition is about
 */
export function conditionCypher(
  condition: Condition,
  parameters: CypherParameters,
  variable: string,
  fieldCypher: FieldCypher = () => undefined,
): string {
  const given = (value: Value): string => parameters.add(jsonOf(value));
  const fieldOf = (field: Field): string => fieldCypher(field) ?? `${variable}.${cypherName(field.name)}`;
  const write = (part: Condition): string => {
    switch (part.kind) {
      case 'and':
      case 'or':
        return `(${part.parts.map(write).join(part.kind === 'and' ? ' AND ' : ' OR ')})`;
      case 'not':
        return `(NOT coalesce(${write(part.part)}, false))`;
      case 'comparison': {
        const field = fieldOf(part.field);
        const test = `${field} ${part.comparator} ${given(part.value)}`;
        return part.comparator === '<>' ? `(${field} IS NULL OR ${test})` : `(${test})`;
      }
      case 'in': {
        const field = fieldOf(part.field);
        const values = part.values.filter((value) => value !== null);
        const test = `${field} IN ${given(values)}`;
        return values.length < part.values.length ? `(${field} IS NULL OR ${test})` : `(${test})`;
      }
      case 'like':
        return `(${fieldOf(part.field)} =~ ${given(likeRegex(part.pattern))})`;
      case 'between': {
        const field = fieldOf(part.field);
        return `(${field} >= ${given(part.low)} AND ${field} <= ${given(part.high)})`;
      }
      case 'null':
        return `(${fieldOf(part.field)} IS ${part.isNegated ? 'NOT ' : ''}NULL)`;
      case 'contains':
        return `(${fieldOf(part.field)} CONTAINS ${given(part.text)})`;
      case 'starts-with':
        return `(${fieldOf(part.field)} STARTS WITH ${given(part.text)})`;
      case 'ends-with':
        return `(${fieldOf(part.field)} ENDS WITH ${given(part.text)})`;
    }
  };
  return write(condition);
}

const SPECIAL = /[\\^$.|?*+()[\]{}&~#-]/;

/** A pattern of LIKE as a regular expression over the whole text. @throws INVALID_PARAMETER */
function likeRegex(pattern: string): string {
  let regex = '(?s)';
  let isEscaped = false;
  for (const character of pattern) {
    if (!isEscaped && character === '\\') {
      isEscaped = true;
      continue;
    }
    if (!isEscaped && character === '%') regex += '.*';
    else if (!isEscaped && character === '_') regex += '.';
    else regex += SPECIAL.test(character) ? `\\${character}` : character;
    isEscaped = false;
  }
  if (isEscaped) throw new FacetError('INVALID_PARAMETER', 'A pattern of LIKE ends in a backslash');
  return regex;
}
