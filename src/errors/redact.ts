/** Shapes of credentials that vendors' messages have been seen to quote. */
const SHAPES: readonly RegExp[] = [
  /\bA[KS]IA[0-9A-Z]{16}\b/g,
  /\bya29\.[\w-]{8,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  /\bey[\w-]{8,}\.[\w-]{8,}\.[\w-]{4,}/g,
  /\b(?:gh[pousr]|glpat|xox[abprs])[_-][\w-]{16,}/g,
  /([?&](?:sig|signature|token|code|key|x-(?:amz|goog)-(?:signature|credential|security-token))=)[^&\s"']+/gi,
  /((?:secret|password|passwd|pwd|api[-_]?key|access[-_]?key|account[-_]?key|connection[-_]?string)["']?\s*[:=]\s*["']?)[^\s"',;}]+/gi,
];

/** Takes credentials out of a text that comes from outside. */
export function redact(text: string): string {
  let clean = text;
  for (const shape of SHAPES) {
    clean = clean.replace(shape, (_match, prefix: unknown) =>
      typeof prefix === 'string' ? `${prefix}[redacted]` : '[redacted]',
    );
  }
  return clean;
}
