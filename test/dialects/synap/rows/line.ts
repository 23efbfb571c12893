/** One call of a REST route, and what it answers. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** `answer` is compared with `toEqual`; `status` is 200 where nothing else is said. */
export type Line = readonly [method: Method, path: string, body: unknown, answer: unknown, status?: number];
