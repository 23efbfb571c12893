/**
 * A MATCH clause as matchers take it: names resolved to slots of the row, labels as they were written, everything that
 * must be computed as compiled expressions beside its tree (a matcher that knows SQL wants the tree).
 */
import type { ComparisonOperator, Expression, LabelExpression } from '../../syntax/ast.ts';
import type { Evaluate } from '../expressions/compile.ts';
import type { Usage } from './usage.ts';

export type { Usage };

export interface Computed {
  readonly expression: Expression;
  /** True if it depends on nothing that the same clause binds: its value is known before the search begins. */
  readonly given: boolean;
  readonly evaluate: Evaluate;
}

export interface PropertyTest {
  readonly key: string;
  readonly value: Computed;
}

/** `whole` is for a parameter in the place of the map. */
export interface PropertyTests {
  readonly entries: readonly PropertyTest[];
  readonly whole: Computed | undefined;
}

export interface NodeStep {
  readonly slot: number;
  readonly usage: Usage;
  /** True when the slot is filled before this pattern part is reached, by an earlier clause or part. */
  readonly bound: boolean;
  readonly labels: LabelExpression | undefined;
  readonly properties: PropertyTests | undefined;
  readonly where: Computed | undefined;
}

export interface RelationshipStep {
  readonly slot: number;
  readonly usage: Usage;
  readonly bound: boolean;
  readonly direction: 'right' | 'left' | 'both';
  readonly types: LabelExpression | undefined;
  readonly properties: PropertyTests | undefined;
  readonly where: Computed | undefined;
  /** Present for a variable length: the slot then holds a list. `max` undefined means no bound. */
  readonly length: { readonly min: number; readonly max: number | undefined } | undefined;
}

/** Must be true of every relationship, or of every node, of a path: with the one that is tested in `slot`. */
export interface EachTest {
  readonly of: 'relationships' | 'nodes';
  readonly slot: number;
  readonly test: Computed;
}

/** Parts of WHERE that a search for shortest paths has to know, since the shortest of those that pass is wanted. */
export interface PathTests {
  /** Need the ends, and nothing of the way between them. */
  readonly ends: readonly Computed[];
  readonly each: readonly EachTest[];
  /** Need the whole path. */
  readonly whole: readonly Computed[];
}

export interface PathStep {
  readonly pathSlot: number | undefined;
  readonly shortest: 'shortestPath' | 'allShortestPaths' | undefined;
  readonly nodes: readonly NodeStep[];
  readonly relationships: readonly RelationshipStep[];
  /** Of a shortest path in a MATCH with WHERE. */
  readonly tests?: PathTests | undefined;
}

/** What a side of a comparison is: known beforehand, or something of what a slot will hold. */
export type Operand =
  | { readonly kind: 'given'; readonly value: Computed }
  | { readonly kind: 'property'; readonly slot: number; readonly key: string }
  | { readonly kind: 'entity' | 'id' | 'element-id' | 'type'; readonly slot: number };

export type TestOperator = ComparisonOperator | 'IN' | 'STARTS WITH' | 'ENDS WITH' | 'CONTAINS';

export type Condition =
  | {
      readonly kind: 'test';
      readonly operator: TestOperator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: 'null-test'; readonly slot: number; readonly key: string; readonly negated: boolean }
  | {
      readonly kind: 'labels';
      readonly slot: number;
      readonly labels: LabelExpression;
      readonly negated: boolean;
    }
  /** An operand of AND may be missing (undefined), one of OR never is. */
  | { readonly kind: 'and'; readonly operands: readonly (Condition | undefined)[] }
  | { readonly kind: 'or'; readonly operands: readonly Condition[] };

/** One part of a condition; the whole is true only if all parts are. */
export interface Conjunct {
  readonly expression: Expression;
  /** Undefined for what has no such form. */
  readonly condition: Condition | undefined;
}

export interface MatchPlan {
  /** Shortest paths come last: their tests may need what the others find. */
  readonly paths: readonly PathStep[];
  readonly where: Computed | undefined;
  /**
   * What must be true of every match, from its WHERE (also where that is not in `where`) and those inside its patterns:
   * a matcher may leave out rows for which one of them is not, and need not.
   */
  readonly conjuncts: readonly Conjunct[];
  /** Slots of a row with everything that this clause binds. */
  readonly width: number;
}
