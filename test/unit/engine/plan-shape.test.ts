import { describe, expect, it } from 'vitest';
import { createServerlessManager } from 'polyfaas';
import { checkPlan } from '../../../src/engine/plan-shape.ts';
import { resolveRefs } from '../../../src/spi/refs.ts';
import type { JsonObject } from '../../../src/function/json.types.ts';
import type { Plan } from '../../../src/spi/plan.ts';
import { planOf, step, stubProvider } from '../review/core-support.ts';

const here = { provider: 'stub', app: 'shop', stage: 'dev' };
const queue = { id: 'queue-1', origin: 'spec', event: { type: 'queue', queue: 'orders' } };
const result = { version: '1', url: null, bindings: [], digest: 'd' };
const steps = [
  step('store', { input: { name: 'orders' } }),
  step('publish', { phase: 'publish', input: { hash: { $from: 'store.hash' } } }),
];

/** As it comes out of a file that somebody has edited. */
function edited(parts: object): Plan {
  const plan: Plan = JSON.parse(JSON.stringify({ ...planOf(steps), ...parts }));
  return plan;
}

const refused = (message: RegExp) =>
  expect.objectContaining({
    name: 'ServerlessError',
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(message),
  });

describe('a plan that cannot come to its end', () => {
  it.each([
    ['result', { ...result, version: 1 }, /malformed: result\.version\./],
    ['result', { ...result, digest: undefined }, /malformed: result\.digest\./],
    ['result', { ...result, url: 7 }, /malformed: result\.url\./],
    ['result', { ...result, bindings: undefined }, /malformed: result\.bindings\./],
    ['result', { ...result, bindings: [{ event: 1 }] }, /malformed: result\.bindings\./],
    ['result', { ...result, bindings: [{ ...queue, origin: 'x' }] }, /result\.bindings\./],
    ['result', { ...result, bindings: [{ ...queue, event: {} }] }, /result\.bindings\./],
    [
      'result',
      { ...result, version: { $from: 'verify.version' } },
      /its result refers to "verify"/,
    ],
    [
      'steps',
      [step('a', { input: { deep: [{ $from: 'b.x' }] } }), step('b')],
      /step "a" refers to "b"/,
    ],
    ['steps', [step('a', { input: { x: { $from: 'a.x' } } })], /step "a" refers to "a"/],
    [
      'steps',
      [step('a', { input: { x: { $from: 'nope.x' } } })],
      /"nope", which is no earlier step/,
    ],
    ['steps', [{ ...step('a'), attemptSeconds: 'abc' }], /malformed: steps\./],
    ['steps', [{ ...step('a'), attemptSeconds: 0 }], /malformed: steps\./],
    ['steps', [{ ...step('a'), phase: 'later' }], /malformed: steps\./],
    ['steps', [step('a'), step('a')], /two steps called "a"/],
    ['steps', [step('a', { after: ['b'] })], /waits for unknown "b"/],
  ] as const)('is refused for its %s: %j', (field, value, message) => {
    expect(() => checkPlan(edited({ [field]: value }), here)).toThrow(refused(message));
  });

  it('is refused before its first step', async () => {
    const done: string[] = [];
    const manager = await createServerlessManager(
      { app: 'shop', stage: 'dev' },
      {
        telemetry: false,
        provider: () =>
          stubProvider({
            execute: ({ id }) => {
              done.push(id);
              return Promise.resolve({ done: true, output: { hash: 'h' } });
            },
          }),
      },
    );
    const broken = edited({ result: { ...result, bindings: 'none' } });
    await expect(manager.apply(broken)).rejects.toThrow(refused(/result\.bindings/));
    const endless = edited({ result: { ...result, digest: { $from: 'switch.digest' } } });
    await expect(manager.apply(endless)).rejects.toThrow(refused(/refers to "switch"/));
    expect(done).toEqual([]);
    expect(await manager.apply(edited({}))).toMatchObject({ version: '1', changed: true });
    expect(done).toEqual(['store', 'publish']);
    await manager.close();
  });
});

describe('a plan that is in order', () => {
  it.each([
    { ...result, bindings: [queue] },
    { ...result, version: { $from: 'publish.version' }, url: { $from: 'store.url' } },
    { ...result, url: 'https://x.example' },
  ])('is taken, with the result %j', (wish) => {
    expect(() => checkPlan(edited({ result: wish }), here)).not.toThrow();
  });
});

describe('a reference', () => {
  const outputs = new Map<string, JsonObject>([['publish', { version: '3', parts: { a: null } }]]);

  it('is to what a step has given', () => {
    expect(resolveRefs({ $from: 'publish.version' }, outputs)).toBe('3');
    expect(resolveRefs([{ x: { $from: 'publish.parts.a' } }], outputs)).toEqual([{ x: null }]);
  });

  it.each(['publish.constructor', 'publish.parts.toString', 'publish.__proto__', 'other.x'])(
    'is never to what every object has: %s',
    (path) => {
      expect(() => resolveRefs({ $from: path }, outputs)).toThrow(refused(/no earlier step/));
    },
  );
});
