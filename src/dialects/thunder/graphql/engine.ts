/** Runs requests: document, operation, execution, answer. HTTP and WebSockets meet here. */
import { execute, type GraphQLError, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { asFacetError, type ErrorCode, FacetError, type Observe } from '../../../base/index.ts';
import type { Dispatch, Session } from '../../../dispatch/index.ts';
import { answerText, type ErrorWords, wordedError } from './answer-text.ts';
import { Caller } from './caller.ts';
import { Documents, operationOf, type ReadDocument } from './document.ts';
import type { GraphqlRequest } from './request.ts';
import { RequestRefused } from './request-refused.ts';
import { buildSchemas, type Schemas } from './schema.ts';

export interface GraphqlOptions {
  readonly dispatch: Dispatch;
  /** Documents may ask for the schema itself. */
  readonly introspection: boolean;
  readonly observe: Observe;
}

/** A request that may run. */
export interface Prepared {
  readonly document: ReadDocument;
  readonly request: GraphqlRequest;
  readonly operation: OperationTypeNode;
  /** It came in a way that must not change anything. */
  readonly readOnly: boolean;
}

/** What graphql-js or graphql-ws made of an operation. */
export interface Result {
  readonly errors?: readonly GraphQLError[] | undefined;
  readonly data?: unknown;
}

export interface Answer {
  readonly text: string;
  /** True when nothing ran: the request itself is wrong. */
  readonly refused: boolean;
}

export class GraphqlEngine {
  readonly schemas: Schemas = buildSchemas();
  readonly dispatch: Dispatch;
  readonly #observe: Observe;
  readonly #documents: Documents;

  constructor({ dispatch, introspection, observe }: GraphqlOptions) {
    this.dispatch = dispatch;
    this.#observe = observe;
    this.#documents = new Documents(this.schemas.declared, { introspection });
  }

  /** @throws RequestRefused */
  prepare(request: GraphqlRequest, { readOnly = false } = {}): Prepared {
    const document = this.#documents.read(request.query);
    const { operation } = operationOf(document.node, request.operationName);
    return { document, request, operation, readOnly };
  }

  schemaFor({ document }: Prepared): GraphQLSchema {
    return document.introspects ? this.schemas.declared : this.schemas.running;
  }

  caller({ document, readOnly }: Prepared, session: Session): Caller {
    return new Caller(this.dispatch, session, { wholeRows: !document.introspects, readOnly });
  }

  /** A query or mutation. Never throws. */
  async run(prepared: Prepared, session: Session): Promise<Answer> {
    const { document, request, operation } = prepared;
    const words = this.words(session.requestId);
    if (operation === OperationTypeNode.SUBSCRIPTION) return this.refusal(overHttp(), words);
    const caller = this.caller(prepared, session);
    try {
      const result = await execute({
        schema: this.schemaFor(prepared),
        document: document.node,
        contextValue: caller,
        variableValues: request.variables,
        operationName: request.operationName,
      });
      return { text: this.resultText(result, words), refused: result.data === undefined };
    } catch (thrown) {
      return this.refusal(thrown, words);
    } finally {
      caller.release();
    }
  }

  resultText({ errors = [], data }: Result, words: ErrorWords): string {
    return answerText(this.worded(errors, 'GRAPHQL_VALIDATION_FAILED', words), data);
  }

  /** The answer to a request of which nothing ran. */
  refusal(thrown: unknown, words: ErrorWords): Answer {
    const { code, errors } =
      thrown instanceof RequestRefused ? thrown : RequestRefused.by(asFacetError(thrown));
    return { text: answerText(this.worded(errors, code, words)), refused: true };
  }

  worded(errors: readonly GraphQLError[], code: ErrorCode, words: ErrorWords) {
    return errors.map((error) => wordedError(error, code, words));
  }

  words(requestId: string): ErrorWords {
    return { requestId, observe: this.#observe };
  }
}

const overHttp = (): FacetError =>
  new FacetError('FEATURE_NOT_SUPPORTED', 'Subscriptions come over a WebSocket', {
    hint: 'Connect to the same path with the subprotocol graphql-transport-ws.',
  });
