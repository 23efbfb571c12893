/** DELETE and DETACH DELETE. That no relationship loses its end is looked at when the query is done. */
import { runtimeTypeError } from '../../cypher-error.ts';
import type { DeleteClause, Span } from '../../syntax/ast.ts';
import { typeName } from '../../values/type-name.ts';
import { Node, Path, Relationship, type Value } from '../../values/value.ts';
import { evaluateRows } from '../pattern-values.ts';
import { ExpressionCompiler } from '../plan/expression-compiler.ts';
import type { PlanEnvironment } from '../plan/plan-environment.ts';
import type { Slots } from '../row.ts';
import type { Operator, Run } from '../run.ts';
import { materialised } from './projection.ts';

export function compileDelete(clause: DeleteClause, slots: Slots, environment: PlanEnvironment): Operator {
  const expressions = new ExpressionCompiler(environment);
  const targets = clause.expressions.map((expression) => ({
    evaluate: expressions.compile(expression, slots),
    span: expression.span,
  }));
  return materialised(async (rows, run) => {
    const doomed = new Doomed();
    await evaluateRows(rows, run, expressions.values, (row) => {
      for (const { evaluate, span } of targets) doomed.add(evaluate(row, run.context), span);
    });
    if (clause.detach) {
      for (const relationship of await run.session.relationshipsOf([...doomed.nodes])) {
        doomed.relationships.add(relationship);
      }
    }
    doomed.remove(run);
    await run.session.flush();
    return rows;
  });
}

class Doomed {
  readonly nodes = new Set<Node>();
  readonly relationships = new Set<Relationship>();

  add(value: Value, span: Span): void {
    if (value === null) return;
    if (value instanceof Node) this.nodes.add(value);
    else if (value instanceof Relationship) this.relationships.add(value);
    else if (value instanceof Path) {
      for (const node of value.nodes) this.nodes.add(node);
      for (const relationship of value.relationships) this.relationships.add(relationship);
    } else if (Array.isArray(value)) {
      for (const item of value) this.add(item, span);
    } else {
      throw runtimeTypeError(
        'InvalidArgumentType',
        `DELETE takes nodes, relationships and paths, not a ${typeName(value)}`,
        span,
      );
    }
  }

  remove(run: Run): void {
    for (const relationship of this.relationships) {
      if (relationship.deleted) continue;
      run.session.deleteRelationship(relationship);
      run.counters.relationshipsDeleted++;
    }
    for (const node of this.nodes) {
      if (node.deleted) continue;
      run.session.deleteNode(node);
      run.counters.nodesDeleted++;
    }
  }
}
