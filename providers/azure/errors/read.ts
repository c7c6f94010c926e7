/** Reads what Azure's services say of a failure, in each of their forms. */

export interface SaidError {
  /** The vendor's own word; empty where there is none. */
  readonly code: string;
  readonly message: string;
}

/** Said of what nobody said anything about. */
const SILENT: SaidError = { code: '', message: '' };
/** Nobody reads more of a page of HTML. */
const MAX_TEXT = 500;

/**
 * Of a reply's body: Resource Manager's `{ "error": { "code", "message" } }`, App Service's `{ "Code", "Message" }`, the
 * XML of Azure Storage, `{ "code", "message" }`, or plain text.
 */
export function saidIn(body: unknown): SaidError {
  if (typeof body === 'string') return saidInText(body);
  if (typeof body !== 'object' || body === null) return SILENT;
  const inner = 'error' in body ? body.error : undefined;
  if (typeof inner === 'string') return { code: inner, message: textOf(body, 'error_description') };
  const said = typeof inner === 'object' && inner !== null ? inner : body;
  const code = textOf(said, 'code') || textOf(said, 'Code');
  const message = textOf(said, 'message') || textOf(said, 'Message');
  const cause = causeIn(said);
  // Deployments wrap the error that counts.
  if (cause && (code === 'DeploymentFailed' || code === '')) return cause;
  return { code, message: message || cause?.message || '' };
}

function causeIn(said: object): SaidError | undefined {
  const details = 'details' in said ? said.details : undefined;
  const [first] = Array.isArray(details) ? details : [];
  if (typeof first !== 'object' || first === null) return undefined;
  const { code, message } = saidIn(first);
  return code === '' && message === '' ? undefined : { code, message };
}

function saidInText(text: string): SaidError {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (trimmed.startsWith('{')) {
    try {
      const parsed: unknown = JSON.parse(trimmed);
      return saidIn(parsed);
    } catch {
      // Cut off on its way.
    }
  }
  const code = /<Code>([^<]*)<\/Code>/.exec(trimmed)?.[1] ?? '';
  const message = /<(?:Message|Detail)>([^<]*)<\/(?:Message|Detail)>/.exec(trimmed)?.[1];
  if (message !== undefined) return { code, message: plainText(message).split('\n')[0] ?? '' };
  const plain = /<\w/.test(trimmed)
    ? (/<title>([^<]*)<\/title>/i.exec(trimmed)?.[1] ?? '')
    : trimmed;
  return { code, message: plain.slice(0, MAX_TEXT) };
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
};

function plainText(xml: string): string {
  return xml.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) => {
    if (typeof name === 'string') return ENTITIES[name] ?? all;
    const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
    return String.fromCodePoint(code);
  });
}

/** Milliseconds, from headers whose names are in lower case. */
export function retryAfterOf(
  headers: Readonly<Record<string, string | undefined>>,
  now: number = Date.now(),
): number | undefined {
  const inMs = Number(headers['retry-after-ms'] ?? headers['x-ms-retry-after-ms'] ?? Number.NaN);
  if (inMs >= 0) return inMs;
  const given = headers['retry-after'];
  if (given === undefined || given === '') return undefined;
  const seconds = Number(given);
  if (seconds >= 0) return seconds * 1000;
  const at = Date.parse(given);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function textOf(value: object, name: string): string {
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : '';
}
