import { describe, expect, it } from 'vitest';
import { validateConfig } from '../../../src/spec/validate.ts';
import { mapText } from './map-tsk.ts';

const oneFunction = (text: string, env: Readonly<Record<string, string>> = {}): unknown =>
  validateConfig(mapText(`[functions.a]\nentry = "./a.ts"\n${text}`, env).config).functions?.['a'];

describe('numbers in env and tags', () => {
  it('stay the text that they were written as', () => {
    expect(
      oneFunction('env { V = 1.10  W = 1.0  E = 1e3  N = -0  P = 3000 }\ntags { cost = 1.50 }'),
    ).toMatchObject({
      env: { V: '1.10', W: '1.0', E: '1e3', N: '-0', P: '3000' },
      tags: { cost: '1.50' },
    });
  });

  it('do so in sections, in lines below, and in defaults', () => {
    expect(
      mapText('[functions.a.env]\nV = 1.10\n[defaults]\nenv:\n  W: 2.0 # two\n  X: 1.50').config,
    ).toEqual({
      functions: { a: { env: { V: '1.10' } } },
      defaults: { env: { W: '2.0', X: '1.50' } },
    });
  });

  it('do so in the older vocabulary, for a function and for all', () => {
    const { config } = mapText(`
[serverless_architecture]
environment = { V = 1.10 }
[serverless_architecture.functions]
a = { handler = "a.ts", environment = { V = 2.0 }, tags = { cost = 1.50 } }
[event_driven_serverless.handlers]
b = { function = "b.ts", env = { V = 3.0 }, tags = { cost = 4.50 } }`);
    expect(config).toMatchObject({
      defaults: { env: { V: '1.10' } },
      functions: {
        a: { env: { V: '2.0' }, tags: { cost: '1.50' } },
        b: { env: { V: '3.0' }, tags: { cost: '4.50' } },
      },
    });
  });

  it('do so as the default of a call, as what the variable says, and as the version of a secret', () => {
    const text =
      'env { V = @env("UNSET", 1.10)  W = @env("SET", 1)  X = "@env(\'UNSET\', 2.0)"  S = @secret("s", 7.0) }';
    expect(oneFunction(text, { SET: '1.50' })).toMatchObject({
      env: { V: '1.10', W: '1.50', X: '2.0', S: { $secret: 's', version: '7.0' } },
    });
  });

  it('are numbers everywhere else', () => {
    expect(oneFunction('memoryMb = 512.0\ntimeoutSeconds = @env("UNSET", 3e1)')).toMatchObject({
      memoryMb: 512,
      timeoutSeconds: 30,
    });
  });
});

describe('the type of a default', () => {
  const memory = 'memoryMb = @env("N", @env("M", 512))';

  it('counts through calls in calls', () => {
    expect(oneFunction(memory, { N: '1024' })).toMatchObject({ memoryMb: 1024 });
    expect(oneFunction(memory, { M: '256' })).toMatchObject({ memoryMb: 256 });
    expect(oneFunction(memory)).toMatchObject({ memoryMb: 512 });
    expect(oneFunction('tracing = @env("T", @env("U", false))', { T: 'true' })).toMatchObject({
      tracing: true,
    });
    expect(() => oneFunction(memory, { N: 'much' })).toThrow(
      'the environment variable N is not a number, but its default is.',
    );
  });
});
