/**
 * Where nobody has to say who they are, being on this machine is the credential, and a web page of anybody's runs on
 * this machine, too. A browser tells what it is up to: a page of another site sends `Sec-Fetch-Site`, and one that had
 * its own name resolve to 127.0.0.1 (DNS rebinding) still sends that name as `Host`. Programs send neither.
 */
import type { IncomingMessage } from 'node:http';
import { FacetError } from '../base/index.ts';

const LOCAL_HOST = /^(?:localhost|(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

const HINT =
  'Without credentials only this machine may ask. Configure credentials (see facet credential --help), or start with --insecure.';

/**
 * Why a request is not taken for one of this machine's own; undefined when it is.
 * @param isLetIn the configuration names the site that it is from
 */
export function foreignOrigin(
  { headers, method }: Pick<IncomingMessage, 'headers' | 'method'>,
  isLetIn = false,
): FacetError | undefined {
  const { host } = headers;
  if (host !== undefined && !LOCAL_HOST.test(host)) {
    return new FacetError('FORBIDDEN', `This server does not answer for the host ${host.slice(0, 100)}`, {
      hint: HINT,
    });
  }
  // A link to here may be followed: the page that has it learns nothing of the answer.
  const isVisit = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
  if (headers['sec-fetch-site'] === 'cross-site' && !isVisit && !isLetIn) {
    return new FacetError('FORBIDDEN', 'This server takes no requests from pages of other sites', {
      hint: HINT,
    });
  }
  return undefined;
}
