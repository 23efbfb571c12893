/** A query -> the operators that run it, clause by clause. The analysis has promised that names and types fit. */
import type { Analysis } from '../../semantics/analysis.ts';
import type { Clause, MatchClause, RegularQuery, ReturnClause, SingleQuery } from '../../syntax/ast.ts';
import { compileCall, compileCallSubquery } from '../clauses/call.ts';
import { compileCounting } from '../clauses/counting.ts';
import { compileCreate } from '../clauses/create.ts';
import { compileDelete } from '../clauses/delete.ts';
import { compileForeach } from '../clauses/foreach.ts';
import { compileMatch } from '../clauses/match.ts';
import { compileMerge } from '../clauses/merge.ts';
import { compileProjection, distinct, inSequence } from '../clauses/projection.ts';
import { compileRemove, compileSet } from '../clauses/set.ts';
import { compileUnwind } from '../clauses/unwind.ts';
import { Slots } from '../row.ts';
import { type Batches, collectRows, Holding, type Operator, profiled, type Run, rowsOf } from '../run.ts';
import { compilePatternLike } from './pattern-like.ts';
import type { CompiledQuery, PlanEnvironment, Procedure } from './plan-environment.ts';
import { Usages, Uses } from './usage.ts';

/** For a query that stands by itself. */
export const planEnvironment = (
  procedures: ReadonlyMap<string, Procedure>,
  readOnly: boolean,
  analysis: Analysis,
): PlanEnvironment => ({
  analysis,
  procedures,
  readOnly,
  outer: [],
  compilers: { query: compileQuery, clauses: compileClauses, patternLike: compilePatternLike },
});

export function compileQuery(
  query: RegularQuery,
  imports: readonly string[],
  environment: PlanEnvironment,
): CompiledQuery {
  const parts = query.parts.map((part) => compileSingle(part, imports, environment));
  const [first] = parts;
  if (first === undefined) throw new Error('a query without parts');
  if (parts.length === 1) return first;
  const aligned = parts.map((part) => alignedTo(first.columns, part));
  const union: Operator = (input, run) => inTurn(input, run, aligned);
  const slots = first.columns.map((_, at) => at);
  const isDistinct = query.unions.includes('UNION');
  return {
    ...first,
    operator: isDistinct ? inSequence([union, (rows, run) => distinct(rows, run, slots)]) : union,
  };
}

/** Columns of the parts of a UNION have the same names, but not always the same order. */
function alignedTo(columns: readonly string[], part: CompiledQuery): Operator {
  const places = columns.map((name) => part.columns.indexOf(name));
  if (places.every((place, at) => place === at)) return part.operator;
  return async function* align(input, run) {
    for await (const batch of part.operator(input, run)) {
      yield batch.map((row) => places.map((place) => row[place] ?? null));
    }
  };
}

async function* inTurn(input: Batches, run: Run, operators: readonly Operator[]): Batches {
  const holding = new Holding(run);
  const rows = await collectRows(input, holding);
  for (const operator of operators) yield* operator(rowsOf(rows), run);
  holding.release();
}

function compileSingle(
  { clauses }: SingleQuery,
  imports: readonly string[],
  environment: PlanEnvironment,
): CompiledQuery {
  return compileClauses(clauses, new Slots(imports), environment);
}

function compileClauses(
  clauses: readonly Clause[],
  scope: Slots,
  environment: PlanEnvironment,
): CompiledQuery {
  const stages: Operator[] = [];
  let slots = scope;
  let columns: readonly string[] = [];
  let returns = false;
  const uses = environment.readOnly ? new Uses(clauses) : undefined;
  for (const [at, clause] of clauses.entries()) {
    switch (clause.kind) {
      case 'with':
      case 'return': {
        const projection = compileProjection(clause, slots, environment);
        stages.push(profiled(clause, projection.operator));
        slots = projection.slots;
        if (clause.kind === 'return') {
          columns = projection.columns;
          returns = true;
        }
        break;
      }
      case 'call-procedure': {
        const call = compileCall(clause, slots, environment);
        stages.push(profiled(clause, call.operator));
        if (environment.analysis.calls.get(clause)?.standalone === true && call.columns.length > 0) {
          const places = call.columns.map((name) => slots.slotOf(name) ?? 0);
          stages.push((batches) => picked(batches, places));
          columns = call.columns;
          returns = true;
        }
        break;
      }
      case 'match': {
        const next = clauses[at + 1];
        const isAll =
          at === 0 && clauses.length === 2 && environment.readOnly && environment.outer.length === 0;
        const usages = uses && new Usages(clause, at, uses);
        if (isAll && next?.kind === 'return') {
          const counted = counting(clause, next, slots, usages, environment);
          if (counted !== undefined) return counted;
        }
        stages.push(profiled(clause, compileMatch(clause, slots, environment, usages)));
        break;
      }
      default:
        stages.push(profiled(clause, compileClause(clause, slots, environment)));
    }
  }
  return { operator: inSequence(stages), columns, returns };
}

/** A query that only counts what it matches. */
function counting(
  match: MatchClause,
  projection: ReturnClause,
  slots: Slots,
  usages: Usages | undefined,
  environment: PlanEnvironment,
): CompiledQuery | undefined {
  const long = slots.child();
  const matching = compileMatch(match, long, environment, usages);
  const { operator, columns } = compileProjection(projection, long, environment);
  const whole = inSequence([profiled(match, matching), operator]);
  const counted = compileCounting(match, projection, slots, environment, whole);
  return counted && { operator: profiled(projection, counted), columns, returns: true };
}

async function* picked(batches: Batches, slots: readonly number[]): Batches {
  for await (const batch of batches) yield batch.map((row) => slots.map((slot) => row[slot] ?? null));
}

type OtherClause = Exclude<Clause, { readonly kind: 'match' | 'with' | 'return' | 'call-procedure' }>;

function compileClause(clause: OtherClause, slots: Slots, environment: PlanEnvironment): Operator {
  switch (clause.kind) {
    case 'unwind':
      return compileUnwind(clause, slots, environment);
    case 'create':
      return compileCreate(clause, slots, environment);
    case 'merge':
      return compileMerge(clause, slots, environment);
    case 'set':
      return compileSet(clause, slots, environment);
    case 'remove':
      return compileRemove(clause, slots, environment);
    case 'delete':
      return compileDelete(clause, slots, environment);
    case 'foreach':
      return compileForeach(clause, slots, environment);
    case 'call-subquery':
      return compileCallSubquery(clause, slots, environment);
  }
}
