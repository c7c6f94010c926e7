/** The Host header: which names may reach the gateway. A web page that rebinds its own name to 127.0.0.1 may not. */

const NAME_AND_PORT = /^([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;

/** The name in a Host header, lower case and without port and final dot; undefined when it is none. */
export function hostName(header: string): string | undefined {
  const match = NAME_AND_PORT.exec(header.toLowerCase());
  return match?.[1]?.replace(/\.$/, '');
}

/** True for names that only this machine answers to. */
export function isLoopbackName(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(name)
  );
}

/** True when `host`, as given to `listen`, is reached from this machine only. */
export function isLoopbackAddress(host: string): boolean {
  return isLoopbackName(host) || host === '::1';
}

/** Says which Host names are let in. */
export function hostRule(
  listenHost: string,
  allowedHosts: readonly string[],
): (name: string) => boolean {
  const all = allowedHosts.includes('*');
  const named = new Set([listenHost, ...allowedHosts].map((name) => name.toLowerCase()));
  return (name) => all || isLoopbackName(name) || named.has(name) || named.has(bare(name));
}

/** IPv6 addresses stand in brackets in a Host header, and without them in settings. */
function bare(name: string): string {
  return name.startsWith('[') ? name.slice(1, -1) : name;
}
