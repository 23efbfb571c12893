/** Choosing scenarios by their tags. */

export interface TagFilter {
  /** One of them must be there, unless the list is empty. */
  readonly some: readonly string[];
  /** None of them may be there. */
  readonly none: readonly string[];
}

/** Reads lists with commas: `@a,@b` asks for one of them, `~@c` and `not @c` for the absence of one. */
export function parseTags(lists: readonly string[]): TagFilter {
  const some: string[] = [];
  const none: string[] = [];
  for (const word of lists.flatMap((list) => list.split(',')).map((part) => part.trim())) {
    const match = /^(~|not\s+)?(@[^\s@]+)$/.exec(word);
    if (match === null) throw new Error(`no tag: '${word}'`);
    (match[1] === undefined ? some : none).push(match[2] ?? '');
  }
  return { some, none };
}

export const tagsMatch = ({ some, none }: TagFilter, tags: ReadonlySet<string>): boolean =>
  (some.length === 0 || some.some((tag) => tags.has(tag))) && !none.some((tag) => tags.has(tag));
