/** Front door of deliveries: subscriptions whose changes this process posts to webhooks. */
export { Deliveries, type DeliveriesOptions } from './deliveries.ts';
export { type Delivery, type EncodeDelivery, signature } from './delivery.ts';
