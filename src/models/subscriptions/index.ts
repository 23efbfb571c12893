/** Front door of the subscriptions model: changes of tables, followed live and delivered durably. */
export { Deliveries, type Delivery, type EncodeDelivery } from './deliveries/index.ts';
export {
  changesDropSlot,
  changesFollow,
  changesListSlots,
  changesReplicate,
  SUBSCRIPTIONS_OPERATIONS,
  subscriptionAttach,
  subscriptionCreate,
  subscriptionDelete,
  subscriptionGet,
  subscriptionList,
  subscriptionPause,
  subscriptionResume,
} from './operations.ts';
export type {
  ReplicationEntry,
  RowChange,
  RowOperation,
  SubscribedColumn,
  SubscribedTable,
} from './row-change.ts';
export type { AttachResult, FollowResult, ReplicateResult } from './schemas.ts';
