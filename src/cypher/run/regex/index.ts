/** Front door of the regular expressions. */
export { compileRegex } from './regex.ts';
