/** Where the value after a name begins and ends. By hand: it has to be linear for any text. */

export interface SecretValue {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Switches, numbers and what is not there: no secrets. */
const HARMLESS = /^(?:true|false|null|none|undefined|yes|no|on|off|\d{1,5})$/i;
const UNQUOTED_END = /[\s"'`,;&{}()<>\\]|\]/g;
const SCHEME =
  /(?:bearer|basic|digest|token|apikey|negotiate|ntlm|sharedkey(?:lite)?|aws4-hmac-sha256)[ \t]{1,8}(?=[^\s])/iy;

/** Undefined where there is nothing to hide: no value, an object, a switch. */
export function readValue(text: string, at: number, name: string): SecretValue | undefined {
  const quote = quoteAt(text, at);
  const value =
    quote === '' ? unquoted(text, afterScheme(text, at, name)) : quoted(text, at, quote);
  const isHarmless = value.text === '' || HARMLESS.test(value.text);
  return isHarmless || value.text.startsWith('[redacted') ? undefined : value;
}

/** The quote with the backslashes before it: in JSON in JSON it is `\"`. */
function quoteAt(text: string, at: number): string {
  let end = at;
  while (end < at + 16 && text[end] === '\\') end += 1;
  const mark = text[end];
  return mark === '"' || mark === "'" || mark === '`' ? text.slice(at, end + 1) : '';
}

function quoted(text: string, at: number, quote: string): SecretValue {
  const from = at + quote.length;
  const mark = quote.slice(-1);
  const depth = quote.length - 1;
  for (let end = text.indexOf(mark, from); end >= 0; end = text.indexOf(mark, end + 1)) {
    const slashes = slashesBefore(text, from, end);
    // Each level of JSON doubles the backslashes; a quote that belongs to the value has more of them.
    if (slashes % (2 * (depth + 1)) !== depth) continue;
    return { from, to: end - depth, text: text.slice(from, end - depth), isQuoted: true };
  }
  // Cut off before its end: the rest of the line is the value.
  const to = lineEnd(text, from);
  return { from, to, text: text.slice(from, to), isQuoted: true };
}

function slashesBefore(text: string, from: number, at: number): number {
  let slashes = 0;
  while (at - slashes > from && text[at - slashes - 1] === '\\') slashes += 1;
  return slashes;
}

function unquoted(text: string, from: number): SecretValue {
  UNQUOTED_END.lastIndex = from;
  const to = UNQUOTED_END.exec(text)?.index ?? text.length;
  return { from, to, text: text.slice(from, to), isQuoted: false };
}

/** A header's value has two words: `Authorization: Digest abc`. */
function afterScheme(text: string, at: number, name: string): number {
  if (!/authorization$/i.test(name)) return at;
  SCHEME.lastIndex = at;
  return at + (SCHEME.exec(text)?.[0].length ?? 0);
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
