/** Front door of endpoints: where webhooks may be delivered to, and how a delivery gets there. */
export { isPublicAddress } from './addresses.ts';
export { checkEndpoint } from './endpoint.ts';
export { type Answer, Poster } from './post.ts';
