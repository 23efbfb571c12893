/** Tests of the scanner that every rule stands on: a rule that reads comments as code finds nothing, or too much. */
import { describe, expect, it } from 'vitest';
import { scan } from './scan.ts';

describe('scan', () => {
  it('keeps length and line breaks', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the input of the scanner
    const text = "const a = 'x\\'y'; // one\n/* two\n three */ const b = `t${a + `n${1}`}u`;\n";
    const { code } = scan(text);
    expect(code).toHaveLength(text.length);
    expect(code.split('\n')).toHaveLength(text.split('\n').length);
  });

  it('separates comments, strings and code', () => {
    const scanned = scan("call('Date.now()'); // Date.now()\nconst c = /Date.now/.test(d) / 2; /* e */");
    expect(scanned.code).not.toContain('Date');
    expect(scanned.code).toContain('.test(d) / 2;');
    expect(scanned.comments.map((comment) => comment.text)).toEqual(['// Date.now()', '/* e */']);
    expect(scanned.comments.map((comment) => comment.line)).toEqual([1, 2]);
    expect(scanned.strings.map((string) => string.text)).toEqual(['Date.now()']);
  });

  it('reads code inside template expressions as code, also when they nest', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the input of the scanner
    const { code, strings } = scan('const a = `x ${f({ b: `y ${now()} z` })} v`; last();');
    expect(code).toContain('now()');
    expect(code).toContain('last();');
    expect(code).not.toMatch(/[vxyz]/);
    expect(strings.map((string) => string.text)).toEqual(['x ', 'y ', ' z', ' v']);
  });

  it('tells a division from a regular expression', () => {
    expect(scan('a = b / c; // d').comments).toHaveLength(1);
    expect(scan('return /"/.test(a); // d').comments).toHaveLength(1);
    expect(scan('a = (b) / c / d; "e"').strings).toHaveLength(1);
    expect(scan('a = [/[/"]/, 1]; "e"').strings).toHaveLength(1);
  });

  it('ends with unfinished input', () => {
    for (const text of ['"', "'", '`', '`${', '/*', '/', '\\', '"\\', '`\\'])
      expect(scan(text)).toBeDefined();
  });
});
