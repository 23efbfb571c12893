/** What the fields at the top of queries and mutations do: one operation each, and its result in the words of the schema. */
import type { GraphQLFieldResolver } from 'graphql';
import { LIMITS } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { rowToJson } from '../cells.ts';
import { encodersOf, rowsText } from '../codec.ts';
import { planOf, toWire } from '../field-names.ts';
import type { Caller } from './caller.ts';
import { RawJson } from './raw-json.ts';
import { selectedFields } from './selected-fields.ts';

/** Arguments as graphql-js has checked them; optional ones may be null. */
type Optional<T> = T | null | undefined;
type Resolver<Arguments> = GraphQLFieldResolver<unknown, Caller, Arguments>;
type Resolvers = Readonly<Record<string, Resolver<never>>>;

interface Sql {
  readonly sql: string;
  readonly params?: Optional<readonly unknown[]>;
}

const tables: Resolver<{ readonly schema?: Optional<string> }> = async (_, { schema }, caller, info) => {
  const selected = selectedFields(info);
  const described = await caller.call(models.sqlDescribeTables, {
    schema: schema ?? undefined,
    columns: selected.has('columns'),
    indexes: selected.has('indexes'),
    rowCount: selected.has('rowCount'),
  });
  return described.tables;
};

const query: Resolver<Sql> = async (_, { sql, params }, caller) => {
  const result = await caller.call(models.sqlQuery, { sql, params: params ?? undefined, readOnly: true });
  return {
    columns: result.columns.map(({ name }) => name),
    columnTypes: result.columns.map(({ type }) => type),
    rows: rowsOf(result, caller),
    rowCount: result.rowCount,
    executionTimeMs: result.executionTimeMs,
  };
};

/** One text, or the cells one by one where the document runs on the schema as it is declared. */
function rowsOf(result: models.QueryResult, caller: Caller): RawJson | (RawJson | null)[][] {
  const encoders = encodersOf(result.columns);
  if (caller.wholeRows) {
    const text = `[${rowsText(result.rows, encoders)}]`;
    caller.keep(text);
    return new RawJson(text);
  }
  return result.rows.map((row) => {
    caller.keep(rowToJson(row, encoders));
    return row.map((cell, at) => {
      const encoder = encoders[at];
      return cell === null || encoder === undefined ? null : new RawJson(encoder(cell));
    });
  });
}

interface Explain {
  readonly sql: string;
  readonly analyze?: Optional<boolean>;
  readonly verbose?: Optional<boolean>;
}

const EXPLANATION = planOf(models.sqlExplain.output);

/** The tree has the names of the REST API. */
const explain: Resolver<Explain> = async (_, { sql, analyze, verbose }, caller) => {
  const explained = await caller.call(models.sqlExplain, {
    sql,
    analyze: analyze ?? undefined,
    verbose: verbose ?? undefined,
    readOnly: caller.readOnly,
  });
  const { plan } = toWire(explained, EXPLANATION) as { readonly plan: unknown };
  const text = JSON.stringify(plan);
  caller.keep(text);
  return {
    plan: new RawJson(text),
    planningTimeMs: explained.planningTimeMs,
    executionTimeMs: explained.executionTimeMs,
  };
};

const nodes: Resolver<unknown> = async (_, _arguments, caller) =>
  (await caller.call(models.clusterNodes, { limit: LIMITS.pageRowsMax })).nodes;

interface CreateTable {
  readonly input: {
    readonly name: string;
    readonly schema?: Optional<string>;
    readonly engine?: Optional<string>;
    readonly columns: readonly {
      readonly name: string;
      readonly type: string;
      readonly nullable?: Optional<boolean>;
      readonly primaryKey?: Optional<boolean>;
      readonly default?: Optional<string>;
    }[];
    readonly ifNotExists?: Optional<boolean>;
  };
}

const createTable: Resolver<CreateTable> = async (_, { input }, caller) =>
  await caller.call(models.sqlCreateTable, {
    name: input.name,
    schema: input.schema ?? undefined,
    engine: input.engine ?? undefined,
    columns: input.columns.map((column) => ({
      name: column.name,
      type: column.type,
      nullable: column.nullable ?? undefined,
      primaryKey: column.primaryKey ?? undefined,
      default: column.default ?? undefined,
    })),
    ifNotExists: input.ifNotExists ?? undefined,
  });

interface DropTable {
  readonly name: string;
  readonly ifExists?: Optional<boolean>;
  readonly cascade?: Optional<boolean>;
}

const dropTable: Resolver<DropTable> = async (_, { name, ifExists, cascade }, caller) =>
  await caller.call(models.sqlDropTable, {
    table: name,
    ifExists: ifExists ?? undefined,
    cascade: cascade ?? undefined,
  });

/** Of a statement that changes nothing, the rows that it returned. */
const execute: Resolver<Sql> = async (_, { sql, params }, caller) => {
  const result = await caller.call(models.sqlQuery, { sql, params: params ?? undefined });
  return {
    rowsAffected: result.rowsAffected ?? result.rowCount,
    executionTimeMs: result.executionTimeMs,
  };
};

interface ExecuteTransaction {
  readonly statements: readonly Sql[];
  readonly isolationLevel?: Optional<string>;
}

/** What fails is an error with the place of its statement, so `committed` is never false. */
const executeTransaction: Resolver<ExecuteTransaction> = async (
  _,
  { statements, isolationLevel },
  caller,
) => {
  const done = await caller.call(models.sqlExecuteTransaction, {
    statements: statements.map(({ sql, params }) => ({ sql, params: params ?? undefined })),
    isolationLevel: isolationLevel?.toLowerCase(),
  });
  return { committed: true, results: done.results, totalExecutionTimeMs: done.executionTimeMs };
};

export const QUERY: Resolvers = { tables, query, explain, nodes };
export const MUTATION: Resolvers = { createTable, dropTable, execute, executeTransaction };
