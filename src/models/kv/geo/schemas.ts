/** Shapes of the commands on places: sorted sets whose scores are geohashes. */
import { z } from 'zod';
import { keyInput } from '../entry.ts';

const count = z.int().min(0);
const member = z.string().describe('Text without NUL');
const lat = z.number().describe('Degrees, up to 85.05112878 to the north and the south');
const lon = z.number().describe('Degrees, up to 180 to the east and the west');
const coordinate = z.strictObject({ lat, lon });
const unit = z.enum(['m', 'km', 'mi', 'ft']);
export type Unit = z.infer<typeof unit>;

export const none = z.strictObject({});
export const addInput = z
  .strictObject({
    key: keyInput,
    locations: z.array(z.strictObject({ member, lat, lon })),
    nx: z.boolean().optional().describe('Only new members'),
    xx: z.boolean().optional().describe('Only members that are there'),
  })
  .refine(({ nx, xx }) => !(nx === true && xx === true), 'nx and xx exclude each other');
export type AddInput = z.infer<typeof addInput>;
export const addResult = z.object({ added: count, changed: count.describe('Members that moved') });
export type AddResult = z.infer<typeof addResult>;
export const distInput = z.strictObject({ key: keyInput, from: member, to: member, unit: unit.optional() });
export type DistInput = z.infer<typeof distInput>;
export const distResult = z.object({
  distance: z.number().nullable().describe('In the unit, metres when absent; null: one of them is not there'),
});
export type DistResult = z.infer<typeof distResult>;
export const manyMembers = z.strictObject({ key: keyInput, members: z.array(member) });
export type ManyMembers = z.infer<typeof manyMembers>;
export const posResult = z.object({ coordinates: z.array(coordinate.nullable()) });
export type PosResult = z.infer<typeof posResult>;
export const hashResult = z.object({ geohashes: z.array(z.string().nullable()) });
export type HashResult = z.infer<typeof hashResult>;

const order = {
  unit: unit.optional().describe('Of lengths given and returned; metres when absent'),
  count: z.int().min(1).optional().describe('At most so many, the nearest'),
  sort: z.enum(['asc', 'desc']).optional().describe('By distance'),
};
const length = z.number().min(0);
export const radiusInput = z.strictObject({ key: keyInput, center: coordinate, radius: length, ...order });
export type RadiusInput = z.infer<typeof radiusInput>;
export const radiusByMemberInput = z.strictObject({ key: keyInput, member, radius: length, ...order });
export type RadiusByMemberInput = z.infer<typeof radiusByMemberInput>;
export const searchInput = z
  .strictObject({
    key: keyInput,
    fromMember: member.optional(),
    center: coordinate.optional(),
    radius: length.optional(),
    box: z.strictObject({ width: length, height: length }).optional(),
    ...order,
  })
  .refine(
    ({ fromMember, center }) => (fromMember === undefined) !== (center === undefined),
    'it begins at a member or at a point, one of the two',
  )
  .refine(
    ({ radius, box }) => (radius === undefined) !== (box === undefined),
    'it goes by a radius or by a box, one of the two',
  );
export type SearchInput = z.infer<typeof searchInput>;
export const placesResult = z.object({
  places: z.array(
    z.strictObject({
      member,
      distance: z.number().describe('From the centre, in the unit'),
      lat,
      lon,
      hash: z.int().describe('The 52 bits of the score'),
    }),
  ),
});
export type PlacesResult = z.infer<typeof placesResult>;
