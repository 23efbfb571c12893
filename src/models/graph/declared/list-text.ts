/** A list as a file has it, `[a, "b, c", d]`, taken apart. */

const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')' };

/** Texts of the items, without the quotes around them; undefined for what is no list of single values. */
export function listItems(given: string): readonly string[] | undefined {
  const text = given.trim();
  if (text.length < 2 || CLOSERS[text.charAt(0)] !== text.charAt(text.length - 1)) return undefined;
  const end = text.length - 1;
  if (text.slice(1, end).trim() === '') return [];
  const items: string[] = [];
  let at = 1;
  while (at <= end) {
    const item = itemAt(text, at, end);
    if (item === undefined) return undefined;
    items.push(item.text);
    at = item.end + 1;
  }
  return items;
}

/** One item from there on, and where the comma behind it is. */
function itemAt(
  text: string,
  from: number,
  end: number,
): { readonly text: string; readonly end: number } | undefined {
  let at = from;
  while (text.charAt(at) === ' ') at++;
  const quote = text.charAt(at);
  if (quote !== '"' && quote !== "'") {
    let comma = text.indexOf(',', at);
    if (comma < 0 || comma > end) comma = end;
    const item = text.slice(at, comma).trim();
    return item === '' || /^[[{(]/.test(item) ? undefined : { text: item, end: comma };
  }
  let item = '';
  at++;
  for (; at < end; at++) {
    const character = text.charAt(at);
    if (character === quote) {
      if (text.charAt(at + 1) !== quote) break;
      at++;
    } else if (character === '\\' && at + 1 < end) at++;
    item += text.charAt(at);
  }
  if (text.charAt(at) !== quote || at >= end) return undefined;
  at++;
  while (text.charAt(at) === ' ') at++;
  return at === end || text.charAt(at) === ',' ? { text: item, end: at } : undefined;
}
