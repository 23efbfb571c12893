/** A request that is refused as a whole, before anything of it runs: its answer has errors and no data. */
import { GraphQLError } from 'graphql';
import type { ErrorCode, FacetError } from '../../../base/index.ts';

export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  /** Of those errors that are graphql-js' own. */
  readonly code: ErrorCode;
  readonly errors: readonly GraphQLError[];

  constructor(code: ErrorCode, errors: readonly GraphQLError[]) {
    super(errors[0]?.message);
    this.code = code;
    this.errors = errors;
  }

  static by(error: FacetError): RequestRefused {
    return new RequestRefused(error.code, [new GraphQLError(error.message, { originalError: error })]);
  }
}
