/**
 * Labels and types -> SQL. They are literals in the text: from a parameter PostgreSQL could not tell that an index on
 * one label serves. A name that PostgreSQL cannot store is on nothing.
 */
import { alternatives, type LabelExpression } from '../../../cypher/index.ts';
import { isStorableText } from '../property-json.ts';

export const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export function labelSql(expression: LabelExpression, alias: string): string {
  switch (expression.kind) {
    case 'label':
      return isStorableText(expression.name)
        ? `${alias}.labels @> ARRAY[${quoteLiteral(expression.name)}]`
        : 'false';
    case 'wildcard':
      return `cardinality(${alias}.labels) > 0`;
    case 'not':
      return `NOT ${labelSql(expression.operand, alias)}`;
    default: {
      const between = expression.kind === 'and' ? ' AND ' : ' OR ';
      return `(${expression.operands.map((operand) => labelSql(operand, alias)).join(between)})`;
    }
  }
}

export function typeSql(expression: LabelExpression, column: string): string {
  const names = alternatives(expression)?.filter(isStorableText);
  if (names !== undefined) {
    const [only] = names;
    if (only === undefined) return 'false';
    return names.length === 1
      ? `${column} = ${quoteLiteral(only)}`
      : `${column} IN (${names.map(quoteLiteral).join(', ')})`;
  }
  switch (expression.kind) {
    case 'wildcard':
      return 'true';
    case 'not':
      return `NOT (${typeSql(expression.operand, column)})`;
    case 'and':
    case 'or': {
      const between = expression.kind === 'and' ? ' AND ' : ' OR ';
      return `(${expression.operands.map((operand) => typeSql(operand, column)).join(between)})`;
    }
    case 'label':
      // It is an alternative by itself.
      return 'false';
  }
}
