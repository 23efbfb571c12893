/**
 * Front door of the Neumann query language: from text to statements, without knowing what is stored. Runs nothing:
 * that is for the dialect.
 */
export type { Example, Form } from './form.ts';
export { FORM_FAMILIES, FORMS, type FormFamily, type StatementForm } from './forms.ts';
export { readStatement, STATEMENT_WORDS } from './read-statement.ts';
export { conditionSql, type FieldSql } from './sql/condition-sql.ts';
export { foldedName, sqlName } from './sql/quote.ts';
export type { Sql, SqlInsert } from './sql/sql-statement.ts';
export type { Statement, StatementKind, StatementOf } from './statement.ts';
export { StatementError, type StatementErrorCode } from './statement-error.ts';
export type { Aggregate, AggregateFunction } from './statements/aggregates.ts';
export type { Algorithm, AlgorithmName, AlgorithmOptions } from './statements/algorithms.ts';
export type { BlobFilter } from './statements/blob-lists.ts';
export type { ConstraintCreate, ElementKind, PropertyType } from './statements/constraints.ts';
export type { EntityContent } from './statements/entities.ts';
export type { Explain } from './statements/explain.ts';
export type { Find, FindLikeness, FindTarget } from './statements/find.ts';
export type { IndexTarget } from './statements/graph-indexes.ts';
export type { Path, PathMode } from './statements/paths.ts';
export { REFUSALS, type Refused, refusal } from './statements/refused.ts';
export type { Metric, Similar } from './statements/similar.ts';
export type { Comparator, Condition, Field } from './syntax/conditions.ts';
export type { EdgeId, Key, Name, NodeReference } from './syntax/names.ts';
export type { Page } from './syntax/paging.ts';
export type { Properties } from './syntax/properties.ts';
export type { Span } from './syntax/span.ts';
export type { Direction } from './syntax/traversal.ts';
export type { Scalar, Value } from './syntax/values.ts';
export type { Likeness, Vector } from './syntax/vectors.ts';
