/**
 * What a row of the table of commands says: how a command is tried, and what it answers. The page
 * docs/reference/synap-commands.md is made of the same rows.
 */
export type Payload = Readonly<Record<string, unknown>>;

export interface Row {
  readonly command: string;
  /** What the row is for; both when absent. A socket is one connection for all of the row. */
  readonly over?: 'http' | 'socket';
  /** Commands that come before, on the same keys. */
  readonly before?: readonly (readonly [string, Payload])[];
  /** A member that is TAKEN stands for the `message_id` of the consume before. */
  readonly payload?: Payload;
  /** Members of the answer; null: the answer itself is null. */
  readonly answers: object | string | null;
  /** What the command is refused with on this server, whatever it says; `answers` is not looked at then. */
  readonly refusal?: readonly [code: string, status: number];
  /** The server ends: the row has one of its own. */
  readonly endsServer?: true;
  /** Refused with INVALID_PAYLOAD, as a payload that is no object is by all commands. */
  readonly bad: Payload | 'takes nothing';
  /** A target that is not there, and what comes: the code of an error, or members of the answer. */
  readonly missing: readonly [Payload, string | object | null] | 'names nothing';
}

export const TAKEN = '<message_id>';
