import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTsk, type TskTable } from '../../../src/config/tsk/parse.ts';
import { ServerlessError } from '../../../src/errors/index.ts';
import { printTsk, styles, tables } from './tsk-printer.ts';

const env: Record<string, string> = { STAGE: 'dev', MEMORY: '1024', DEBUG: 'true', EMPTY: '' };

function parse(text: string): TskTable {
  return parseTsk({
    file: 'a.tsk',
    text,
    env,
    readFile: (path) => {
      if (path === 'name.txt') return 'from a file';
      throw new Error('no such file');
    },
  });
}

const problem = (text: string): string => {
  try {
    parse(text);
  } catch (error) {
    return error instanceof Error ? error.message : 'not an error';
  }
  return 'no error';
};

/** A tree, or INVALID_ARGUMENT: nothing else. */
const answersOrRefuses = (run: () => TskTable): boolean => {
  try {
    return typeof run() === 'object';
  } catch (error) {
    return ServerlessError.isInstance(error) && error.code === 'INVALID_ARGUMENT';
  }
};

describe('parseTsk', () => {
  it('reads sections, assignments, blocks in braces and lists', () => {
    const text = `
# the seeds write it so
[serverless_architecture]
provider = "aws_lambda"
memory_size = 512   ; a comment
ratio: 0.1          // another

[serverless_architecture.functions]
user_management = {
    handler = "UserHandler::handle",
    events = ["http", "s3",
      "dynamodb"],
    environment = { STAGE = "production" }
}
`;
    expect(parse(text)).toEqual({
      serverless_architecture: {
        provider: 'aws_lambda',
        memory_size: 512,
        ratio: 0.1,
        functions: {
          user_management: {
            handler: 'UserHandler::handle',
            events: ['http', 's3', 'dynamodb'],
            environment: { STAGE: 'production' },
          },
        },
      },
    });
  });

  it('reads blocks without sections, and without commas', () => {
    const text = `serverless = {
      provider = 'aws_lambda'
      environment { APP_ENV: "production" DB_HOST: db.example }
      "a key": [1
        2, 3]
    }`;
    expect(parse(text)).toEqual({
      serverless: {
        provider: 'aws_lambda',
        environment: { APP_ENV: 'production', DB_HOST: 'db.example' },
        'a key': [1, 2, 3],
      },
    });
  });

  it('reads indented blocks and lists with dashes', () => {
    const text = `[lambda_function]
name: "tusk-processor"
environment:
  RUST_LOG: "info"

  nested:
      deep: true
  TUSK_CONFIG: lambda.tusk
events:
  - type: http
    path: "/orders"
    cors:
      origins: ["*"]
  - type: queue
    queue: orders
steps:
- a
-
  b: 1
- - x
  - y
- s3:ObjectCreated:*
timeout: 30
`;
    expect(parse(text)).toEqual({
      lambda_function: {
        name: 'tusk-processor',
        environment: { RUST_LOG: 'info', nested: { deep: true }, TUSK_CONFIG: 'lambda.tusk' },
        events: [
          { type: 'http', path: '/orders', cors: { origins: ['*'] } },
          { type: 'queue', queue: 'orders' },
        ],
        steps: ['a', { b: 1 }, ['x', 'y'], 's3:ObjectCreated:*'],
        timeout: 30,
      },
    });
  });

  it.each([
    ['a = "x\\ty \\"q\\" \\u0041 \\\\"', 'x\ty "q" A \\'],
    ["a = 'it\\'s # no comment'", "it's # no comment"],
    ['a = php:8.4', 'php:8.4'],
    ['a: https://example.com/x', 'https://example.com/x'],
    ['a: ./functions/orders.ts', './functions/orders.ts'],
    ['a = 012345678901', '012345678901'],
    ['a = -1.5e3', -1_500],
    ['a = true', true],
    ['a: false # no', false],
    ['a = null', null],
    ['a = []', []],
    ['a = {}', {}],
    ['\uFEFFa = 1\r\n', 1],
    ['a = b//c', 'b//c'],
    ['  a = 1\n  b = 2', 1],
  ])('reads the value of %j', (text, value) => {
    expect(parse(text)['a']).toEqual(value);
  });

  it('asks the environment, files and secrets', () => {
    const text = `
a = @env("STAGE", "x")
b = "@env('STAGE')"
c = @env('NOT_SET', "us-east-1")
d = @env("MEMORY", 512)
e = @env("DEBUG", false)
f = @env("EMPTY", "x")
g = @env("NOT_SET", @env("STAGE", word))
h = "@file.read('name.txt')"
i = @file.read("name.txt")
j = @secret("orders/db")
k = { x = "@secret('orders/db', '7')" }
l = "\\@env('STAGE')"
m = "@scope/package"
n = "mail @env('STAGE')"
o = @env("NOT_SET", null)
p = @env("STAGE", @env("NOT_SET_EITHER"))
`;
    expect(parse(text)).toEqual({
      a: 'dev',
      b: 'dev',
      c: 'us-east-1',
      d: 1_024,
      e: true,
      f: '',
      g: 'dev',
      h: 'from a file',
      i: 'from a file',
      j: { $secret: 'orders/db' },
      k: { x: { $secret: 'orders/db', version: '7' } },
      l: "@env('STAGE')",
      m: '@scope/package',
      n: "mail @env('STAGE')",
      o: null,
      p: 'dev',
    });
  });

  it('opens the sections in any order', () => {
    expect(parse('[a.b]\nx = 1\n[a]\ny = 2\n[a.c]\n["d.e"."f"]\nz = 3')).toEqual({
      a: { b: { x: 1 }, y: 2, c: {} },
      'd.e': { f: { z: 3 } },
    });
  });

  it.each([
    ['a', 'a.tsk:1:2: found the end of the file, expected "=", ":" or "{" after a key.'],
    ['\n  a =', 'a.tsk:2:6: found the end of the file, expected a value, or an indented block'],
    ['a = 1\nb = two words', 'a.tsk:2:9: found a word, expected the end of the line.'],
    ['a = "x', 'a.tsk:1:5: a text in quotes does not end on its line. Close it with ".'],
    ['a = "x\\q"', 'a.tsk:1:7: unknown escape'],
    ['a = "\\u12"', 'a.tsk:1:6: unknown escape'],
    ['a = 1\na = 2', 'a.tsk:2:1: the key "a" is set twice.'],
    ['a = { b = 1, b: 2 }', 'a.tsk:1:14: the key "b" is set twice.'],
    ['[a]\n[a]', 'a.tsk:2:1: [a] is set twice.'],
    ['[a]\nb = {}\n[a.b]', 'a.tsk:3:1: [a.b] is set twice.'],
    ['a = 1\n[a.b]', 'a.tsk:2:1: [a.b] is set twice.'],
    ['[a.b]\n[a]\nb = 1', 'a.tsk:3:1: the key "b" is set twice.'],
    ['[a', 'a.tsk:1:3: found the end of the file, expected "." or "]"'],
    ['[a] b = 1', 'a.tsk:1:5: found a word, expected the end of the line.'],
    ['[]', 'a.tsk:1:2: found "]", expected a key'],
    ['a = [1 2]', 'a.tsk:1:8: found a number, expected "," or "]".'],
    ['a = [1,,2]', 'a.tsk:1:8: found ",", expected a value.'],
    ['a = {1 = 2', 'a.tsk:1:11: found the end of the file, expected a key'],
    ['a = { every = 5 minutes }', 'a.tsk:1:25: found "}", expected "=", ":" or "{" after a key.'],
    ['path = /orders/{id}', 'a.tsk:1:16: found "{", expected the end of the line.'],
    ['a:\n  b: 1\n    c: 2', 'a.tsk:3:5: found a word, expected an entry indented by 2'],
    ['a:\n    b: 1\n  c: 2', 'a.tsk:3:3: found a word, expected an entry at the same indentation'],
    ['a = 1\n  b = 2', 'a.tsk:2:3: found a word, expected an entry at the same indentation'],
    ['a:\n \tb: 1', 'a.tsk:2:3: the indentation has a tab behind spaces.'],
    ['__proto__ = 1', 'a.tsk:1:1: the key "__proto__" is refused'],
    ['a = { "constructor": 1 }', 'a.tsk:1:7: the key "constructor" is refused'],
    ['[a.prototype]', 'a.tsk:1:4: the key "prototype" is refused'],
    ['a = 12345678901234567890', 'a.tsk:1:5: a number is too large'],
    ['a = 1e999', 'a.tsk:1:5: a number is too large'],
    ['a = @env("NO")', 'a.tsk:1:5: the environment variable NO is not set.'],
    ['a = "@env(\'NO\')"', 'a.tsk:1:5: the environment variable NO is not set.'],
    ['a = "@env(\'NO"', 'a.tsk:1:5: a text in quotes does not end'],
    ['a = "@env(\'STAGE\') x"', 'a.tsk:1:5: text follows a call inside quotes.'],
    ['a = @env()', 'a.tsk:1:5: @env has 0 arguments.'],
    ['a = @env("A", 1, 2)', 'a.tsk:1:5: @env has 3 arguments.'],
    ['a = @env("A" 1)', 'a.tsk:1:14: found a number, expected "," or ")".'],
    ['a = @env(5)', 'a.tsk:1:5: the first argument of @env must be a text.'],
    ['a = @env("STAGE", 5)', 'a.tsk:1:5: the environment variable STAGE is not a number'],
    [
      'a = @env("STAGE", true)',
      'a.tsk:1:5: the environment variable STAGE is neither true nor false',
    ],
    ['a = @query("x")', 'a.tsk:1:5: unknown function. Known are @env("NAME")'],
    ['a = @file.read("other.txt")', 'a.tsk:1:5: @file.read: the file cannot be read.'],
    ['a = @secret("../x")', 'a.tsk:1:5: @secret: secret(name): the name given is no name'],
    [
      'a = secret("db")',
      'a.tsk:1:11: found "(", expected the end of the line. Functions begin with @, such as @secret("name").',
    ],
    ['= 1', 'a.tsk:1:1: found "=", expected a key'],
  ])('refuses %j with its place', (text, message) => {
    expect(problem(text)).toContain(message);
  });

  it('does not repeat what stands in quotes, nor the words of a value', () => {
    expect(problem('a = 1 "hunter2"')).not.toContain('hunter2');
    expect(problem('DB_PASSWORD = my hunter2')).toContain('found a word, expected');
    expect(problem('PASSWORD = "hunter2')).not.toContain('hunter2');
    expect(problem('a = @env("STAGE" "hunter2")')).not.toContain('hunter2');
  });

  it('is bounded in depth and size', () => {
    expect(problem('a = ' + '['.repeat(100_000))).toContain('nested deeper than 64 levels');
    expect(problem('a = ' + '{a='.repeat(100_000))).toContain('nested deeper than 64 levels');
    expect(problem('a:\n' + '- '.repeat(100_000))).toContain('nested deeper than 64 levels');
    const stairs = Array.from({ length: 80 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n');
    expect(problem(stairs)).toContain('nested deeper than 64 levels');
    expect(problem(`[${'a.'.repeat(100)}a]`)).toContain('nested deeper than 64 levels');
    expect(problem(`a = ${'@env("A", '.repeat(50)}`)).toContain('nested too deep');
    expect(problem(`a = "${'x'.repeat(1_048_577)}"`)).toContain('larger than 1 MB');
  });

  it('reads a megabyte of anything without going astray', () => {
    for (const piece of [
      'a',
      '-',
      '"',
      '#',
      '[',
      '\\',
      ' ',
      '- a: b\n',
      "'\\u",
      '{',
      '@env(',
      ':',
    ]) {
      expect(typeof problem(`a = ${piece.repeat(200_000 / piece.length)}`)).toBe('string');
      expect(typeof problem(piece.repeat(200_000 / piece.length))).toBe('string');
    }
    const sections = Array.from({ length: 40_000 }, (_, count) => `[s.a${count}]\nx = 1`).join(
      '\n',
    );
    expect(Object.keys(parse(sections)['s'] ?? {})).toHaveLength(40_000);
  });

  it('only ever answers with a tree or with INVALID_ARGUMENT', () => {
    const bits = fc.constantFrom(
      ...Array.from('[]{}()=:,.-@#;"\'\\ \t\n\r/a1é'),
      'env(',
      'true',
      '  ',
      '\n  ',
      '- ',
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 40 }), (pieces) => {
        expect(() => parse(pieces.join(''))).toSatisfy(answersOrRefuses);
      }),
      { numRuns: 1_000 },
    );
  });

  describe.each(styles)('printed in the style %s', (style) => {
    it('reads the same tree back', () => {
      fc.assert(
        fc.property(tables, (tree) => {
          expect(parse(printTsk(tree, style))).toEqual(tree);
        }),
        { numRuns: 200 },
      );
    });
  });
});
