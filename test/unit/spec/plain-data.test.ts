import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createServerlessManager } from '../../../src/index.ts';
import { resolveSetup } from '../../../src/manager/setup.ts';
import { validateConfig } from '../../../src/spec/validate.ts';
import { fn, problems, withEvent, withFunction } from './problems.ts';

class Declaration {
  readonly entry = './a.ts';
}

/** The one message that a whole value, which is no configuration, is refused with. */
function refusal(value: unknown): string {
  const found = problems(value);
  expect(Object.keys(found)).toEqual(['']);
  return found[''] ?? '';
}

describe('what is no plain object', () => {
  it('is no configuration', () => {
    expect(refusal(Promise.resolve({ app: 'x' }))).toBe(
      'A Promise is not a plain object. Await it, such as `const { config } = await loadConfig()`.',
    );
    expect(refusal(new Map([['app', 'x']]))).toBe(
      'A Map is not a plain object. Write its entries as fields, such as with Object.fromEntries(map).',
    );
    expect(refusal(new Declaration())).toBe(
      'An object of the class Declaration is not a plain object. Write its fields into a plain one, such as with { ...it }.',
    );
    expect(refusal(Object.create({ app: 'x' }))).toContain('An object with a prototype of its own');
    expect(refusal(runInContext('Promise.resolve({})', createContext()))).toContain('Await it');
  });

  it('is no part of one, and each is named once', () => {
    const found = problems({
      app: Promise.resolve('x'),
      defaults: new Map(),
      region: new Map([['aws', 'eu-central-1']]),
      providerOptions: { aws: new Declaration() },
      functions: {
        a: new Declaration(),
        b: { entry: new URL('file:///b.ts') },
        c: { ...fn, env: { D: new Date(), E: { $secret: new Declaration() } } },
        d: {
          ...fn,
          events: [
            new Declaration(),
            { type: 'http', cors: { origins: new Set(['https://a.example']), credentials: true } },
            { type: 'schedule', every: '1 hour', input: { at: [new Date()] } },
            { type: 'bus', pattern: { data: { x: new Date(), y: [new Date()] } } },
          ],
        },
      },
      environments: { dev: new Declaration() },
    });
    const classOf = 'an object of the class Declaration is not a plain object.';
    expect(found).toEqual({
      app: expect.stringContaining('a Promise is not a plain object. Await it.'),
      defaults: expect.stringContaining('a Map is not a plain object'),
      region: expect.stringContaining('a Map is not a plain object'),
      'providerOptions.aws': expect.stringContaining(classOf),
      'functions.a': expect.stringContaining(classOf),
      'functions.b.entry': expect.stringContaining('class URL is not a plain object. Give it as a'),
      'functions.c.env.D': expect.stringContaining(
        'class Date is not a plain object. Give it as a text',
      ),
      'functions.c.env.E.$secret': expect.stringContaining(classOf),
      'functions.d.events[0]': expect.stringContaining(classOf),
      'functions.d.events[1].cors.origins': expect.stringContaining('a Set is not a plain object'),
      'functions.d.events[2].input.at[0]': expect.stringContaining('class Date'),
      'functions.d.events[3].pattern.data.x': expect.stringContaining('class Date'),
      'functions.d.events[3].pattern.data.y[0]': expect.stringContaining('class Date'),
      'environments.dev': expect.stringContaining(classOf),
    });
  });

  it('is taken from another realm, without a prototype, and where an adapter reads it', () => {
    const foreign: unknown = runInContext(
      '({ app: "x", functions: { a: { entry: "./a.ts", handles: ["http"] } } })',
      createContext(),
    );
    expect(validateConfig(foreign)).toEqual({
      app: 'x',
      functions: { a: { entry: './a.ts', handles: ['http'] } },
    });
    expect(validateConfig(Object.assign(Object.create(null), { app: 'x' }))).toEqual({ app: 'x' });
    const credential = new Declaration();
    const read = { azure: { credential, list: [credential] } };
    expect(
      problems({
        adapters: { acme: 'acme' },
        providerOptions: read,
        defaults: { providerOptions: read },
        functions: { a: { ...fn, providerOptions: read } },
        environments: {
          dev: { providerOptions: read, functions: { a: { providerOptions: read } } },
        },
      }),
    ).toEqual({});
    // A function of that name is a function like all others.
    expect(
      problems({ functions: { providerOptions: { ...fn, env: { A: credential } } } }),
    ).toHaveProperty(['functions.providerOptions.env.A']);
  });

  it('makes no manager out of a configuration that is still to come', async () => {
    const coming: object = Promise.resolve({ app: 'x' });
    await expect(createServerlessManager(coming)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('Await it'),
    });
  });
});

describe('what cannot be read', () => {
  const throwing = (): never => {
    throw new Error('hunter2-hunter2');
  };

  it('is a problem like others, without what was thrown', () => {
    const found = problems({
      get app() {
        return throwing();
      },
      stage: 'Dev',
      functions: {
        a: {
          ...fn,
          get env() {
            return throwing();
          },
        },
      },
    });
    const message = 'cannot be read: a getter or a proxy throws. Give the value itself.';
    expect(found).toEqual({
      app: message,
      'functions.a.env': message,
      stage: expect.stringContaining('is not a stage name'),
    });
  });

  it('is a problem in a list, and for proxies', () => {
    const list: unknown[] = [];
    Object.defineProperty(list, 0, { get: throwing, enumerable: true });
    const proxy = new Proxy({}, { ownKeys: throwing });
    const hidden = new Proxy({}, { getPrototypeOf: throwing });
    const found = problems({
      functions: {
        a: { ...fn, events: list },
        b: { ...fn, env: proxy },
        c: hidden,
      },
    });
    expect(found).toEqual({
      'functions.a.events[0]': expect.stringContaining('cannot be read'),
      'functions.b.env': expect.stringContaining('cannot be read'),
      'functions.c': expect.stringContaining('cannot be read'),
    });
  });

  it('is a problem of a function that is declared later, too', async () => {
    const { settings } = await resolveSetup({ defaults: { memoryMb: 128 } });
    const late = {
      ...fn,
      get description() {
        return throwing();
      },
    };
    expect(() => settings.normalize('late', late)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('functions.late.description: cannot be read'),
      }),
    );
    expect(settings.normalize('late', fn).declared).toEqual({ ...fn, memoryMb: 128 });
  });

  it('takes a getter that answers', () => {
    expect(
      validateConfig({
        get app() {
          return 'x';
        },
      }),
    ).toEqual({ app: 'x' });
    expect(problems(withFunction({ description: () => 'x' }))).toEqual({
      'functions.orders.description': expect.stringContaining('a function is not allowed'),
    });
    expect(problems(withEvent())).toEqual({});
  });
});
