/**
 * Finds patterns by trying: a node, a relationship at it, the next node, and back when nothing fits. Slow and plain on
 * purpose, since the matcher over SQL is compared with it.
 *
 * Within one MATCH no relationship is used twice, over all its paths together. A variable that is bound to null
 * matches nothing.
 */
import { argumentError } from '../../cypher-error.ts';
import { equals } from '../../values/equality.ts';
import { Node, Path, Relationship, type Value } from '../../values/value.ts';
import type { QueryContext } from '../context.ts';
import { passes } from '../expressions/predicate.ts';
import { labelsMatch, requiredLabels } from '../label-test.ts';
import { allPass, entityTest, requireTwoEnds } from '../path-tests.ts';
import type { MatchPlan, NodeStep, PathStep, PropertyTests, RelationshipStep } from '../plan/match-plan.ts';
import type { Row } from '../row.ts';
import type { MemoryGraph } from './memory-graph.ts';
import { type FoundPath, type Step, shortestPaths } from './shortest-path.ts';

/** Calls `found` with the row for every match; the row is reused, so whoever keeps it copies it. */
export function matchInMemory(
  graph: MemoryGraph,
  plan: MatchPlan,
  row: Row,
  context: QueryContext,
  found: (row: Row) => void,
): void {
  new Search(graph, plan, row, context, found).path(0);
}

class Search {
  readonly #graph: MemoryGraph;
  readonly #plan: MatchPlan;
  readonly #row: Row;
  readonly #context: QueryContext;
  readonly #found: (row: Row) => void;
  /** Relationships that this match uses already. */
  readonly #used = new Set<bigint>();

  constructor(
    graph: MemoryGraph,
    plan: MatchPlan,
    row: Row,
    context: QueryContext,
    found: (row: Row) => void,
  ) {
    this.#graph = graph;
    this.#plan = plan;
    this.#row = row;
    this.#context = context;
    this.#found = found;
  }

  path(index: number): void {
    const path = this.#plan.paths[index];
    if (path === undefined) {
      const { where } = this.#plan;
      if (where === undefined || passes(where.evaluate(this.#row, this.#context))) this.#found(this.#row);
      return;
    }
    const next = (): void => this.path(index + 1);
    if (path.shortest !== undefined) this.#shortest(path, next);
    else this.#fromNode(path, [], next);
  }

  #fromNode(path: PathStep, relationships: Relationship[], next: () => void): void {
    const step = path.nodes[0];
    if (step === undefined) return;
    for (const node of this.#candidates(step)) this.#node(path, 0, node, node, relationships, next);
  }

  /** Tries `node` for step `at` of a path that began at `start`; the way to here is in `relationships`. */
  #node(
    path: PathStep,
    at: number,
    node: Node,
    start: Node,
    relationships: Relationship[],
    next: () => void,
  ): void {
    const step = path.nodes[at];
    if (step === undefined) return;
    const before = this.#row[step.slot] ?? null;
    const isBound = step.bound || before !== null;
    if (isBound && !(before instanceof Node && before.id === node.id)) return;
    this.#row[step.slot] = node;
    if (this.#nodeFits(step, node)) {
      const relationship = path.relationships[at];
      if (relationship === undefined) this.#complete(path, start, relationships, next);
      else if (relationship.length === undefined)
        this.#expand(path, at, relationship, node, start, relationships, next);
      else this.#expandLength(path, at, relationship, node, start, relationships, next);
    }
    this.#row[step.slot] = before;
  }

  #complete(path: PathStep, start: Node, relationships: readonly Relationship[], next: () => void): void {
    if (path.pathSlot === undefined) {
      next();
      return;
    }
    const before = this.#row[path.pathSlot] ?? null;
    this.#row[path.pathSlot] = this.#pathFrom(start, relationships);
    next();
    this.#row[path.pathSlot] = before;
  }

  #pathFrom(start: Node, relationships: readonly Relationship[]): Path {
    const nodes = [start];
    let last = start;
    for (const { startId, endId } of relationships) {
      const next = this.#graph.nodes.get(startId === last.id ? endId : startId);
      if (next === undefined) break;
      nodes.push(next);
      last = next;
    }
    return new Path(nodes, [...relationships]);
  }

  #expand(
    path: PathStep,
    at: number,
    step: RelationshipStep,
    from: Node,
    start: Node,
    relationships: Relationship[],
    next: () => void,
  ): void {
    const before = this.#row[step.slot] ?? null;
    const isBound = step.bound || before !== null;
    for (const { relationship, to } of this.#steps(from, step)) {
      if (this.#used.has(relationship.id)) continue;
      if (isBound && !(before instanceof Relationship && before.id === relationship.id)) continue;
      this.#row[step.slot] = relationship;
      if (this.#relationshipFits(step, relationship)) {
        this.#used.add(relationship.id);
        relationships.push(relationship);
        this.#node(path, at + 1, to, start, relationships, next);
        relationships.pop();
        this.#used.delete(relationship.id);
      }
      this.#row[step.slot] = before;
    }
  }

  /** Every trail from `from` whose length lies between the bounds; of a list that is bound, that very sequence. */
  #expandLength(
    path: PathStep,
    at: number,
    step: RelationshipStep,
    from: Node,
    start: Node,
    relationships: Relationship[],
    next: () => void,
  ): void {
    const { min = 1, max } = step.length ?? {};
    const before = this.#row[step.slot] ?? null;
    const isBound = step.bound || before !== null;
    const given = isBound ? listOfRelationships(before) : undefined;
    if (isBound && given === undefined) return;
    const trail: Relationship[] = [];
    const walk = (node: Node): void => {
      if (trail.length >= min && (given === undefined || trail.length === given.length)) {
        this.#row[step.slot] = given === undefined ? [...trail] : before;
        this.#node(path, at + 1, node, start, relationships, next);
        this.#row[step.slot] = before;
      }
      if (max !== undefined && trail.length >= max) return;
      for (const { relationship, to } of this.#steps(node, step)) {
        if (this.#used.has(relationship.id)) continue;
        if (given !== undefined && given[trail.length]?.id !== relationship.id) continue;
        this.#row[step.slot] = relationship;
        const fits = this.#relationshipFits(step, relationship);
        this.#row[step.slot] = before;
        if (!fits) continue;
        this.#used.add(relationship.id);
        trail.push(relationship);
        relationships.push(relationship);
        walk(to);
        relationships.pop();
        trail.pop();
        this.#used.delete(relationship.id);
      }
    };
    walk(from);
  }

  #shortest(path: PathStep, next: () => void): void {
    const [first, last] = [path.nodes[0], path.nodes.at(-1)];
    const step = path.relationships[0];
    if (first === undefined || last === undefined || step === undefined || path.relationships.length !== 1) {
      throw argumentError('InvalidArgumentValue', 'shortestPath takes a pattern with a single relationship');
    }
    for (const start of this.#candidates(first)) {
      const startBefore = this.#row[first.slot] ?? null;
      this.#row[first.slot] = start;
      if (this.#nodeFits(first, start)) {
        for (const end of this.#candidates(last)) {
          const endBefore = this.#row[last.slot] ?? null;
          this.#row[last.slot] = end;
          if (this.#nodeFits(last, end)) this.#connect(path, step, start, end, next);
          this.#row[last.slot] = endBefore;
        }
      }
      this.#row[first.slot] = startBefore;
    }
  }

  /** Relationships that other paths use may be used again: a shortest path is what it is whatever stands beside it. */
  #connect(path: PathStep, step: RelationshipStep, start: Node, end: Node, next: () => void): void {
    const { ends = [], whole = [] } = path.tests ?? {};
    if (!allPass(ends, this.#row, this.#context)) return;
    requireTwoEnds(path, start, end);
    const visitable = entityTest(path, 'nodes', this.#row, this.#context);
    if (visitable?.(start) === false) return;
    const usable = entityTest(path, 'relationships', this.#row, this.#context);
    const before = this.#row[step.slot] ?? null;
    const steps = (node: Node): readonly Step[] =>
      this.#steps(node, step).filter(({ relationship, to }) => {
        this.#row[step.slot] = relationship;
        const fits = this.#relationshipFits(step, relationship);
        this.#row[step.slot] = before;
        return fits && usable?.(relationship) !== false && visitable?.(to) !== false;
      });
    const withPath = (relationships: readonly Relationship[], work: () => void): void => {
      this.#row[step.slot] = step.length === undefined ? (relationships[0] ?? null) : relationships;
      this.#complete(path, start, relationships, work);
      this.#row[step.slot] = before;
    };
    const accepts = ({ relationships }: FoundPath): boolean => {
      let passed = false;
      withPath(relationships, () => {
        passed = allPass(whole, this.#row, this.#context);
      });
      return passed;
    };
    const found = shortestPaths(start, end, {
      ...(step.length ?? { min: 1, max: 1 }),
      all: path.shortest === 'allShortestPaths',
      steps,
      accepts: whole.length === 0 ? undefined : accepts,
    });
    for (const { relationships } of found) withPath(relationships, next);
  }

  #candidates(step: NodeStep): Iterable<Node> {
    const value = this.#row[step.slot] ?? null;
    if (step.bound || value !== null) return value instanceof Node && !value.deleted ? [value] : [];
    const [label] = step.labels === undefined ? [] : requiredLabels(step.labels);
    return label === undefined ? this.#graph.nodes.values() : this.#graph.withLabel(label);
  }

  #steps(from: Node, step: RelationshipStep): Step[] {
    const found: Step[] = [];
    if (step.direction !== 'left') {
      for (const relationship of this.#graph.outOf(from))
        this.#addStep(found, relationship, relationship.endId, step);
    }
    if (step.direction !== 'right') {
      for (const relationship of this.#graph.into(from)) {
        // A loop has been found as one that goes out.
        if (step.direction === 'both' && relationship.startId === relationship.endId) continue;
        this.#addStep(found, relationship, relationship.startId, step);
      }
    }
    return found;
  }

  #addStep(found: Step[], relationship: Relationship, toId: bigint, step: RelationshipStep): void {
    if (step.types !== undefined && !labelsMatch(step.types, [relationship.type])) return;
    const to = this.#graph.nodes.get(toId);
    if (to !== undefined) found.push({ relationship, to });
  }

  #nodeFits(step: NodeStep, node: Node): boolean {
    if (step.labels !== undefined && !labelsMatch(step.labels, node.labels)) return false;
    if (step.properties !== undefined && !this.#propertiesFit(step.properties, node)) return false;
    return step.where === undefined || passes(step.where.evaluate(this.#row, this.#context));
  }

  #relationshipFits(step: RelationshipStep, relationship: Relationship): boolean {
    if (step.properties !== undefined && !this.#propertiesFit(step.properties, relationship)) return false;
    return step.where === undefined || passes(step.where.evaluate(this.#row, this.#context));
  }

  #propertiesFit(tests: PropertyTests, entity: Node | Relationship): boolean {
    for (const { key, value } of tests.entries) {
      const wanted = value.evaluate(this.#row, this.#context);
      if (equals(entity.properties.get(key) ?? null, wanted) !== true) return false;
    }
    const whole = tests.whole?.evaluate(this.#row, this.#context);
    if (whole instanceof Map) {
      for (const [key, wanted] of whole) {
        if (equals(entity.properties.get(key) ?? null, wanted) !== true) return false;
      }
    }
    return true;
  }
}

function listOfRelationships(value: Value): readonly Relationship[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((item) => item instanceof Relationship) ? (value as Relationship[]) : undefined;
}
