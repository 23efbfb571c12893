/** No relationship twice within a MATCH, over all its paths: which ones could be the same, and SQL that they are not. */
import { alternatives, type RelationshipStep } from '../../../cypher/index.ts';

/** A relationship, or a list of them, that a match has already; in SQL, by identity. */
export interface UsedRelationship {
  readonly sql: string;
  readonly list: boolean;
}

export interface FoundRelationship extends UsedRelationship {
  readonly step: RelationshipStep;
  /** Those that it was kept off where it was found. */
  readonly others: readonly UsedRelationship[];
}

/** False when no relationship has a type that both ask for. */
export function mayBeSame(one: RelationshipStep, other: RelationshipStep): boolean {
  const types = one.types && alternatives(one.types);
  const others = other.types && alternatives(other.types);
  return types === undefined || others === undefined || types.some((type) => others.includes(type));
}

/** Conditions that keep all of them apart that were not kept apart where they were found. */
export function keptApart(all: readonly FoundRelationship[]): readonly string[] {
  return all.flatMap((one, at) =>
    all
      .slice(at + 1)
      .filter((other) => !other.others.includes(one) && mayBeSame(one.step, other.step))
      .map((other) => differentSql(one, other)),
  );
}

function differentSql(one: UsedRelationship, other: UsedRelationship): string {
  if (one.list && other.list) return `NOT ${one.sql} && ${other.sql}`;
  if (one.list) return `${other.sql} <> ALL (${one.sql})`;
  return `${one.sql} <> ${other.list ? `ALL (${other.sql})` : other.sql}`;
}
