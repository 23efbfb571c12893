/**
 * VECTOR(n) in SQL texts, by what the server has: pgvector's type, or domains over real[] that are made when a text asks
 * for one of that length. Put around the operations that take SQL text. Not how texts are read: that is vector-text.ts.
 */
import { FacetError, LIMITS } from '../../base/index.ts';
import { type Database, readTokens, statement } from '../../engine/index.ts';
import type { OperationContext } from '../operation.ts';
import { mayHaveVectors, vectorText } from './vector-text.ts';

type Run<Input, Output> = (context: OperationContext, input: Input) => Promise<Output>;

/** `run` for texts that may have vectors in them. Most have none: those cost a glance. */
export function withVectors<Input extends { readonly sql: string }, Output>(
  run: Run<Input, Output>,
): Run<Input, Output> {
  const rewritten: Run<Input, Output> = async (context, input) =>
    await run(context, { ...input, sql: await withTypes(context, input.sql) });
  return (context, input) =>
    (mayHaveVectors(input.sql) ? rewritten : run)(context, input).catch((error: unknown) => {
      throw asVectorError(error, input.sql);
    });
}

/** `run` for a list of such texts. */
export function withVectorsInAll<Input extends { readonly statements: readonly { sql: string }[] }, Output>(
  run: Run<Input, Output>,
): Run<Input, Output> {
  return withVectorErrors(async (context, input) => {
    const statements = [];
    for (const one of input.statements) statements.push({ ...one, sql: await withTypes(context, one.sql) });
    return await run(context, { ...input, statements });
  });
}

/** `run`, with violations of the checks that vectors have told as what they are. */
export function withVectorErrors<Input, Output>(run: Run<Input, Output>): Run<Input, Output> {
  return (context, input) =>
    run(context, input).catch((error: unknown) => {
      throw asVectorError(error);
    });
}

/** What PostgreSQL says when a domain of ours, or the check of a column of type Vector(n), is violated. */
const DIMENSIONS = /check constraint "(?:[^"]*?_)?d?(\d+)_vector_dimensions"/;
const NUMBERS = /check constraint "[^"]*vector_numbers"/;
/** What our distance functions fail with. */
const MISMATCH = /"different vector dimensions (\d+) and (\d+)"/;

/** `sql`: the text, to say where in it, when there is one. */
function asVectorError(error: unknown, sql?: string): unknown {
  if (!(error instanceof FacetError)) return error;
  const details = { detail: error.detail, sqlState: error.sqlState, statementIndex: error.statementIndex };
  const violation = error.code === 'CHECK_VIOLATION' ? error.message : '';
  const length = DIMENSIONS.exec(violation)?.[1];
  if (length !== undefined) {
    return new FacetError('VECTOR_DIMENSION_MISMATCH', `The vector must have ${length} dimensions`, details);
  }
  if (NUMBERS.test(violation)) {
    return new FacetError(
      'INVALID_VECTOR',
      'The components of a vector are finite numbers, without NULL',
      details,
    );
  }
  const [, one, other] = MISMATCH.exec(error.code === 'INVALID_VALUE' ? error.message : '') ?? [];
  if (one === undefined) return asIndexError(error, sql);
  return new FacetError(
    'VECTOR_DIMENSION_MISMATCH',
    `The vectors have different dimensions: ${one} and ${other}`,
    details,
  );
}

/** What PostgreSQL says to `CREATE INDEX … USING hnsw` where pgvector is not there. */
const VECTOR_METHOD = /^access method "(hnsw|ivfflat|ivf_pq)" does not exist$/;

function asIndexError(error: FacetError, sql: string | undefined): FacetError {
  const method = VECTOR_METHOD.exec(error.message)?.[1];
  if (method === undefined) return error;
  return new FacetError(
    'FEATURE_NOT_SUPPORTED',
    `An index of type ${method} is made by a statement of its own, outside of transactions`,
    {
      detail: error.detail,
      sqlState: error.sqlState,
      statementIndex: error.statementIndex,
      position: sql === undefined ? undefined : placeOfMethod(sql),
      hint: `It is made by the same text without a transaction, or by the operation that creates indexes, POST /api/v1/indexes, with the type ${method === 'hnsw' ? 'hnsw' : 'ivf_pq'}.`,
    },
  );
}

/** PostgreSQL does not say where: it is the word behind USING. Counted from 1. */
function placeOfMethod(sql: string): number | undefined {
  const pieces = readTokens(sql);
  const using = pieces.findIndex(({ text }) => text.toUpperCase() === 'USING');
  const method = using < 0 ? undefined : pieces[using + 1];
  return method === undefined ? undefined : method.from + 1;
}

/** How a database does vectors: asked for once. */
interface Kind {
  readonly pgvector: boolean;
  /** Lengths whose domains are there. */
  readonly domains: Set<number>;
}

const KINDS = new WeakMap<Database, Promise<Kind>>();

/** @throws INVALID_TYPE */
async function withTypes(context: OperationContext, sql: string): Promise<string> {
  const text = vectorText(sql);
  if (text.sql === sql && text.dimensions.length === 0) return sql;
  const kind = await kindOf(context.database);
  if (kind.pgvector) return sql;
  for (const dimensions of text.dimensions) {
    if (!kind.domains.has(dimensions)) await makeDomain(context, kind, dimensions);
  }
  return text.sql;
}

/** False where indexes on vectors are ours, and PostgreSQL does not know them. */
export const hasPgvector = async (database: Database): Promise<boolean> => (await kindOf(database)).pgvector;

function kindOf(database: Database): Promise<Kind> {
  const known = KINDS.get(database);
  if (known !== undefined) return known;
  const finding = findKind(database);
  KINDS.set(database, finding);
  finding.catch(() => KINDS.delete(database));
  return finding;
}

const EXTENSION = statement(
  'sql.vectors.extension',
  `SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'vector'),
     EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'vector'),
     (SELECT json_agg(substr(typname, 2)::int) FROM pg_catalog.pg_type
      WHERE typnamespace = 'vector'::regnamespace AND typtype = 'd' AND typname ~ '^d[0-9]+$')`,
);

const CREATE_EXTENSION = statement(
  'sql.vectors.create_extension',
  'CREATE EXTENSION IF NOT EXISTS vector SCHEMA public',
);

async function findKind(database: Database): Promise<Kind> {
  const { rows } = await database.run(EXTENSION);
  const [installed, available, domains] = rows[0] ?? [];
  const known = new Set(JSON.parse(domains ?? '[]') as number[]);
  // Whoever has domains goes on with them: two kinds of vectors in one database would help nobody.
  if (installed !== 't' && available === 't' && known.size === 0) {
    const made = await database.run(CREATE_EXTENSION).catch(() => undefined);
    return { pgvector: made !== undefined, domains: known };
  }
  return { pgvector: installed === 't', domains: known };
}

/** By itself, so that it stays when the transaction of the text is rolled back. */
async function makeDomain(context: OperationContext, kind: Kind, dimensions: number): Promise<void> {
  if (context.principal.role === 'read') {
    throw new FacetError(
      'INVALID_TYPE',
      `There is no type VECTOR(${dimensions}) here: no table has had such a column`,
      {
        hint: `A vector of any length is '[…]'::vector.`,
      },
    );
  }
  if (kind.domains.size >= LIMITS.vectorTypesMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `There are vectors of ${kind.domains.size} lengths, which is the most (vectorTypesMax)`,
    );
  }
  const { database, signal } = context;
  const creation = statement(
    'sql.vectors.create_domain',
    `CREATE DOMAIN vector.d${dimensions} AS real[]
       CONSTRAINT d${dimensions}_vector_dimensions CHECK (${dimensionsCheck('VALUE', dimensions)})
       CONSTRAINT d${dimensions}_vector_numbers CHECK (${numbersCheck('VALUE')})`,
  );
  try {
    await database.run(creation, [], { signal });
  } catch (error) {
    // Somebody was faster; a race ends in the catalog's own unique index.
    const there = ['OBJECT_ALREADY_EXISTS', 'UNIQUE_VIOLATION'];
    if (!(error instanceof FacetError) || !there.includes(error.code)) throw error;
  }
  kind.domains.add(dimensions);
}

/** SQL: the array is a list of so many elements. */
export const dimensionsCheck = (value: string, dimensions: number): string =>
  `cardinality(${value}) = ${dimensions} AND array_ndims(${value}) = 1`;

/** SQL: all elements are finite numbers. */
export const numbersCheck = (value: string): string =>
  ['NULL', "'NaN'", "'Infinity'", "'-Infinity'"]
    .map((none) => `array_position(${value}, ${none}) IS NULL`)
    .join(' AND ');
