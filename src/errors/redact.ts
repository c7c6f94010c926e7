/** Takes credentials out of texts that come from outside. */
import { isSecretKey, mayBeProse } from './secret-keys.ts';
import { readValue } from './secret-value.ts';

/** Shapes of credentials that vendors' messages have been seen to quote. What the first group holds stays. */
const SHAPES: readonly RegExp[] = [
  /\bA[KS]IA[0-9A-Z]{16}\b/g,
  /\bAIza[\w-]{30,}/g,
  /\bya29\.[\w-]{8,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\bBearer\s+[\w.~+/=-]{8,}/gi,
  // Not `basic settings`.
  /\b(?:[Bb]asic|BASIC)\s+(?=[a-z.~+/-]*[A-Z0-9=])[\w.~+/=-]{8,}/g,
  /\bey[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,}/g,
  /\b(?:gh[pousr]|glpat|xox[abprs])[_-][\w-]{16,}/g,
  /\bgithub_pat_\w{20,}/g,
  /\bsk-[\w-]{16,}/g,
  /\b[rs]k_(?:live|test)_\w{10,}/g,
  // In an address: the password, or what is too long for a user's name.
  /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@"']{0,200}:)[^\s/@"']{1,400}(?=@)/gi,
  /(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/:@"'?#]{20,400}(?=@)/gi,
  /([?&](?:sig|signature|code|key)=)[^&\s"']+/gi,
];

/** A name, and what stands between it and its value: in JSON, in JSON in JSON, in a header, in a form, in code. */
const NAMED = /(?<![\w.-])([a-z_][\w.-]{0,199})(\\{0,16}["'`])?\s{0,8}(:|=>?|%3[ad])\s{0,8}/gi;

const REDACTED = '[redacted]';

export function redact(text: string): string {
  return withoutNamed(withoutShapes(text), false);
}

/**
 * As {@link redact}, for what an adapter says in words of its own: there, a sentence may go on after a path and a colon, as
 * in `env.API_KEY: there is no secret "orders"`.
 */
export function redactSaid(text: string): string {
  return withoutNamed(withoutShapes(text), true);
}

function withoutShapes(text: string): string {
  let clean = text;
  for (const shape of SHAPES) {
    clean = clean.replace(shape, (_match, kept: unknown) =>
      typeof kept === 'string' ? `${kept}${REDACTED}` : REDACTED,
    );
  }
  return clean;
}

/**
 * Values of names that promise a secret. One pass: a value is not looked at again.
 *
 * @param isSaid after a colon, only what is quoted as JSON is.
 */
function withoutNamed(text: string, isSaid: boolean): string {
  let clean = '';
  let done = 0;
  for (const match of text.matchAll(NAMED)) {
    const [whole, key = '', quote, separator = ''] = match;
    if (match.index < done || !isSecretKey(key)) continue;
    const at = match.index + whole.length;
    const value = readValue(text, at, key);
    if (value === undefined) continue;
    if (separator === ':') {
      const isJson = quote !== undefined && value.isQuoted;
      const isProse = isSaid ? !isJson : !value.isQuoted && mayBeProse(key, value.text);
      if (isProse) continue;
    }
    clean += text.slice(done, value.from) + REDACTED;
    done = value.to;
  }
  return done === 0 ? text : clean + text.slice(done);
}
