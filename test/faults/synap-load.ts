/** What the loads of a fault test share: commands of the Synap API through one socket, and refusals that are counted. */
import type { Leaves } from '../support/leaves.ts';
import { Caller } from './http-caller.ts';
import { pause } from './server-under-fire.ts';

/** The payload of a command that was answered, or undefined: refused, cut off, or nobody was there. */
/** A client that stays away for this long from a server that did not answer. */
const RETRY_MS = 20;

export class SynapCaller {
  readonly #caller = new Caller();
  /** Status and code of what was refused. */
  readonly refusals = new Set<string>();

  async command(port: number, command: string, payload: object): Promise<Leaves | undefined> {
    const { status, text } = await this.#caller.call(port, '/api/v1/command', { command, payload });
    if (status === 200) return (JSON.parse(text) as { payload: Leaves }).payload;
    if (status !== 0) {
      const code = /"code":\s*"(\w+)"/.exec(text)?.[1] ?? text.slice(0, 100);
      this.refusals.add(`${status} ${code} (${command})`);
    }
    await pause(RETRY_MS);
    return undefined;
  }

  /** Commands of one request, in their order; each answers for itself. */
  async batch(
    port: number,
    commands: readonly { readonly command: string; readonly payload: object }[],
  ): Promise<readonly { readonly status: string }[]> {
    const { status, text } = await this.#caller.call(port, '/api/v1/command', { type: 'batch', commands });
    if (status !== 200) throw new Error(`${status} ${text.slice(0, 200)}`);
    return (JSON.parse(text) as { results: { status: string }[] }).results;
  }

  close(): void {
    this.#caller.close();
  }
}

/** A caller whose commands must succeed. */
export async function mustAnswer(
  caller: SynapCaller,
  port: number,
  command: string,
  payload: object,
): Promise<Leaves> {
  const answer = await caller.command(port, command, payload);
  if (answer === undefined) throw new Error(`${command}: ${[...caller.refusals].join(', ') || 'no answer'}`);
  return answer;
}

/** Where the load goes, and until when. */
export interface Aim {
  port: number;
  stopped: boolean;
}
