/** Named graphs: a folder each, with a description that lists the scripts of queries which make the graph. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export class NamedGraphError extends Error {}

/** Queries that make the graph, in order. */
export type NamedGraphs = (name: string) => Promise<readonly string[]>;

/** Reads `NAME/NAME.json` and its scripts below a folder, each graph once. */
export function namedGraphs(folder: string): NamedGraphs {
  const known = new Map<string, Promise<readonly string[]>>();
  return (name) => {
    const queries = known.get(name) ?? readGraph(folder, name);
    known.set(name, queries);
    return queries;
  };
}

async function readGraph(folder: string, name: string): Promise<readonly string[]> {
  if (!/^[\w.-]+$/.test(name)) throw new NamedGraphError(`'${name}' is no name of a graph`);
  const read = async (file: string): Promise<string> => {
    try {
      return await readFile(join(folder, name, file), 'utf8');
    } catch (cause) {
      throw new NamedGraphError(`the graph '${name}' has no file ${file} below ${folder}`, { cause });
    }
  };
  const description: unknown = JSON.parse(await read(`${name}.json`));
  const scripts =
    typeof description === 'object' && description !== null && 'scripts' in description
      ? description.scripts
      : undefined;
  if (!Array.isArray(scripts) || !scripts.every((script) => typeof script === 'string')) {
    throw new NamedGraphError(`the description of the graph '${name}' lists no scripts`);
  }
  const texts = await Promise.all(scripts.map((script) => read(`${script}.cypher`)));
  return texts.flatMap(splitStatements);
}

/** Splits at semicolons that stand outside of strings, quoted names and comments. */
export function splitStatements(script: string): string[] {
  const pieces = script.matchAll(
    /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:``|[^`])*`|\/\/[^\n]*|\/\*.*?\*\/|;|[^'"`/;]+|./gs,
  );
  const statements: string[] = [];
  let statement = '';
  for (const [piece] of pieces) {
    if (piece === ';') {
      statements.push(statement);
      statement = '';
    } else {
      statement += piece;
    }
  }
  return [...statements, statement].map((text) => text.trim()).filter((text) => text !== '');
}
