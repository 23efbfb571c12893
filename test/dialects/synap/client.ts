/** Commands of the Synap API over a real socket, as a client of its reference sends them. */
import type { Leaves } from '../../support/leaves.ts';
import type { Answer, RequestOptions, TestServer } from '../../support/server.ts';

export interface SynapAnswer extends Answer {
  /** The member `payload`. */
  readonly payload: Leaves;
}

/** `POST /api/v1/command`. A payload that is undefined is left out of the request. */
export async function send(
  server: TestServer,
  command: string,
  payload?: unknown,
  options?: RequestOptions,
): Promise<SynapAnswer> {
  const answer = await server.post('/api/v1/command', { command, payload }, options);
  return { ...answer, payload: answer.json?.payload };
}

/** The payload of a command that must succeed. */
export async function ok(server: TestServer, command: string, payload?: unknown): Promise<Leaves> {
  const answer = await send(server, command, payload);
  if (answer.status !== 200 || answer.json.status !== 'success') {
    throw new Error(`${command} answered ${answer.status}: ${answer.text}`);
  }
  return answer.payload;
}

/** Status and code of a command that must fail, and the message for a closer look. */
export async function refused(
  server: TestServer,
  command: string,
  payload?: unknown,
): Promise<{ readonly status: number; readonly code: string; readonly message: string }> {
  const { status, json, text } = await send(server, command, payload);
  if (status === 200 || json.status !== 'error') throw new Error(`${command} succeeded: ${text}`);
  return { status, code: json.error.code, message: json.error.message };
}
