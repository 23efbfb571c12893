/**
 * Notifications about queries as Neo4j's drivers know them, in the summary of a result: `notifications` before Bolt 5.5,
 * from then on among the `statuses` of GQL. Codes are Neo4j's, the words are not.
 */
import type { GraphStream } from '../../models/index.ts';
import { isAtLeast, type Meta, type NotificationFilter, type Wire } from './codec.ts';

type Notification = ReturnType<GraphStream['notifications']>[number];
type Members = { readonly [key: string]: Meta | undefined };

interface Form {
  readonly code: string;
  readonly gqlStatus: string;
  /** Of the status in general; what `describe` says follows it. */
  readonly condition: string;
  readonly title: string;
  readonly category: 'PERFORMANCE' | 'SCHEMA';
  describe(notification: Notification): string;
}

/** All of them are of severity INFORMATION, as they are in Neo4j. */
const SEVERITY = 'INFORMATION';

const FORMS: Readonly<Record<Notification['kind'], Form>> = {
  'cartesian-product': {
    code: 'Neo.ClientNotification.Statement.CartesianProduct',
    gqlStatus: '03N90',
    condition: 'info: cartesian product',
    title:
      'The patterns of a MATCH are not connected: every match of one comes with every match of the others.',
    category: 'PERFORMANCE',
    describe: ({ texts, names }) =>
      `Nothing connects the patterns ${texts.join(', ')}, so that the result is their cartesian product, which may be large${
        names.length === 0
          ? ''
          : ` (${names.length === 1 ? 'identifier is' : 'identifiers are'}: (${names.join(', ')}))`
      }`,
  },
  'unbounded-length': {
    code: 'Neo.ClientNotification.Statement.UnboundedVariableLengthPattern',
    gqlStatus: '03N91',
    condition: 'info: unbounded variable length pattern',
    title: 'A relationship of variable length has no upper bound.',
    category: 'PERFORMANCE',
    describe: ({ texts }) =>
      `The pattern ${texts.join(', ')} has no upper bound for its length and may take long; give it one, such as [*..5]`,
  },
  'exists-already': {
    code: 'Neo.ClientNotification.Schema.IndexOrConstraintAlreadyExists',
    gqlStatus: '00NA0',
    condition: 'note: successful completion - index or constraint already exists',
    title: 'The command has done nothing: there is such an index or constraint.',
    category: 'SCHEMA',
    describe: ({ texts }) =>
      `\`${texts.join('')}\` has done nothing, because there is such an index or constraint`,
  },
  'exists-not': {
    code: 'Neo.ClientNotification.Schema.IndexOrConstraintDoesNotExist',
    gqlStatus: '00NA1',
    condition: 'note: successful completion - index or constraint does not exist',
    title: 'The command has done nothing: there is no such index or constraint.',
    category: 'SCHEMA',
    describe: ({ texts }) =>
      `\`${texts.join('')}\` has done nothing, because there is no such index or constraint`,
  },
};

const OMITTED: Members = {
  gql_status: '00001',
  status_description: 'note: successful completion - omitted result',
};
const SUCCESS: Members = { gql_status: '00000', status_description: 'note: successful completion' };
const NO_DATA: Members = { gql_status: '02000', status_description: 'note: no data' };

/** What HELLO has said holds where BEGIN or RUN say nothing. */
export const narrowed = (
  general: NotificationFilter | undefined,
  own: NotificationFilter | undefined,
): NotificationFilter | undefined =>
  own === undefined || general === undefined
    ? (own ?? general)
    : {
        minimumSeverity: own.minimumSeverity ?? general.minimumSeverity,
        disabled: own.disabled ?? general.disabled,
      };

/** Members of a summary. @param isEmpty the result had no record */
export function notificationMeta(
  stream: GraphStream,
  wire: Wire,
  filter: NotificationFilter | undefined,
  isEmpty: boolean,
): Members {
  const minimum = filter?.minimumSeverity;
  const isSilent = minimum === 'OFF' || minimum === 'WARNING';
  const all = isSilent ? [] : stream.notifications();
  const disabled = filter?.disabled ?? [];
  const wanted =
    disabled.length === 0 ? all : all.filter(({ kind }) => !disabled.includes(FORMS[kind].category));
  if (isAtLeast(wire, 5, 5)) {
    const main = stream.columns.length === 0 ? OMITTED : isEmpty ? NO_DATA : SUCCESS;
    return { statuses: [main, ...wanted.map(statusOf)] };
  }
  return wanted.length === 0 ? {} : { notifications: wanted.map(notificationOf) };
}

function notificationOf(notification: Notification): Members {
  const { code, title, category, describe } = FORMS[notification.kind];
  const { position } = notification;
  return { code, title, description: describe(notification), severity: SEVERITY, category, position };
}

function statusOf(notification: Notification): Members {
  const { code, gqlStatus, condition, title, category, describe } = FORMS[notification.kind];
  const description = describe(notification);
  return {
    gql_status: gqlStatus,
    status_description: `${condition}. ${description}.`,
    description,
    neo4j_code: code,
    title,
    diagnostic_record: {
      OPERATION: '',
      OPERATION_CODE: '0',
      CURRENT_SCHEMA: '/',
      _severity: SEVERITY,
      _classification: category,
      _position: notification.position,
    },
  };
}
