/** What Vercel says of the first thing that its schema does not like. */

interface Issue {
  readonly code: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly expected?: unknown;
  readonly received?: unknown;
}

export function wordsOf(issues: readonly Issue[]): string {
  const [issue] = issues;
  if (!issue) return 'it does not fit the schema.';
  const [first, ...rest] = issue.path;
  const path = first === 'requestBody' ? rest : issue.path;
  const name = path.map(String).join('.');
  if (issue.received === 'undefined') return `missing required property \`${name}\`.`;
  const expected = typeof issue.expected === 'string' ? issue.expected : undefined;
  return expected === undefined ? `\`${name}\` is invalid.` : `\`${name}\` should be ${expected}.`;
}
