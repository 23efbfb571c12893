/** Front door of expiry: times to live. */
import * as schemas from './schemas.ts';

export { expire, persist, ttl } from './ttl.ts';
export { schemas };
