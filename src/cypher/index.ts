/** Front door of the language: from text to something that runs on a graph, and the values it works with. */
export {
  argumentError,
  CypherError,
  type CypherErrorType,
  type CypherPhase,
  runtimeTypeError,
} from './cypher-error.ts';
export type { QueryContext } from './run/context.ts';
export { passes } from './run/expressions/predicate.ts';
export {
  type Adjacency,
  type Connection,
  type GraphCatalog,
  type Projection,
  unfitWeight,
  type Weight,
} from './run/graph-catalog.ts';
export type { GraphSession, Matched } from './run/graph-session.ts';
export { alternatives, labelsMatch, requiredLabels } from './run/label-test.ts';
export { allPass, entityTest, requireTwoEnds } from './run/path-tests.ts';
export type {
  Computed,
  Condition,
  Conjunct,
  MatchPlan,
  NodeStep,
  Operand,
  PathStep,
  PropertyTests,
  RelationshipStep,
  TestOperator,
} from './run/plan/match-plan.ts';
export type { Procedure } from './run/plan/plan-environment.ts';
export type { PlanHint } from './run/plan/plan-hints.ts';
export type { PlanStep } from './run/plan/plan-steps.ts';
export type { Usage } from './run/plan/usage.ts';
export { visitExpressions } from './run/plan/visit-expressions.ts';
export { type PreparedCommand, type PreparedQuery, prepare } from './run/prepare.ts';
export { Profile, type StepProfile } from './run/profile.ts';
export type { Row } from './run/row.ts';
export { BATCH_ROWS, type Batches, type Counters, Holding, noCounters, type Run, rowsOf } from './run/run.ts';
export { inSlices } from './run/slices.ts';
export { type ListedFunction, listFunctions } from './semantics/function-list.ts';
export type { ProcedureParameter } from './semantics/signatures.ts';
export type { Expression, LabelExpression, SchemaCommand, Span } from './syntax/ast.ts';
export { lex } from './syntax/lexer.ts';
export type { Token } from './syntax/tokens.ts';
export { formatTemporal } from './temporal/format.ts';
export { parseDate, parseDateTime, parseLocalDateTime, parseLocalTime, parseTime } from './temporal/parse.ts';
export { parseDuration } from './temporal/parse-duration.ts';
export {
  DateTimeValue,
  DateValue,
  DurationValue,
  LocalDateTimeValue,
  LocalTimeValue,
  TimeValue,
} from './temporal/temporal.ts';
export { checkedEpochDay, offsetOfText, zonedAtInstant, zonedAtLocal, zoneOf } from './temporal/zones.ts';
export { equals } from './values/equality.ts';
export { Meter } from './values/meter.ts';
export { makePoint } from './values/point.ts';
export { crsName, dimensionsOf, isGeographic, SRID_OF_NAME } from './values/point-text.ts';
export {
  type ListValue,
  type MapValue,
  Node,
  Path,
  Point,
  Relationship,
  type Srid,
  type Temporal,
  type Value,
} from './values/value.ts';
export { weightOf } from './values/weight.ts';
