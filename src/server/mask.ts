/** Secrets out of texts that people see: the ready line, `--print-config`, the log. */

export const MASK = '********';

/** A store URI without the password in its authority or its parameters. */
export function maskedUri(uri: string): string {
  // A password may have characters that a URI must escape, and then the URI is refused, with these words in the log.
  return uri
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#@:]*):.*@/i, `$1:${MASK}@`)
    .replaceAll(/([?&](?:password|sslpassword)=)[^&#]*/gi, `$1${MASK}`);
}
