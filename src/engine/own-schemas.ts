/** Schemas that are not users' own, for what is done to all tables of users. */

/** Of PostgreSQL, and of what keeps the engine itself going. Their tables are not followed. */
export const SYSTEM_SCHEMAS: readonly string[] = [
  'pg_catalog',
  'information_schema',
  'pg_toast',
  'facet',
  'facet_system',
  'cdc',
  // Ciphertext and who read what are nobody's to follow.
  'vault',
];

/** Of the models. Their tables are followed when they are asked for by name, not with all tables of users. */
export const MODEL_SCHEMAS: readonly string[] = [
  'graph',
  'kv',
  'queue',
  'stream',
  'pubsub',
  'vector',
  'embedding',
  'blob',
];

/** As the inside of an SQL list. */
export const schemaList = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
