/**
 * Statuses of GQL (ISO/IEC 39075, subclause 23) for Neo4j's codes: drivers of Bolt 5.7 and later show them beside the
 * code. Where Neo4j has a subclass of its own for each message, the class is told, which says the same in general.
 */

interface GqlStatus {
  readonly gqlStatus: string;
  readonly description: string;
}

const status = (gqlStatus: string, description: string): GqlStatus => ({
  gqlStatus,
  description: `error: ${description}`,
});

const SYNTAX = 'syntax error or access rule violation';
const DENIED = status('42NFF', `${SYNTAX} - permission/access denied`);
const UNEXPECTED = status('50N42', 'general processing exception - unexpected error');

/** By the code without its first part, which is the same for all. */
const STATUS_OF_CODE: ReadonlyMap<string, GqlStatus> = new Map([
  ['ClientError.Statement.SyntaxError', status('42001', `${SYNTAX} - invalid syntax`)],
  ['ClientError.Statement.SemanticError', status('42000', SYNTAX)],
  ['ClientError.Statement.UnsupportedOperationError', status('42000', SYNTAX)],
  ['ClientError.Statement.TypeError', status('22G03', 'data exception - invalid value type')],
  ['ClientError.Statement.AccessMode', status('25G03', 'invalid transaction state - read-only transaction')],
  ['ClientError.Procedure.ProcedureNotFound', status('42002', `${SYNTAX} - invalid reference`)],
  ['ClientError.Database.DatabaseNotFound', status('42002', `${SYNTAX} - invalid reference`)],
  ['ClientError.Cluster.NotALeader', status('08000', 'connection exception')],
  ['ClientError.Request.Invalid', status('08N06', 'connection exception - protocol error')],
  ['ClientError.Request.InvalidFormat', status('08N06', 'connection exception - protocol error')],
  ['TransientError.General.DatabaseUnavailable', status('08000', 'connection exception')],
]);

/** The first of these that a code begins with. */
const STATUS_OF_BEGINNING: readonly (readonly [string, GqlStatus])[] = [
  ['ClientError.Security.', DENIED],
  ['ClientError.Schema.', status('22000', 'data exception')],
  ['ClientError.Statement.', status('22000', 'data exception')],
  ['ClientError.Transaction.', status('25000', 'invalid transaction state')],
  ['TransientError.Transaction.', status('40000', 'transaction rollback')],
];

/** @param code as Neo4j writes it: `Neo.ClientError.Statement.SyntaxError` */
export function gqlOf(code: string): GqlStatus {
  const name = code.slice(code.indexOf('.') + 1);
  return (
    STATUS_OF_CODE.get(name) ??
    STATUS_OF_BEGINNING.find(([beginning]) => name.startsWith(beginning))?.[1] ??
    UNEXPECTED
  );
}
