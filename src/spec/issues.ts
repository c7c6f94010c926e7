import type { JsonValue } from '../function/json.types.ts';
import { ServerlessError } from '../errors/serverless-error.ts';

/** Where a value stands in a configuration. */
export type Path = readonly (string | number)[];

/** One thing wrong with a configuration. */
export interface Issue {
  readonly path: Path;
  /** What is wrong and what to do, without the path. Holds no secret. */
  readonly message: string;
}

const PLAIN_KEY = /^[A-Za-z_$][A-Za-z0-9_$-]*$/;

/** `functions.orders.events[1].batchSize`; keys that are no plain words stand in `["..."]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') {
      text += `[${part}]`;
      continue;
    }
    const key = shorten(part, 60);
    if (!PLAIN_KEY.test(part)) text += `[${JSON.stringify(key)}]`;
    else text += text === '' ? key : `.${key}`;
  }
  return text;
}

/** Cuts a text so that a message stays readable. */
export function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Each problem once, in the order found. */
export function distinctIssues(issues: readonly Issue[]): readonly Issue[] {
  const seen = new Map<string, Issue>();
  for (const issue of issues) {
    const key = `${formatPath(issue.path)}\n${issue.message}`;
    if (!seen.has(key)) seen.set(key, issue);
  }
  return [...seen.values()];
}

/** One INVALID_ARGUMENT for all problems; `details.issues` holds them as data. */
export function issuesError(subject: string, issues: readonly Issue[]): ServerlessError {
  const found = distinctIssues(issues).map(({ path, message }) => ({
    path: formatPath(path),
    message,
  }));
  const lines = found.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`;
  const message =
    lines.length === 1
      ? `${subject} has ${count}. ${lines[0] ?? ''}`
      : `${subject} has ${count}:\n${lines.map((line) => `- ${line}`).join('\n')}`;
  const details: { readonly issues: JsonValue } = { issues: found };
  return new ServerlessError({ code: 'INVALID_ARGUMENT', message, details });
}
