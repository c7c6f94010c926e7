import type { Message } from 'esbuild';
import type { ServerlessError } from '../errors/index.ts';
import { messageOf, refused } from './errors.ts';
import { packageOf } from './native.ts';

const SHOWN = 5;

/** The bundler's complaints, with file, line, column and text, as one refusal. */
export function bundleRefused(request: { readonly name: string }, cause: unknown): ServerlessError {
  const messages = messagesOf(cause);
  if (messages.length === 0) {
    return refused(request.name, `the bundler failed: ${messageOf(cause)}`, { cause });
  }
  const issues = messages.map(describe);
  const more = issues.length > SHOWN ? `\n... and ${issues.length - SHOWN} more` : '';
  return refused(
    request.name,
    `the code cannot be bundled:\n${issues.slice(0, SHOWN).join('\n')}${more}`,
    { details: { issues } },
  );
}

function messagesOf(cause: unknown): readonly Message[] {
  if (typeof cause !== 'object' || cause === null || !('errors' in cause)) return [];
  // The bundler's own error type has no class to test for.
  return Array.isArray(cause.errors) ? (cause.errors as readonly Message[]) : [];
}

function describe({ text, location }: Message): string {
  const at = location ? `${place(location.file)}:${location.line}:${location.column + 1}: ` : '';
  const line = location?.lineText.trim();
  return `${at}${text}${line ? `\n    ${line.slice(0, 160)}` : ''}${hintFor(text)}`;
}

const place = (file: string): string => file.replace(/^polyfaas-inline:/, 'source: ');

function hintFor(text: string): string {
  const unread = /^No loader is configured for "[^"]*" files: (.+)$/.exec(text)?.[1];
  if (unread !== undefined) {
    const file = unread.replaceAll('\\', '/');
    const owner = packageOf(file);
    if (owner !== undefined) {
      return `\n    Name "${owner}" in \`package.external\`: then it stays a package, with its files.`;
    }
    return file.startsWith('..')
      ? '\n    Import code alone. For another file, set `root` to a folder that holds it too, and name it in `package.include`.'
      : `\n    Name "${file}" in \`package.include\`, and read it when the code runs: readFileSync(new URL("./${file}", import.meta.url), "utf8").`;
  }
  const name = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  if (name === undefined) return '';
  return /^[./]/.test(name)
    ? '\n    Correct the path.'
    : `\n    Install it, or list "${name}" in \`package.external\` when the platform provides it.`;
}
