/**
 * GraphiQL, the explorer of GraphQL, for trying things out: served only in development mode, from files of this installation,
 * so that it works without the internet and loads nothing from elsewhere. The build copies them beside this module; before
 * that they are where the package manager put them.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FacetError } from '../../../base/index.ts';
import type { HttpAnswer, HttpRoute } from '../../http/index.ts';
import { GRAPHIQL_PAGE, GRAPHIQL_SCRIPT, GRAPHIQL_STYLE } from './graphiql-page.ts';
import { GUARD } from './http-routes.ts';

export const GRAPHIQL_PATH = '/graphiql';

const SCRIPT_TYPE = 'text/javascript; charset=utf-8';
const STYLE_TYPE = 'text/css; charset=utf-8';

/** Names under which files are served, and where they are in their packages. scripts/build.mjs has the same list. */
const FILES: ReadonlyMap<string, { readonly module: string; readonly path: string; readonly type: string }> =
  new Map([
    ['react.js', { module: 'react', path: 'umd/react.production.min.js', type: SCRIPT_TYPE }],
    ['react-dom.js', { module: 'react-dom', path: 'umd/react-dom.production.min.js', type: SCRIPT_TYPE }],
    ['graphiql.js', { module: 'graphiql', path: 'graphiql.min.js', type: SCRIPT_TYPE }],
    ['graphiql.css', { module: 'graphiql', path: 'graphiql.min.css', type: STYLE_TYPE }],
  ]);

/** Our own parts of the page. */
const TEXTS: ReadonlyMap<string, { readonly text: string; readonly type: string }> = new Map([
  ['page.js', { text: GRAPHIQL_SCRIPT, type: SCRIPT_TYPE }],
  ['page.css', { text: GRAPHIQL_STYLE, type: STYLE_TYPE }],
]);

/**
 * Scripts and connections to this server only, nothing inline, in no frame. GraphiQL sets styles by itself and brings its
 * fonts and images inside its style sheet.
 */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src data:; img-src data: 'self'; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

export function graphiqlRoutes(development: boolean): HttpRoute[] {
  const route = (path: string, answer: HttpRoute['answer']): HttpRoute => ({
    method: 'GET',
    path,
    // The page is for everyone, and what it asks for passes the gate.
    operation: GUARD,
    ignoresBody: true,
    answer: development ? answer : async () => notInDevelopment(),
  });
  return [
    route(GRAPHIQL_PATH, async () => served('text/html; charset=utf-8', GRAPHIQL_PAGE)),
    route(`${GRAPHIQL_PATH}/:file`, ({ params }) => fileAnswer(params.file ?? '')),
  ];
}

function notInDevelopment(): never {
  throw new FacetError('NOT_FOUND', 'GraphiQL is served in development mode only', {
    hint: 'Start the server with --development.',
  });
}

async function fileAnswer(name: string): Promise<HttpAnswer> {
  const own = TEXTS.get(name);
  if (own !== undefined) return served(own.type, own.text);
  const file = FILES.get(name);
  const place = file === undefined ? undefined : placeOf(name, file.module, file.path);
  if (file === undefined || place === undefined) {
    throw new FacetError('NOT_FOUND', `There is no ${GRAPHIQL_PATH}/${name.slice(0, 100)}`);
  }
  return served(file.type, await readFile(place));
}

const served = (contentType: string, body: string | Uint8Array): HttpAnswer => ({
  status: 200,
  contentType,
  headers: HEADERS,
  body,
});

/** Undefined where neither the build nor the package manager has put it. */
function placeOf(name: string, module: string, path: string): string | undefined {
  const built = fileURLToPath(new URL(`./graphiql/${name}`, import.meta.url));
  if (existsSync(built)) return built;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${module}/package.json`)), path);
  } catch {
    return undefined;
  }
}
