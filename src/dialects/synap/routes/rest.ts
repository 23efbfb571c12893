/**
 * REST routes: each is a command whose payload is made of the path, the query string and the body, and whose answer is
 * the payload alone, without an envelope. Members of the path count before those of the query string, and these before
 * the body's.
 */
import { FacetError, type Json } from '../../../base/index.ts';
import { type HttpAnswer, type HttpRequest, type HttpRoute, JSON_TYPE } from '../../http/index.ts';
import type { Command, CommandCall } from '../command.ts';
import { isObject } from '../fields.ts';
import { commandNamed, type Running } from '../run.ts';

export interface RestRoute {
  readonly method: HttpRoute['method'];
  readonly path: string;
  /** Its name, or one that only this route has. */
  readonly command: string | Command;
  /** What the payload has beside what the request says. */
  readonly fixed?: Readonly<Record<string, Json>>;
  /** A body that is no object becomes this member. */
  readonly bodyAs?: string;
  /** Default: the payload of the command with status 200. */
  readonly answer?: (payload: string) => string;
}

export function restRoute(route: RestRoute, running: Running): HttpRoute {
  const command = typeof route.command === 'string' ? commandNamed(route.command) : route.command;
  const { dispatch, settings } = running;
  const answerOf = (text: string): HttpAnswer => ({
    status: 200,
    contentType: JSON_TYPE,
    body: route.answer?.(text) ?? text,
  });
  const inPath = new Set([...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? ''));
  return {
    method: route.method,
    path: route.path,
    operation: command.operation,
    answer: (request, session) => {
      const { payload, texts } = payloadOf(route, inPath, request);
      const call: CommandCall = { dispatch, settings, payload, session, texts };
      return command.run(call).then(answerOf);
    },
  };
}

interface Given {
  readonly payload: Json;
  /** Members whose numbers are text. */
  readonly texts: ReadonlySet<string>;
}

/** @param inPath names of the members of the path. @throws INVALID_PARAMETER */
function payloadOf(
  { fixed, bodyAs }: RestRoute,
  inPath: ReadonlySet<string>,
  { params, query, body }: HttpRequest,
): Given {
  const given = body as Json | undefined;
  const inQuery = hasMembers(query);
  // What most requests are: all of it in the path, or all of it in the body. Nothing need be put together.
  if (!inQuery && fixed === undefined) {
    if (given === undefined) return { payload: params as Record<string, string>, texts: inPath };
    if (inPath.size === 0 && isObject(given)) return { payload: given, texts: inPath };
  }
  const inUrl: Record<string, Json> = {
    ...(inQuery ? lastOfEach(query) : undefined),
    ...(params as Record<string, string>),
  };
  const texts = inQuery ? new Set(Object.keys(inUrl)) : inPath;
  if (given !== undefined && given !== null && !isObject(given)) {
    if (bodyAs === undefined) throw new FacetError('INVALID_PARAMETER', 'The body must be a JSON object');
    return { payload: { ...inUrl, ...fixed, [bodyAs]: given }, texts };
  }
  return { payload: { ...(given as Record<string, Json> | undefined), ...inUrl, ...fixed }, texts };
}

function hasMembers(query: unknown): boolean {
  for (const _ in query as object) return true;
  return false;
}

/** Of a parameter that is given twice the last one counts. */
function lastOfEach(query: unknown): Record<string, Json> {
  const members: Record<string, Json> = {};
  for (const [name, value] of Object.entries(query as Record<string, string | string[]>)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) members[name] = last;
  }
  return members;
}
