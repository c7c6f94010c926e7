/** `set-cookie` headers as the host wants them: taken apart, for it writes them itself. */
import type { Cookie } from '@azure/functions';

type SameSite = NonNullable<Cookie['sameSite']>;

const SAME_SITE: Readonly<Record<string, SameSite>> = {
  lax: 'Lax',
  strict: 'Strict',
  none: 'None',
};

/** Undefined for what has no name. */
export function cookieOf(header: string): Cookie | undefined {
  const [pair = '', ...attributes] = header.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(0, equals)).trim();
  if (name === '') return undefined;
  const cookie: Cookie = { name, value: valueOf(pair.slice(equals + 1).trim()) };
  for (const attribute of attributes) apply(cookie, attribute);
  return cookie;
}

function apply(cookie: Cookie, attribute: string): void {
  const equals = attribute.indexOf('=');
  const key = (equals < 0 ? attribute : attribute.slice(0, equals)).trim().toLowerCase();
  const value = equals < 0 ? '' : attribute.slice(equals + 1).trim();
  if (key === 'path') cookie.path = value;
  else if (key === 'domain') cookie.domain = value;
  else if (key === 'secure') cookie.secure = true;
  else if (key === 'httponly') cookie.httpOnly = true;
  else if (key === 'max-age' && /^-?\d+$/.test(value)) cookie.maxAge = Number(value);
  else if (key === 'expires') {
    const at = new Date(value);
    if (!Number.isNaN(at.getTime())) cookie.expires = at;
  } else if (key === 'samesite') {
    const sameSite = SAME_SITE[value.toLowerCase()];
    if (sameSite) cookie.sameSite = sameSite;
  }
}

/** The host escapes what it is given: what is escaped already would be so twice. */
function valueOf(value: string): string {
  try {
    const decoded = decodeURIComponent(value);
    return encodeURIComponent(decoded) === value ? decoded : value;
  } catch {
    return value;
  }
}
