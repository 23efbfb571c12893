/** No path of the machine that a file was written on is left in it. */
import { describe, expect, it } from 'vitest';
import { allPaths, type Finding, read, written } from './repository.ts';

/** Homes of people and roots of build machines. Documentation writes `/var/lib/facet` and `./facet-data`. */
const MACHINE_PATH =
  /(?<![\w./$-])(?:\/(?:work|root|Users)\/[\w.-]+|\/home\/(?!node\b)[\w.-]+|[A-Z]:\\{1,2}Users\\)/g;

function checkPaths(path: string, text: string): Finding[] {
  return text.split('\n').flatMap((line, index) =>
    [...line.matchAll(MACHINE_PATH)].map((match) => ({
      path,
      line: index + 1,
      message: `names ${match[0]}`,
    })),
  );
}

describe('paths of one machine', () => {
  it('stand in no file', () => {
    const looked = allPaths().filter(
      (path) =>
        /\.(?:ts|mjs|md|json|sql|toml|yml|yaml|sh)$|^\.ci\//.test(path) && path !== 'package-lock.json',
    );
    expect(looked.length).toBeGreaterThan(80);
    const self = 'test/tidy/paths.test.ts';
    expect(looked).toContain(self);
    const findings = looked.filter((path) => path !== self).flatMap((path) => checkPaths(path, read(path)));
    expect(written(findings)).toEqual([]);
  });

  it.each([
    ["const a = '/home/alice/facet';", 1],
    ['see /root/facet and /work/main/x', 2],
    ['/Users/alice', 1],
    ['C:\\Users\\alice', 1],
    ['the folder ./work/main and https://example.com/home/page', 0],
    ['/var/lib/facet', 0],
  ])('are found in %j', (text, count) => {
    expect(checkPaths('a.md', text)).toHaveLength(count);
  });
});
