/**
 * Front door of the Bolt dialect: what drivers of Neo4j speak, on a listener of its own, and Neo4j's HTTP APIs on the one
 * that all dialects share.
 */
export { createNeo4jHttpDialect, discoveryJson, type Neo4jHttpOptions } from './http/index.ts';
export { type BoltListener, createBoltListener } from './listener.ts';
export type { BoltOptions, BoltRoutes } from './settings.ts';
