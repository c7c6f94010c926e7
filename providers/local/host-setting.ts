/** Names of hosts, as people write them in settings, and as they come in a Host header. */
import { hostName } from './gateway/host-name.ts';

/** Stands for every name. */
const ALL = '*';

const IP_V6 = /^[\da-f]*:[\da-f]*:[\da-f:.]*$/i;

/** A URL reads these as something beside the name, or drops them. */
const NO_PART_OF_A_NAME = /[\s/\\?#@%]|:(?![^[\]]*\])/;

/**
 * The name as a Host header has it, without its port: in lower case, in punycode, IPv6 in brackets, no final dot.
 * Undefined for what no Host header can name.
 */
export function comparableHost(given: string): string | undefined {
  if (given === ALL) return ALL;
  const name = IP_V6.test(given) ? `[${given}]` : given;
  if (NO_PART_OF_A_NAME.test(name)) return undefined;
  const found = URL.parse(`http://${name}`)?.hostname.replace(/\.$/, '');
  if (found === undefined || found.split('.').includes('')) return undefined;
  return hostName(found) === found ? found : undefined;
}

/** Why no Host header can match, and how to write it: the end of a sentence that begins with the name. */
export function hostProblem(given: string): string | undefined {
  if (comparableHost(given) !== undefined) return undefined;
  if (/^(?:\*?\.|\*)./.test(given)) {
    return 'is a pattern, and there is none but "*", for all names. Give each name.';
  }
  const isAddress = /^[a-z]+:\/\//i.test(given);
  const name = URL.parse(isAddress ? given : `http://${given}`)?.hostname;
  const isName = name !== undefined && comparableHost(name) !== undefined;
  if (isName && isAddress) return `is an address. Give its name alone, "${name}".`;
  if (isName && /:\d+$/.test(given)) {
    return `has a port, which the names are compared without. Give "${name}".`;
  }
  return 'is no host name. Give one such as "my.test", or "*" for all names.';
}

/** An address to listen on, without the brackets that IPv6 has in a URL. */
export function listenAddress(given: string): string {
  const inner = given.slice(1, -1);
  return given === `[${inner}]` ? inner : given;
}
