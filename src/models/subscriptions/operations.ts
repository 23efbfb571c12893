/** What can be done with changes: follow them live, replicate them, and subscribe to them durably. */
import { ENGINE_ERRORS } from '../../engine/index.ts';
import { operation } from '../operation.ts';
import { attach } from './attach.ts';
import { createSubscription } from './create.ts';
import { follow } from './follow.ts';
import {
  deleteSubscription,
  getSubscription,
  listSubscriptions,
  pauseSubscription,
  resumeSubscription,
} from './manage.ts';
import { replicate } from './replicate.ts';
import * as shape from './schemas.ts';
import { dropSlot, listSlots } from './slots.ts';

const CHANGE_ERRORS = [
  ...ENGINE_ERRORS,
  'CHANGES_UNAVAILABLE',
  'LSN_NOT_AVAILABLE',
  'LIMIT_EXCEEDED',
  'LOCK_TIMEOUT',
  'PERMISSION_DENIED',
] as const;
const TABLE_ERRORS = ['TABLE_NOT_FOUND', 'FEATURE_NOT_SUPPORTED', 'INVALID_EVENT', 'INVALID_FILTER'] as const;

export const changesFollow = operation({
  name: 'changes.follow',
  summary: 'Follows the committed changes of one table, live or from a position that is still kept.',
  input: shape.followInput,
  output: shape.followResult,
  access: 'read',
  category: 'default',
  streams: true,
  errors: [...CHANGE_ERRORS, ...TABLE_ERRORS, 'SUBSCRIBER_TOO_SLOW'],
  run: follow,
});

export const changesReplicate = operation({
  name: 'changes.replicate',
  summary: 'Follows the changes of all tables in the order of their commits, from where a named slot stands.',
  input: shape.replicateInput,
  output: shape.replicateResult,
  access: 'admin',
  category: 'default',
  streams: true,
  errors: [...CHANGE_ERRORS, 'SLOT_IN_USE'],
  run: (context, input) => replicate(context, input),
});

export const changesListSlots = operation({
  name: 'changes.list_slots',
  summary: 'Lists the slots of those who replicate, with where they stand.',
  input: shape.listSlotsInput,
  output: shape.listSlotsResult,
  access: 'admin',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'CHANGES_UNAVAILABLE'],
  run: (context) => listSlots(context),
});

export const changesDropSlot = operation({
  name: 'changes.drop_slot',
  summary: 'Drops a slot: the write-ahead log is no longer kept for it.',
  input: shape.dropSlotInput,
  output: shape.dropSlotResult,
  access: 'admin',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'CHANGES_UNAVAILABLE', 'SLOT_IN_USE'],
  run: dropSlot,
});

export const subscriptionCreate = operation({
  name: 'subscription.create',
  summary: 'Creates a durable subscription to the changes of one table.',
  input: shape.createSubscriptionInput,
  output: shape.createSubscriptionResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [
    ...CHANGE_ERRORS,
    ...TABLE_ERRORS,
    'MISSING_PARAMETER',
    'INVALID_ENDPOINT',
    'SUBSCRIPTION_ALREADY_EXISTS',
  ],
  run: createSubscription,
});

export const subscriptionList = operation({
  name: 'subscription.list',
  summary: 'Lists the subscriptions, the oldest first.',
  input: shape.listSubscriptionsInput,
  output: shape.listSubscriptionsResult,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'INVALID_CURSOR'],
  run: listSubscriptions,
});

export const subscriptionGet = operation({
  name: 'subscription.get',
  summary: 'Describes one subscription.',
  input: shape.subscriptionIdInput,
  output: shape.subscriptionSummary,
  access: 'read',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'SUBSCRIPTION_NOT_FOUND'],
  run: getSubscription,
});

export const subscriptionDelete = operation({
  name: 'subscription.delete',
  summary: 'Deletes a subscription; what it has not been given is no longer kept for it.',
  input: shape.subscriptionIdInput,
  output: shape.deleteSubscriptionResult,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'CHANGES_UNAVAILABLE', 'SUBSCRIPTION_NOT_FOUND'],
  run: deleteSubscription,
});

export const subscriptionPause = operation({
  name: 'subscription.pause',
  summary: 'Stops delivering a subscription; it keeps its place.',
  input: shape.subscriptionIdInput,
  output: shape.subscriptionSummary,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...ENGINE_ERRORS, 'SUBSCRIPTION_NOT_FOUND', 'OBJECT_IN_USE'],
  run: pauseSubscription,
});

export const subscriptionResume = operation({
  name: 'subscription.resume',
  summary: 'Delivers a paused, failed or lost subscription again, from where it stands or from now on.',
  input: shape.resumeSubscriptionInput,
  output: shape.subscriptionSummary,
  access: 'write',
  category: 'default',
  streams: false,
  errors: [...CHANGE_ERRORS, 'TABLE_NOT_FOUND', 'INVALID_FILTER', 'SUBSCRIPTION_NOT_FOUND'],
  run: resumeSubscription,
});

export const subscriptionAttach = operation({
  name: 'subscription.attach',
  summary: 'Follows a durable subscription from where it stands, with acknowledgements.',
  input: shape.attachInput,
  output: shape.attachResult,
  // What it acknowledges moves the place of everybody who shares the subscription.
  access: 'write',
  category: 'default',
  streams: true,
  errors: [...CHANGE_ERRORS, 'SUBSCRIPTION_NOT_FOUND', 'SLOT_IN_USE', 'OBJECT_IN_USE', 'INVALID_FILTER'],
  run: attach,
});

export const SUBSCRIPTIONS_OPERATIONS = [
  changesFollow,
  changesReplicate,
  changesListSlots,
  changesDropSlot,
  subscriptionCreate,
  subscriptionList,
  subscriptionGet,
  subscriptionDelete,
  subscriptionPause,
  subscriptionResume,
  subscriptionAttach,
] as const;
