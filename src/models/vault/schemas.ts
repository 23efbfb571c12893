/** Shapes of the vault's operations. */
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';

const name = z.string().min(1).describe(`At most ${LIMITS.vaultNameBytesMax} bytes`);
const identity = z.string().min(1).describe('Name of a principal');
const version = z.string().describe('Decimal digits; grows with each new value');
const time = z.string().describe('RFC 3339, UTC, milliseconds');

export const nameInput = z.strictObject({ name });
export type NameInput = z.infer<typeof nameInput>;

export const setInput = z.strictObject({
  name,
  value: z.string().describe(`Text of at most ${LIMITS.vaultValueBytesMax} bytes in UTF-8`),
});
export type SetInput = z.infer<typeof setInput>;

export const setResult = z.object({ name: z.string(), version, created: z.boolean() });
export type SetResult = z.infer<typeof setResult>;

export const getResult = z.object({
  name: z.string(),
  value: z.string(),
  version,
  owner: z.string(),
  changedAt: time,
});
export type GetResult = z.infer<typeof getResult>;

export const deleteResult = z.object({ name: z.string(), deleted: z.literal(true) });
export type DeleteResult = z.infer<typeof deleteResult>;

export const rotateResult = z.object({ name: z.string(), version });
export type RotateResult = z.infer<typeof rotateResult>;

export const grantInput = z.strictObject({ name, identity });
export type GrantInput = z.infer<typeof grantInput>;

export const grantResult = z.object({
  name: z.string(),
  identity: z.string(),
  changed: z.boolean().describe('False when it was so before'),
});
export type GrantResult = z.infer<typeof grantResult>;

export const listInput = z.strictObject({
  pattern: z.string().optional().describe('`*` stands for any characters, `?` for one; all when absent'),
  limit: z.int().min(1).max(LIMITS.vaultListMax).optional().describe(`${LIMITS.vaultListMax} when absent`),
  after: z.string().optional().describe('Names after this one, in byte order'),
});
export type ListInput = z.infer<typeof listInput>;

export const listResult = z.object({
  secrets: z.array(
    z.object({
      name: z.string(),
      owner: z.string(),
      grants: z.array(z.string()).describe("Empty unless the caller is the secret's owner or admin"),
      version,
      createdAt: time,
      changedAt: time,
      intact: z
        .boolean()
        .describe('False: the row was changed by something else than the vault. Admins see those.'),
    }),
  ),
  next: z.string().optional().describe('Give it as `after` for what follows'),
});
export type ListResult = z.infer<typeof listResult>;

export const auditInput = z.strictObject({
  name: z.string().optional(),
  actor: z.string().optional(),
  before: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional()
    .describe('Entries with smaller ids'),
  limit: z.int().min(1).max(LIMITS.vaultAuditPageMax).optional().describe('100 when absent'),
});
export type AuditInput = z.infer<typeof auditInput>;

export const auditResult = z.object({
  entries: z.array(
    z.object({
      id: z.string(),
      at: time,
      actor: z.string(),
      action: z.string().describe('set, get, delete, rotate, list, grant, revoke, audit or reseal'),
      name: z.string().describe('The secret, or the pattern of a listing'),
      subject: z.string().nullable().describe('Who was granted or revoked'),
      outcome: z.string().describe('ok, or the code of the refusal'),
      requestId: z.string(),
      genuine: z.boolean().describe('False: written or changed by something else than the vault'),
    }),
  ),
  next: z.string().optional().describe('Give it as `before` for older entries'),
});
export type AuditResult = z.infer<typeof auditResult>;

export const resealInput = z.strictObject({});

export const resealResult = z.object({
  resealed: z.int().describe('Secrets encrypted anew with the first key'),
  left: z.int().describe('Secrets that are still encrypted with another one'),
});
export type ResealResult = z.infer<typeof resealResult>;
