/** Names of files and folders follow the rule, and the rule finds the names it forbids. */
import { describe, expect, it } from 'vitest';
import { checkNames } from './names.ts';
import { allPaths, written } from './repository.ts';

describe('names', () => {
  it('of all files and folders follow the rule', () => {
    expect(written(checkNames(allPaths()))).toEqual([]);
  });

  it('are all seen', () => {
    expect(allPaths().filter((path) => path.startsWith('src/')).length).toBeGreaterThan(60);
    expect(allPaths()).toContain('package.json');
    expect(allPaths()).toContain('test/tidy/names.ts');
  });
});

describe('the rule of names', () => {
  it.each([
    'src/base/utils.ts',
    'src/base/string-helpers.ts',
    'src/engine/pool-manager.ts',
    'src/shared/clock.ts',
    'src/common/clock.ts',
    'src/models/sql/types.ts',
    'src/base/camelCase.ts',
    'src/base/snake_case.ts',
    'src/Base/clock.ts',
    'src/base/misc.test.ts',
    'src/engine/migrations/1-first.sql',
    'src/base/orphan.test.ts',
  ])('finds %s', (path) => {
    expect(checkNames([path]).length).toBeGreaterThan(0);
  });

  it.each([
    'src/base/exact-json.ts',
    'src/models/type-names.ts',
    'src/engine/migrations/0001-transactions.sql',
    'test/fuzz/exact-json.fuzz.test.ts',
    'docs/decisions/0001-operations-are-declared-beside-models.md',
    'README.md',
    'tsconfig.build.json',
    'vitest.config.ts',
    '.ci/run',
  ])('lets %s pass', (path) => {
    expect(written(checkNames([path]))).toEqual([]);
  });

  it('lets a test stand beside its file', () => {
    expect(checkNames(['src/base/errors.ts', 'src/base/errors.test.ts'])).toEqual([]);
  });
});
