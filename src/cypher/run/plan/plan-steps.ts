/** What a compiled query does, clause by clause, for those who want to see its plan. Nothing runs by this. */
import type { Clause, RegularQuery, Span } from '../../syntax/ast.ts';
import type { MatchPlan } from './match-plan.ts';
import type { Planned } from './plan-environment.ts';

export interface PlanStep {
  /** Of the clause, or of the expression that looks for a pattern. */
  readonly kind: Clause['kind'] | Planned['kind'];
  /** The clause or expression itself, which is what a Profile knows it by. */
  readonly source: object;
  /** The text of it. */
  readonly text: string;
  /** Which part of the outermost UNION it stands in, from 0. */
  readonly part: number;
  /** Absent for what looks for nothing. */
  readonly plan: MatchPlan | undefined;
  /** Texts of the conjuncts of the plan, in their order. */
  readonly conditions: readonly string[];
}

/** In the order of the text. */
export function planSteps(
  text: string,
  query: RegularQuery,
  plans: ReadonlyMap<Planned, MatchPlan>,
): readonly PlanStep[] {
  const steps = new Map<Clause | Planned, MatchPlan | undefined>();
  for (const clause of clausesOf(query)) steps.set(clause, undefined);
  for (const [planned, plan] of plans) steps.set(planned, plan);
  const starts = query.parts.map(({ clauses }) => clauses[0]?.span.start ?? 0);
  return [...steps]
    .sort(([{ span: left }], [{ span: right }]) => left.start - right.start || right.end - left.end)
    .map(([source, plan]) => ({
      kind: source.kind,
      source,
      text: textOf(text, source.span),
      part: Math.max(
        0,
        starts.findLastIndex((start) => start <= source.span.start),
      ),
      plan,
      conditions: (plan?.conjuncts ?? []).map(({ expression }) => textOf(text, expression.span)),
    }));
}

const textOf = (text: string, { start, end }: Span): string => text.slice(start, end);

function clausesOf({ parts }: RegularQuery): readonly Clause[] {
  return parts.flatMap(({ clauses }) => clauses.flatMap(withInner));
}

function withInner(clause: Clause): readonly Clause[] {
  if (clause.kind === 'call-subquery') return [clause, ...clausesOf(clause.query)];
  if (clause.kind === 'foreach') return [clause, ...clause.clauses.flatMap(withInner)];
  return [clause];
}
