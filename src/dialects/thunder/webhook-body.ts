/**
 * The body of a delivery by webhook. Its events are those of /ws/events with whole rows; an update has `old_row` only when
 * the subscription includes old values.
 */
import type { Delivery } from '../../models/index.ts';
import { eventMembers } from './event-text.ts';

/** JSON text. */
export function webhookBody({ id, subscription, changes }: Delivery): string {
  const form = { fullRows: true, oldRows: subscription.includeOldValues };
  let events = '';
  for (const change of changes) events += `${events === '' ? '' : ','}{${eventMembers(change, form)}}`;
  return (
    `{"subscription_id":${JSON.stringify(subscription.id)},"subscription":${JSON.stringify(subscription.name)},` +
    `"batch_id":${JSON.stringify(id)},"events":[${events}]}`
  );
}
