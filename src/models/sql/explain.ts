/**
 * The plan of a statement. With `analyze` the statement runs: in the caller's transaction if there is one, else in one
 * that is rolled back, so that looking at a plan changes nothing.
 */
import { FacetError, randomHex } from '../../base/index.ts';
import type { Parameter, ResultSet, Transaction } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { allowedTimeoutMs } from '../operator-limits.ts';
import { parameterTypes } from './parameter-types.ts';
import { parameterTexts } from './parameters.ts';
import { planDot } from './plan-dot.ts';
import { type PostgresNode, planTree } from './plan-tree.ts';
import type { ExplainInput, ExplainResult } from './statement-schemas.ts';
import { FORCE_GENERIC_PLAN } from './statements.ts';
import { assertAllowed, isReader, readStatement } from './user-statement.ts';
import { withoutWrites } from './without-writes.ts';

/**
 * @throws FEATURE_NOT_SUPPORTED for statements without a plan, MISSING_PARAMETER for `analyze` without the values of
 *   placeholders, and whatever PostgreSQL finds wrong with the statement
 */
export async function explain(context: OperationContext, input: ExplainInput): Promise<ExplainResult> {
  const statement = readStatement(input.sql);
  assertAllowed(context, statement);
  if (UTILITIES.has(statement.text.verb)) {
    throw new FacetError('FEATURE_NOT_SUPPORTED', `${statement.text.verb} has no plan to explain`, {
      hint: 'SELECT, INSERT, UPDATE, DELETE, MERGE and VALUES have one.',
    });
  }
  return await withoutWrites(context, input.readOnly, (inside) => explainWithin(inside, input));
}

async function explainWithin(context: OperationContext, input: ExplainInput): Promise<ExplainResult> {
  const format = input.format ?? 'json';
  const prefix = explainPrefix(input, format);
  const values = await valuesOf(context, input);
  const result =
    'placeholders' in values
      ? await runGeneric(context, input, prefix, values.placeholders)
      : await run(context, input, prefix, values.parameters);
  const cells = result.rows.map((row) => row[0] ?? '');
  return format === 'text' ? textPlan(cells) : treePlan(cells.join('\n'), input, format);
}

/** Verbs that PostgreSQL knows as commands without a plan; a misspelt one gets its syntax error instead. */
const UTILITIES = new Set(
  `ALTER ANALYZE CALL CHECKPOINT CLOSE CLUSTER COMMENT COPY CREATE DECLARE DO DROP EXECUTE EXPLAIN FETCH GRANT IMPORT
  LOCK MOVE NOTIFY PREPARE REASSIGN REFRESH REINDEX RELEASE RESET REVOKE ROLLBACK SAVEPOINT SECURITY SET SHOW TRUNCATE
  VACUUM DEALLOCATE LOAD`.split(/\s+/),
);

type Values =
  | { readonly parameters: readonly Parameter[] }
  /** That many placeholders have no values: the plan must hold for all. */
  | { readonly placeholders: number };

async function valuesOf(context: OperationContext, input: ExplainInput): Promise<Values> {
  const types = () => parameterTypes(context, input.sql);
  const parameters = await parameterTexts(input.params, types);
  if (parameters.length > 0 || !/\$\d/.test(input.sql)) return { parameters };
  const placeholders = (await types()).length;
  if (placeholders === 0) return { parameters };
  if (input.analyze === true) {
    throw new FacetError('MISSING_PARAMETER', "'params' is required: `analyze` runs the statement", {
      hint: 'Give a value for each placeholder, or leave out analyze.',
    });
  }
  return { placeholders };
}

/** SUMMARY because planning time is left out otherwise; BUFFERS because it is on with ANALYZE since version 18. */
function explainPrefix(input: ExplainInput, format: string): string {
  const options = [
    `FORMAT ${format === 'text' ? 'TEXT' : 'JSON'}`,
    `ANALYZE ${input.analyze === true}`,
    `VERBOSE ${input.verbose === true}`,
    'SUMMARY true',
    'BUFFERS false',
  ];
  return `EXPLAIN (${options.join(', ')}) `;
}

async function run(
  context: OperationContext,
  input: ExplainInput,
  prefix: string,
  parameters: readonly Parameter[],
): Promise<ResultSet> {
  const { database, transaction } = context;
  const options = runOptions(context, input);
  const inside = (own: Transaction | undefined): Promise<ResultSet> =>
    withOwnPositions(prefix.length, () =>
      database.runUser(`${prefix}${input.sql}`, parameters, { ...options, transaction: own }),
    );
  if (input.analyze !== true || transaction !== undefined) return await inside(transaction);
  return await database.inTransaction(inside, { ...options, rollback: true });
}

/**
 * The plan for all values. EXPLAIN (GENERIC_PLAN) takes placeholders in the simple protocol only, where no values are
 * bound; planning a statement that is prepared in SQL gives the same, in all versions.
 */
async function runGeneric(
  context: OperationContext,
  input: ExplainInput,
  prefix: string,
  placeholders: number,
): Promise<ResultSet> {
  const { database, transaction } = context;
  const options = runOptions(context, input);
  const name = `facet_${randomHex(8)}`;
  const preparing = `PREPARE ${name} AS `;
  const nulls = Array.from({ length: placeholders }, () => 'NULL').join(', ');
  return await database.inTransaction(
    async (own) => {
      const ours = { ...options, transaction: own, composed: true };
      await database.run(FORCE_GENERIC_PLAN, [], ours);
      await withOwnPositions(preparing.length, () => database.runUser(`${preparing}${input.sql}`, [], ours));
      const result = await database.runUser(`${prefix}EXECUTE ${name}(${nulls})`, [], ours);
      await database.runUser(`DEALLOCATE ${name}`, [], ours);
      return result;
    },
    { ...options, transaction, rollback: true },
  );
}

const runOptions = (context: OperationContext, input: ExplainInput) => ({
  signal: context.signal,
  timeoutMs: allowedTimeoutMs(context, input.timeoutMs),
  readOnly: input.readOnly === true || isReader(context),
});

/** Positions in errors count from the beginning of the client's text. */
async function withOwnPositions<T>(prefixLength: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FacetError) || error.position === undefined) throw error;
    const position = error.position - prefixLength;
    throw new FacetError(
      error.code,
      error.message.replace(` at position ${error.position}`, ` at position ${position}`),
      {
        detail: error.detail,
        hint: error.hint,
        sqlState: error.sqlState,
        position,
        cause: error.cause,
      },
    );
  }
}

/** PostgreSQL gives one line per row; the times stand at the end. */
function textPlan(lines: readonly string[]): ExplainResult {
  const time = (label: string): number | undefined => {
    const line = lines.findLast((candidate) => candidate.startsWith(`${label} Time: `));
    return line === undefined ? undefined : Number.parseFloat(line.slice(label.length + ' Time: '.length));
  };
  const executionTimeMs = time('Execution');
  return {
    plan: lines.join('\n'),
    planningTimeMs: time('Planning') ?? 0,
    ...(executionTimeMs === undefined ? {} : { executionTimeMs }),
  };
}

function treePlan(json: string, input: ExplainInput, format: 'json' | 'dot'): ExplainResult {
  const [explained] = JSON.parse(json) as [PostgresNode];
  const tree = planTree(explained.Plan as PostgresNode, input.verbose === true);
  const executionTimeMs = explained['Execution Time'];
  return {
    plan: format === 'dot' ? planDot(tree) : tree,
    planningTimeMs: Number(explained['Planning Time'] ?? 0),
    ...(typeof executionTimeMs === 'number' ? { executionTimeMs } : {}),
  };
}
