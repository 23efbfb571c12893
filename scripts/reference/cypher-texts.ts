/** What the page docs/reference/cypher.md says in prose, between its generated parts. */
import { table } from './markdown.ts';

export const INTRODUCTION = `openCypher, with the additions that users of today's graph databases write daily. One statement a request; \`;\` at its
end is allowed. A query is all or nothing: when it fails, it has changed nothing, also inside a transaction, which goes on.
Each clause sees what the clauses before it have done, and none of what comes after. Without ORDER BY rows come in no
particular order. A column without a name is called by the text of its expression.

Results below are written as literals: \`(:Label {key: value})\` is a node, \`[:TYPE]\` a relationship, \`<(…)-[…]->(…)>\` a
path; temporal values are shown as their text. Every example here runs as a test.`;

export const TYPES = `${table(
  ['Type', 'Values'],
  [
    ['`BOOLEAN`', '`true`, `false`'],
    ['`INTEGER`', 'Of 64 bits with sign: `1`, `1_000`, `0x1F`, `0o17`'],
    ['`FLOAT`', 'IEEE 754 of 64 bits, with `NaN` and infinities: `1.0`, `.5`, `1e3`'],
    [
      '`STRING`',
      'Unicode; lengths and positions count characters. `\\n`, `\\t`, `\\u00e9` and the like are escapes',
    ],
    [
      '`DATE`, `LOCAL TIME`, `ZONED TIME`, `LOCAL DATETIME`, `ZONED DATETIME`',
      'To the nanosecond, in the years ±999,999,999',
    ],
    ['`DURATION`', 'Months, days, seconds and nanoseconds, which are kept apart'],
    ['`POINT`', 'Cartesian (SRID 7203, 9157) or WGS-84 (4326, 4979), in two or three dimensions'],
    ['`LIST`, `MAP`', 'Of any values; a property holds a list of scalars and no map'],
    ['`NODE`, `RELATIONSHIP`, `PATH`', 'What patterns find'],
  ],
)}

Order, ascending: maps, nodes, relationships, lists, paths, zoned and local datetimes, dates, times, durations, strings,
booleans, numbers (NaN last), null. DISTINCT and grouping take null for equal to null, NaN to NaN and 1 to 1.0.`;

export const ERRORS = `An error has a code (see [errors.md](errors.md)), a type and a detail of openCypher, a phase, and where it is known the
position in the text, counted from 1. Everything that can be known without running is an error at compile time.

${table(
  ['Type', 'Code', 'When'],
  [
    ['SyntaxError', '`INVALID_CYPHER`', 'The text is wrong, or cannot mean anything'],
    ['SemanticError', '`CYPHER_SEMANTIC_ERROR`', 'MERGE with null'],
    ['TypeError', '`CYPHER_TYPE_ERROR`', 'A value of the wrong type'],
    ['ArgumentError', '`CYPHER_ARGUMENT_ERROR`', 'A value of the right type that does not fit'],
    ['ArithmeticError', '`CYPHER_ARITHMETIC_ERROR`', 'Division of INTEGERs by zero, INTEGER overflow'],
    ['EntityNotFound', '`ENTITY_NOT_FOUND`', 'Reading what this query has deleted'],
    ['ParameterMissing', '`PARAMETER_MISSING`', 'A parameter that was not sent'],
    ['ProcedureError', '`PROCEDURE_ERROR`', 'A procedure that does not exist'],
    [
      'ConstraintVerificationFailed',
      '`GRAPH_CONSTRAINT_VIOLATION`',
      'Deleting a node that has relationships',
    ],
    ['ConstraintValidationFailed', '`GRAPH_CONSTRAINT_VIOLATION`', 'A change that a constraint forbids'],
  ],
)}`;

export const REFUSED = `These are refused by name: LOAD CSV (send the rows as a parameter and UNWIND them), USE, hints with USING, CALL { } IN
TRANSACTIONS, and options after CYPHER.`;
