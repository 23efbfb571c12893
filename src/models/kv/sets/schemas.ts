/** Shapes of the commands on sets. */
import { z } from 'zod';
import { keyInput, valueJson } from '../entry.ts';

const count = z.int().min(0);
const memberJson = valueJson.describe('JSON text of a member; equal texts are equal members');

export const none = z.strictObject({});
export const oneKey = z.strictObject({ key: keyInput });
export type OneKey = z.infer<typeof oneKey>;
export const manyMembers = z.strictObject({ key: keyInput, membersJson: z.array(memberJson) });
export type ManyMembers = z.infer<typeof manyMembers>;
export const oneMember = z.strictObject({ key: keyInput, memberJson });
export type OneMember = z.infer<typeof oneMember>;
export const addResult = z.object({ added: count });
export type AddResult = z.infer<typeof addResult>;
export const remResult = z.object({ exists: z.boolean(), removed: count });
export type RemResult = z.infer<typeof remResult>;
export const isMemberResult = z.object({ exists: z.boolean(), isMember: z.boolean() });
export type IsMemberResult = z.infer<typeof isMemberResult>;
export const membersResult = z.object({ exists: z.boolean(), membersJson: z.array(z.string()) });
export type MembersResult = z.infer<typeof membersResult>;
export const cardResult = z.object({ exists: z.boolean(), count });
export type CardResult = z.infer<typeof cardResult>;
export const drawInput = z.strictObject({ key: keyInput, count: count.optional().describe('1 when absent') });
export type DrawInput = z.infer<typeof drawInput>;
export const moveInput = z.strictObject({ source: keyInput, destination: keyInput, memberJson });
export type MoveInput = z.infer<typeof moveInput>;
export const moveResult = z.object({ moved: z.boolean() });
export type MoveResult = z.infer<typeof moveResult>;
export const manyKeys = z.strictObject({ keys: z.array(keyInput) });
export type ManyKeys = z.infer<typeof manyKeys>;
export const combinedResult = z.object({ membersJson: z.array(z.string()) });
export type CombinedResult = z.infer<typeof combinedResult>;
export const storeInput = z.strictObject({ destination: keyInput, keys: z.array(keyInput) });
export type StoreInput = z.infer<typeof storeInput>;
export const storeResult = z.object({ count });
export type StoreResult = z.infer<typeof storeResult>;
