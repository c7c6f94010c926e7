/** JSON and YAML, with the place of what is wrong and without quoting the file. */
import { shorten } from '../spec/issues.ts';
import { findDuplicateKey, jsonErrorOffset } from './json-error.ts';
import { configFileError, offendingText, placeOf } from './tsk/error.ts';
import { findDoubleKey } from './yaml-duplicate.ts';

/** Parses JSON. */
export function parseJson(file: string, text: string): unknown {
  const source = text.replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    // The engine's message quotes the file, which may hold secrets, and often names no place.
    const offset = jsonErrorOffset(source);
    const found = offendingText(source, offset);
    const hint = COMMENT.test(source.slice(offset, offset + 2)) ? ` ${NO_COMMENTS}` : '';
    const message = `this is not valid JSON: found ${found}.${hint}`;
    throw configFileError(file, placeOf(source, offset), message);
  }
  const double = findDuplicateKey(source);
  if (double === undefined) return value;
  throw configFileError(file, placeOf(source, double.offset), setTwice(double.key));
}

const setTwice = (key: string): string =>
  `the key ${JSON.stringify(shorten(key, 60))} is set twice. Keep one of them.`;

const COMMENT = /^(?:\/\/|\/\*|#)/;
const NO_COMMENTS = 'JSON has no comments: remove it, or write YAML or TypeScript.';

/** Parses YAML 1.2: one document, no custom tags, few aliases. */
export async function parseYaml(file: string, text: string): Promise<unknown> {
  const yaml = await import('yaml');
  const fail = (offset: number, message: string): never => {
    throw configFileError(file, placeOf(text, offset), message);
  };
  try {
    const document = yaml.parseDocument(text, {
      schema: 'core',
      version: '1.2',
      customTags: [],
      merge: false,
      prettyErrors: false,
      stringKeys: true,
      uniqueKeys: false,
    });
    // Warnings are unknown tags: their values would be taken for something else than was meant.
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) {
      const [offset] = problem.pos;
      const hint = yamlHint(problem.code, text, offset);
      return fail(offset, `this is not valid YAML here: ${yamlReason(problem.code)}.${hint}`);
    }
    const double = findDoubleKey(yaml, document);
    if (double !== undefined) return fail(double.offset, setTwice(double.key));
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return value;
  } catch (cause) {
    if (cause instanceof ReferenceError) {
      const message = cause.message.startsWith('Excessive')
        ? 'the aliases of this YAML grow too large. Write the values out.'
        : `an alias of this YAML has no anchor before it. Write the value out. ${STAR}`;
      return fail(0, message);
    }
    if (cause instanceof RangeError) return fail(0, 'this YAML is nested too deep. Flatten it.');
    throw cause;
  }
}

/** `TAB_AS_INDENT` -> `tab as indent`. The parser's own messages quote the file, which may hold secrets. */
function yamlReason(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ');
}

const STAR = 'A text that begins with "*" needs quotes: cron: "* * * * *".';
/** A value on its line that begins with a star, up to where its alias would end. */
const AFTER_STAR = /(?:^|[\s:,[{-])\*\S*\s*$/;

/** What was probably meant, from the signs alone. */
function yamlHint(code: string, text: string, offset: number): string {
  const sign = text.charAt(offset);
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  if (code === 'TAB_AS_INDENT') return ' YAML indents with spaces, not tabs.';
  if (code === 'BAD_ALIAS' && sign === '*') return ` ${STAR}`;
  if (code === 'UNEXPECTED_TOKEN' && AFTER_STAR.test(before)) return ` ${STAR}`;
  if (code === 'BAD_SCALAR_START') return ` A text that begins with "${sign}" needs quotes.`;
  return '';
}
