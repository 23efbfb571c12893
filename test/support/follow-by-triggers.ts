/** Imported before a file of tests of the change feed, it has them follow by triggers. */
import { followByTriggers } from './change-store.ts';

followByTriggers();
