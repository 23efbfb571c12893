/** Checks calls of procedures: their names, arguments and what is taken of their outputs. */
import { CypherError, syntaxError } from '../cypher-error.ts';
import type { CallClause, YieldItem } from '../syntax/ast.ts';
import { type CallInfo, type Context, ROW_BY_ROW } from './analysis.ts';
import { describeCount } from './calls.ts';
import { alreadyBound, wrongType } from './failures.ts';
import type { Scope } from './scope.ts';
import type { ProcedureSignature } from './signatures.ts';
import { ANY, describeType, mayBe } from './static-type.ts';
import { didYouMean } from './suggest.ts';
import { argumentTypeNamed, typeNamed } from './type-names.ts';

/** The scope behind the call. `standalone` is true if the statement is nothing but this call. */
export const checkProcedureCall = (
  context: Context,
  call: CallClause,
  before: Scope,
  standalone: boolean,
): Scope => {
  const procedure = find(context, call);
  checkArguments(context, call, procedure, before, standalone);
  const yields = yieldsOf(call, procedure, standalone);
  let scope = before;
  for (const { output, variable, span } of yields) {
    if (scope.typeOf(variable) !== undefined) throw alreadyBound(variable, span);
    scope = scope.with(variable, typeNamed(procedure.outputs[output]?.type ?? 'any') ?? ANY);
  }
  const info: CallInfo = {
    procedure,
    standalone,
    parameters: call.arguments === undefined ? procedure.inputs.map(({ name }) => name) : undefined,
    yields: yields.map(({ output, variable }) => ({ output, variable })),
  };
  context.findings.calls.set(call, info);
  if (call.where !== undefined) context.predicate(call.where, scope, ROW_BY_ROW);
  return scope;
};

const find = (context: Context, call: CallClause): ProcedureSignature => {
  const { procedures } = context.environment;
  const procedure = procedures.get(call.name.toLowerCase());
  if (procedure !== undefined) return procedure;
  const names = [...procedures.values()].map(({ name }) => name);
  throw new CypherError(
    'ProcedureError',
    'compile time',
    'ProcedureNotFound',
    `There is no procedure ${call.name}`,
    { span: call.span, hint: didYouMean(call.name, names) },
  );
};

const checkArguments = (
  context: Context,
  call: CallClause,
  procedure: ProcedureSignature,
  scope: Scope,
  standalone: boolean,
): void => {
  const { inputs, name } = procedure;
  if (call.arguments === undefined) {
    if (standalone) return;
    throw syntaxError(
      'InvalidArgumentPassingMode',
      `In a query the arguments of ${name} must be written`,
      call.span,
      `Write it as in CALL ${name}(${inputs.map((input) => input.name).join(', ')}).`,
    );
  }
  const given = call.arguments.length;
  const least = inputs.filter(({ optional }) => optional !== true).length;
  if (given < least || given > inputs.length) {
    const wanted = describeCount(least, inputs.length);
    throw syntaxError(
      'InvalidNumberOfArguments',
      `${name} takes ${wanted === '0' ? 'no' : wanted} ${wanted === '1' ? 'argument' : 'arguments'}, not ${given}`,
      call.span,
    );
  }
  for (const [at, argument] of call.arguments.entries()) {
    const type = context.expression(argument, scope, ROW_BY_ROW);
    const wanted = argumentTypeNamed(inputs[at]?.type ?? 'any') ?? ANY;
    if (!mayBe(type, wanted.kinds)) {
      throw wrongType(
        `The argument ${inputs[at]?.name ?? at + 1} of ${name}`,
        describeType(wanted),
        type,
        argument.span,
      );
    }
  }
};

interface Yield {
  readonly output: number;
  readonly variable: string;
  readonly span: YieldItem['span'];
}

const yieldsOf = (call: CallClause, procedure: ProcedureSignature, standalone: boolean): readonly Yield[] => {
  const { outputs } = procedure;
  const all = outputs.map(({ name }, output) => ({ output, variable: name, span: call.span }));
  if (call.yields === undefined) return standalone ? all : [];
  if (call.yields === '*') {
    if (standalone) return all;
    throw syntaxError(
      'UnexpectedSyntax',
      'YIELD * is only possible if a statement is nothing but the call',
      call.span,
      `Write it as in YIELD ${outputs.map(({ name }) => name).join(', ')}.`,
    );
  }
  return call.yields.map(({ field, variable, span }) => {
    const output = outputs.findIndex(({ name }) => name === field);
    if (output === -1) {
      throw syntaxError(
        'UndefinedVariable',
        `The procedure ${procedure.name} has no output ${field}`,
        span,
        didYouMean(
          field,
          outputs.map(({ name }) => name),
        ),
      );
    }
    return { output, variable: variable.name, span };
  });
};
