import { shorten } from './issues.ts';

/** What is wrong with an origin of CORS rules, or undefined. Origins are compared as texts, so it must be what browsers send. */
export function originProblem(origin: string): string | undefined {
  if (origin === '*') return undefined;
  if (origin.includes('*')) {
    return 'holds "*", which matches nothing inside an origin. List each origin, such as "https://app.example.com", or "*" alone for all.';
  }
  const sent = asSent(origin);
  if (sent === origin) return undefined;
  const next =
    sent === undefined
      ? 'Write scheme, host and port, such as "https://example.com".'
      : `Write ${JSON.stringify(shorten(sent, 260))}.`;
  return `is no origin as browsers send it, so no request would match. ${next}`;
}

/** The origin that was probably meant. */
function asSent(text: string): string | undefined {
  const full = text.includes('://') ? text : withScheme(text);
  if (full === undefined || !URL.canParse(full)) return undefined;
  const { protocol, host, origin } = new URL(full);
  if (host === '') return undefined;
  // Apps in a shell and browser extensions have schemes of their own, which `URL` knows no origin for.
  return origin === 'null' ? `${protocol}//${host}` : origin;
}

function withScheme(text: string): string | undefined {
  if (/^(?:localhost|127\.0\.0\.1)(?:[:/]|$)/i.test(text)) return `http://${text}`;
  return /^[^/:]+\.[^/:]/.test(text) ? `https://${text}` : undefined;
}
