/** Who asks: the result of authentication, and the ladder of roles. */
import type { Plan } from './plan.ts';

/** Each role may do what those before it may. `write` covers DDL: tables belong to the namespace, not to a person. */
export const ROLES = ['read', 'write', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Principal {
  /** Unique; owner of transactions and prepared statements, key of rate limits, field in logs. */
  readonly name: string;
  readonly role: Role;
  /** When set, the only namespace these credentials reach. */
  readonly namespace?: string | undefined;
  /** What they may use. Absent: what the server allows everyone. */
  readonly plan?: Plan | undefined;
  /** UUID that a hub knows them by. Absent: one is derived from the name. */
  readonly userId?: string | undefined;
}

/** True if `role` includes the rights of `needed`. */
export const roleAllows = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);
