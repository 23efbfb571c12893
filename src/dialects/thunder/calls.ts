/**
 * A call: one operation as one route reaches it. It reads the input from the request, goes through the gate, and
 * shapes the result into the answer's text. What is a route's own is passed in; what all share is here.
 */
import type { z } from 'zod';
import { FacetError } from '../../base/index.ts';
import type { Dispatch, Session } from '../../dispatch/index.ts';
import type { Operation } from '../../models/index.ts';
import { type HttpAnswer, type HttpRequest, type HttpRoute, JSON_TYPE } from '../http/index.ts';
import { type FieldPlan, fromWire, planOf, toWire } from './field-names.ts';
import { type QueryPlan, queryPlanOf, readQueryString } from './query-string.ts';

/** Where the input comes from. Path parameters are added to each. */
export type Source = 'body' | 'query' | 'path';

/** What documents need to know of an operation, whatever its types. */
export interface OperationFacts
  extends Pick<Operation, 'name' | 'summary' | 'access' | 'category' | 'errors'> {
  readonly input: z.core.$ZodType;
  readonly output: z.core.$ZodType;
}

export interface Call {
  readonly operation: OperationFacts;
  readonly source: Source;
  /** Shape of the answer's body with the names of the wire; absent: the operation's output, renamed. */
  readonly answers?: z.core.$ZodType | undefined;
  readonly contentType: string;
  /** Reads the input under the operation's field names, not yet checked, and runs it. @throws FacetError */
  readonly answer: HttpRoute['answer'];
}

interface CallOptions<Output> {
  readonly source: Source;
  /** Path parameter -> wire name of the field, where they differ. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Members of the body that the route reads, not the operation. */
  readonly without?: string;
  readonly answers?: z.core.$ZodType;
  readonly contentType?: string;
  readonly status?: (output: Output) => number;
  readonly shape?: (output: Output) => string;
}

const NO_PARAMETERS: QueryPlan = new Map();

export function call<Input, Output>(operation: Operation<Input, Output>, options: CallOptions<Output>): Call {
  const outputPlan = planOf(operation.output);
  const shape = options.shape ?? ((output: Output) => JSON.stringify(toWire(output, outputPlan)));
  const status = options.status ?? (() => 200);
  const contentType = options.contentType ?? JSON_TYPE;
  const read = reader(operation.input, options);
  const run = async (input: unknown, session: Session, dispatch: Dispatch): Promise<HttpAnswer> => {
    const output = await dispatch.call(operation, input, session);
    return { status: status(output), contentType, body: shape(output) };
  };
  return {
    operation,
    source: options.source,
    answers: options.answers,
    contentType,
    answer: (request, session, dispatch) => run(read(request), session, dispatch),
  };
}

interface ReaderOptions {
  readonly source: Source;
  readonly rename?: Readonly<Record<string, string>>;
  readonly without?: string;
}

/** Reads the input of an operation from a request. */
export function reader(schema: z.core.$ZodType, options: ReaderOptions): (request: HttpRequest) => unknown {
  const plan = planOf(schema);
  const { rename = {}, without } = options;
  if (options.source === 'body') return (request) => bodyInput(request, plan, without);
  const parameters = options.source === 'query' ? queryPlanOf(schema) : NO_PARAMETERS;
  return (request) => {
    refuseBody(request);
    const values = readQueryString(request.url, parameters);
    for (const [parameter, value] of Object.entries(request.params as Record<string, string>)) {
      const name = rename[parameter] ?? parameter;
      if (Object.hasOwn(values, name)) {
        throw new FacetError('INVALID_PARAMETER', `'${name}' is in the path already`);
      }
      values[name] = value;
    }
    return fromWire(values, plan);
  };
}

/** An empty body is an empty object: some routes need no field, and the schema names what is missing for the rest. */
function bodyInput(request: HttpRequest, plan: FieldPlan | undefined, without: string | undefined): unknown {
  if (request.url.includes('?')) {
    const [name] = Object.keys(readQueryString(request.url, NO_PARAMETERS));
    if (name !== undefined) throw new FacetError('INVALID_PARAMETER', `Unknown query parameter: '${name}'`);
  }
  const { body } = request;
  if (body === undefined) return {};
  const input = fromWire(body, plan);
  if (without !== undefined) delete (input as Record<string, unknown>)[without];
  return input;
}

function refuseBody({ body }: HttpRequest): void {
  const empty =
    body === undefined ||
    body === null ||
    (typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0);
  if (!empty) throw new FacetError('INVALID_PARAMETER', 'This route takes no body');
}
