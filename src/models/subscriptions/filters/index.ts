/** Front door of filters: conditions of subscribers, judged and evaluated by PostgreSQL. */

export type { Matches } from './chunks.ts';
export { checkedCondition, enclosedCondition } from './condition.ts';
export { Verdicts } from './verdicts.ts';
