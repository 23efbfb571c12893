/** The ladder of roles, every step of it. */
import { expect, it } from 'vitest';
import { ROLES, type Role, roleAllows } from './principal.ts';

it.each<[Role, Role[]]>([
  ['read', ['read']],
  ['write', ['read', 'write']],
  ['admin', ['read', 'write', 'admin']],
])('%s may do what needs %j', (role, allowed) => {
  expect(ROLES.filter((needed) => roleAllows(role, needed))).toEqual(allowed);
});
