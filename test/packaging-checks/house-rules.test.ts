import { describe, expect, test } from 'vitest';
import { stripComments } from '../../scripts/declarations/statements.ts';
import { repositoryFiles } from './support/repository.ts';

// This file and its helpers name what they look for.
const files = repositoryFiles().filter(({ path }) => !path.startsWith('test/packaging-checks/'));
const code = files.filter(({ path }) => /\.[cm]?[jt]s$/.test(path));

/** Lines in which a pattern occurs, as `path:line: text`. */
function occurrences(
  where: readonly { readonly path: string; readonly text: string }[],
  pattern: RegExp,
): readonly string[] {
  return where.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 100)}`] : [],
      ),
  );
}

describe('house rules', () => {
  test('no file of code is longer than 400 lines', () => {
    const long = code.flatMap(({ path, text }) => {
      const lines = text.trimEnd().split('\n').length;
      return lines > 400 ? [`${path}: ${lines}`] : [];
    });
    expect(long).toEqual([]);
  });

  test('names of files are in kebab case', () => {
    const odd = code
      .map(({ path }) => path)
      .filter((path) => !path.split('/').every((part) => /^[a-z0-9.-]+$/.test(part)));
    expect(odd).toEqual([]);
  });

  test('no escape from the type checker', () => {
    // Tests of types say what becomes of an `any`.
    const judged = code.filter(({ path }) => !path.endsWith('types.test.ts'));
    const bare = judged.map(({ path, text }) => ({
      path,
      text: blankStrings(stripComments(text)),
    }));
    expect(occurrences(bare, /(?:[:<|&(,]|\bas)\s*any\b(?!['"])/)).toEqual([]);
    // The build writes one into declarations, for types of packages that users need not have.
    const written = code.filter(({ path }) => path !== 'scripts/tasks/build.mjs');
    expect(occurrences(written, /@ts-(?:ignore|nocheck)/)).toEqual([]);
  });

  test('no test is skipped, focused or mocked', () => {
    const tests = code.filter(
      ({ path }) => path.startsWith('test/') || path.startsWith('src/contract/'),
    );
    expect(
      occurrences(tests, /\b(?:test|it|describe)\.(?:skip|only|todo|fails)\b|\bvi\.mock\b/),
    ).toEqual([]);
  });

  test('the variables of the process of the tests are put back, not replaced', () => {
    // Another object in the place of `process.env` is one that the runner does not know: see keepEnvironment.
    expect(occurrences(code, /^\s*process\.env\s*=(?!=)/)).toEqual([]);
  });

  test('what Node 22 runs as it stands has no syntax that it does not know', () => {
    const unbuilt = code.filter(({ path }) => /^(?:scripts|examples)\//.test(path));
    expect(occurrences(unbuilt, /^\s*(?:await\s+)?using\s+\w+\s*=/)).toEqual([]);
  });

  test('no path of a machine and no address of a registry', () => {
    const pattern =
      /(?:^|[\s'"`(=])\/(?:home|root|Users|work|workspace)\/|[A-Z]:\\Users\\|\/\/registry\.(?!npmjs\.org)[a-z]|"resolved": "(?:https?|file):/;
    expect(occurrences(files, pattern)).toEqual([]);
  });
});

/** Strings may hold any words. */
function blankStrings(text: string): string {
  return text.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g, "''");
}
