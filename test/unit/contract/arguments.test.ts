import { collectContract, runContract } from 'polyfaas/contract';
import { describe, expect, it } from 'vitest';
import { makeToySubject } from '../../toy/toy-subject.ts';

const runner = { describe: () => {}, it: () => {} };
const never = (): Promise<never> => Promise.reject(new Error('made all the same'));

/** As a program without types would have it. */
const run = (...given: readonly unknown[]): unknown => Reflect.apply(runContract, undefined, given);
const collect = (...given: readonly unknown[]): Promise<unknown> =>
  Promise.resolve(Reflect.apply(collectContract, undefined, given));

const refusal = (message: string): object =>
  expect.objectContaining({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining(message),
  });

describe('a selection of the contract', () => {
  it.each([
    [{ area: ['plan'] }, 'area: unknown field. Did you mean "areas"?'],
    [{ exept: ['http'] }, 'exept: unknown field. Did you mean "except"?'],
    [{ zzz: 1 }, 'areas, faults, only, except'],
    [['plan'], 'selection: a list is not an object. Write { areas: ["plan"] }.'],
    ['plan', 'selection: "plan" is not an object.'],
    [null, 'selection: null is not an object.'],
    [{ areas: 'plan' }, 'areas: "plan" is not a list of names. Write areas: ["deploy"].'],
    [{ only: [5] }, 'only: a list that holds 5 is not a list of names.'],
    [{ areas: ['zzz'] }, 'areas: there is no "zzz" in the contract. There are deploy, plan, '],
    [{ areas: ['plann'] }, 'Did you mean "plan"?'],
  ])('%j is refused', async (selection, message) => {
    expect(() => run('toy', never, runner, selection)).toThrow(refusal(message));
    await expect(collect(never, selection)).rejects.toEqual(refusal(message));
  });

  it('has more fields where the results are collected, and not where tests are made', async () => {
    const more = { only: ['fleet/list-empty'], onResult: () => {}, caseTimeoutMs: 60_000 };
    await expect(collect(() => makeToySubject(), more)).resolves.toMatchObject([
      { status: 'passed' },
    ]);
    expect(() => run('toy', never, runner, more)).toThrow(refusal('onResult: unknown field.'));
    await expect(collect(never, { onresult: () => {} })).rejects.toEqual(
      refusal('Did you mean "onResult"?'),
    );
  });
});

describe('what runs the contract', () => {
  it.each([
    [undefined, 'runner: undefined is not a test runner. Give { describe, it, afterAll }'],
    [{ describe: () => {} }, 'runner.it: undefined is not a function.'],
    [{ ...runner, afterAll: 5 }, 'runner.afterAll: 5 is not a function.'],
    [{ describe: 'x', it: () => {} }, 'runner.describe: "x" is not a function.'],
  ])('is not %j', (given, message) => {
    expect(() => run('toy', never, given)).toThrow(refusal(message));
  });

  it('may be a function with the others on it, as that of node:test is', () => {
    const named: string[] = [];
    const test = Object.assign(() => {}, {
      describe: (name: string, body: () => void) => {
        named.push(name);
        body();
      },
      it: () => {},
    });
    runContract('toy', () => makeToySubject(), test, { only: ['fleet/list-empty'] });
    expect(named).toEqual(['toy contract', 'fleet']);
  });

  it.each([undefined, {}, 'aws'])('is not the subject %j, which nothing makes', async (subject) => {
    const message = 'makeSubject: ';
    expect(() => run('toy', subject, runner)).toThrow(refusal(message));
    await expect(collect(subject)).rejects.toEqual(refusal('is not a function that makes'));
  });

  it.each([
    [undefined, 'makeSubject: it answered undefined, and not a subject.'],
    [{}, "subject.manager: undefined is not a function. A subject's manager(config) answers a new"],
  ])('is not the subject %j, which makes no managers', async (subject, message) => {
    const results = await collect(() => Promise.resolve(subject), { only: ['fleet/list-empty'] });
    expect(results).toMatchObject([{ status: 'failed', error: refusal(message) }]);
  });
});
