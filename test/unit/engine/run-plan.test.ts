import { describe, expect, it } from 'vitest';
import { KeyedMutex } from '../../../src/engine/keyed-mutex.ts';
import { runPlan, type RunPlanParts } from '../../../src/engine/run-plan.ts';
import { ServerlessError } from '../../../src/errors/index.ts';
import type { JsonObject } from '../../../src/function/json.types.ts';
import type { ProgressEvent } from '../../../src/manager/types.ts';
import type { Plan, Step, StepResult } from '../../../src/spi/plan.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const ref = { app: 'shop', stage: 'dev', name: 'orders' };

function step(id: string, parts: Partial<Step> = {}): Step {
  return {
    id,
    phase: 'prepare',
    kind: id,
    title: `Do ${id}`,
    input: {},
    locks: [],
    deadlineSeconds: 60,
    ...parts,
  };
}

function planOf(steps: readonly Step[], result: JsonObject = {}): Plan {
  return {
    specVersion: 1,
    provider: 'toy',
    operation: 'deploy',
    function: ref,
    basedOn: 'r1',
    steps,
    changes: [],
    warnings: [],
    result,
  };
}

function harness(
  execute: (
    step: Step,
    signal: AbortSignal,
    resume: unknown,
    warn: (message: string) => void,
  ) => Promise<StepResult>,
): {
  readonly parts: RunPlanParts;
  readonly clock: ManualClock;
  readonly ran: string[];
  /** What was logged as a warning. */
  readonly said: string[];
} {
  const clock = new ManualClock();
  const ran: string[] = [];
  const said: string[] = [];
  const parts: RunPlanParts = {
    clock,
    mutex: new KeyedMutex(),
    execute: (one, call) => {
      ran.push(one.id);
      return execute(one, call.signal, call.resume, call.warn);
    },
    context: (signal, resume) => ({
      signal,
      clock,
      random: () => 0,
      warn: (message) => void said.push(message),
      artifacts: { get: () => Promise.reject(new Error('none')) },
      log: { log: () => {} },
      ...(resume === undefined ? {} : { resume }),
    }),
  };
  return { parts, clock, ran, said };
}

const done = (output: JsonObject = {}): Promise<StepResult> =>
  Promise.resolve({ done: true, output });

describe('runPlan', () => {
  it('tells what steps say after what the plan says, once each, and logs it', async () => {
    const { parts, clock, said } = harness((one, _signal, resume, warn) => {
      warn(`"${one.id}" is kept`);
      warn('both say this');
      return resume === undefined && one.id === 'b'
        ? Promise.resolve({ done: false, pollAfterMs: 10, resume: 1 })
        : done();
    });
    const first = { type: 'drift', message: 'the plan said so' } as const;
    const plan = { ...planOf([step('a'), step('b')]), warnings: [first] };
    const running = runPlan(parts, plan, {});
    await clock.advance(10);
    const { warnings } = await running;
    const other = ['"a" is kept', 'both say this', '"b" is kept'];
    expect(warnings).toEqual([first, ...other.map((message) => ({ type: 'other', message }))]);
    expect(said).toEqual(other);
  });

  it('tells what steps said of a plan that failed, too: a repeat may not say it again', async () => {
    const { parts } = harness((one, _signal, _resume, warn) => {
      warn(`"${one.id}" is kept`);
      return one.id === 'b'
        ? Promise.reject(new ServerlessError({ code: 'UNAVAILABLE', message: 'gone' }))
        : done();
    });
    const failing = runPlan(parts, planOf([step('a'), step('b')]), {});
    await expect(failing).rejects.toMatchObject({
      details: { warnings: [{ message: '"a" is kept' }, { message: '"b" is kept' }] },
    });
  });

  it.each([undefined, null, {}, { done: false }, { done: false, pollAfterMs: Number.NaN }])(
    'refuses %j as the answer of a step, instead of waiting for it without end',
    async (answer) => {
      const { parts } = harness(() => done());
      // As an adapter without types does it.
      Reflect.set(parts, 'execute', () => Promise.resolve(answer));
      await expect(runPlan(parts, planOf([step('a')]), {})).rejects.toMatchObject({
        code: 'UNKNOWN',
        step: 'a',
        message: expect.stringContaining('defect of the adapter'),
      });
    },
  );

  it('runs steps in order and hands outputs on', async () => {
    const seen: JsonObject[] = [];
    const { parts, ran } = harness((one) => {
      seen.push(one.input);
      return done(one.id === 'publish' ? { version: '3', nested: { url: 'http://x' } } : {});
    });
    const plan = planOf(
      [
        step('publish', { phase: 'publish' }),
        step('live', { phase: 'switch', input: { list: [{ $from: 'publish.version' }] } }),
      ],
      { version: { $from: 'publish.version' }, url: { $from: 'publish.nested.url' } },
    );
    const { result, journal } = await runPlan(parts, plan, {});
    expect(ran).toEqual(['publish', 'live']);
    expect(seen[1]).toEqual({ list: ['3'] });
    expect(result).toEqual({ version: '3', url: 'http://x' });
    expect(journal.map(({ step: id, status }) => [id, status])).toEqual([
      ['publish', 'done'],
      ['live', 'done'],
    ]);
  });

  it('starts nothing after a failure, and tells what was done', async () => {
    const { parts, ran } = harness((one) =>
      one.id === 'two'
        ? Promise.reject(new ServerlessError({ code: 'UNAVAILABLE', message: 'gone' }))
        : done(),
    );
    const failure = await runPlan(
      parts,
      planOf([step('one'), step('two'), step('three')]),
      {},
    ).catch((error: unknown) => error);
    expect(ran).toEqual(['one', 'two']);
    const place = { function: 'orders', provider: 'toy', step: 'two' };
    expect(failure).toMatchObject({ code: 'UNAVAILABLE', ...place });
    expect(failure).toHaveProperty('details.journal.1.status', 'failed');
  });

  it('lets steps with `after` run side by side, but never before an earlier phase is done', async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { parts, ran } = harness(async (one) => {
      if (one.id === 'a') await gate;
      return done();
    });
    const plan = planOf([
      step('first'),
      step('a', { after: ['first'] }),
      step('b', { after: ['first'] }),
      step('last', { phase: 'switch', after: [] }),
    ]);
    const running = runPlan(parts, plan, {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(ran).toEqual(['first', 'a', 'b']);
    open();
    await running;
    expect(ran).toEqual(['first', 'a', 'b', 'last']);
  });

  it('polls on its clock and hands back what the step wants to resume with', async () => {
    const resumes: unknown[] = [];
    const events: ProgressEvent[] = [];
    const { parts, clock } = harness((_one, _signal, resume) => {
      resumes.push(resume);
      return resumes.length < 3
        ? Promise.resolve({
            done: false,
            pollAfterMs: 500,
            resume: resumes.length,
            stage: 'building',
          })
        : done();
    });
    const running = runPlan(parts, planOf([step('build')]), {
      onProgress: (event) => events.push(event),
    });
    await clock.advance(1000);
    const { journal } = await running;
    expect(resumes).toEqual([undefined, 1, 2]);
    expect(journal[0]).toMatchObject({ polls: 2, durationMs: 1000 });
    expect(events.map(({ status }) => status)).toEqual(['started', 'waiting', 'waiting', 'done']);
    expect(events[1]?.stage).toBe('building');
  });

  it('gives a step up at its deadline', async () => {
    const { parts, clock } = harness(() => Promise.resolve({ done: false, pollAfterMs: 1000 }));
    const running = runPlan(parts, planOf([step('slow', { deadlineSeconds: 5 })]), {}).catch(
      (error: unknown) => error,
    );
    await clock.advance(6000);
    expect(await running).toMatchObject({ code: 'TIMEOUT', step: 'slow', retryable: true });
  });

  it('tells with it what the platform said last', async () => {
    const stages = ['building', 'answering with 404'];
    const { parts, clock } = harness(() =>
      Promise.resolve({ done: false, pollAfterMs: 1000, stage: stages.shift() ?? 'closed (503)' }),
    );
    const running = runPlan(parts, planOf([step('slow', { deadlineSeconds: 5 })]), {}).catch(
      (error: unknown) => error,
    );
    await clock.advance(6000);
    expect(await running).toMatchObject({
      message: expect.stringMatching(/ was not done after 5 s \(last: closed \(503\)\)\. Run /),
    });
  });

  it('on abort starts no new step and gives the running one 5 s', async () => {
    const { parts, clock, ran } = harness(() => new Promise<StepResult>(() => {}));
    const controller = new AbortController();
    const running = runPlan(parts, planOf([step('one'), step('two')]), {
      signal: controller.signal,
    }).catch((error: unknown) => error);
    await clock.advance(10);
    controller.abort(new Error('enough'));
    let isSettled = false;
    void running.then(() => {
      isSettled = true;
    });
    await clock.advance(4900);
    expect(isSettled).toBe(false);
    await clock.advance(200);
    expect(await running).toMatchObject({ code: 'CANCELLED' });
    expect(ran).toEqual(['one']);
  });

  it('lets only one holder of a lock run, across plans', async () => {
    let atOnce = 0;
    let most = 0;
    const { parts } = harness(async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return done();
    });
    const locked = planOf([step('one', { locks: ['bucket', 'api'] })]);
    const reversed = planOf([step('two', { locks: ['api', 'bucket'] })]);
    await Promise.all([locked, reversed, locked].map((plan) => runPlan(parts, plan, {})));
    expect(most).toBe(1);
    await Promise.all(
      [planOf([step('x')]), planOf([step('y')])].map((plan) => runPlan(parts, plan, {})),
    );
    expect(most).toBe(2);
  });

  it.each([
    ['two steps of one name', [step('a'), step('a')]],
    ['a dot in a name', [step('a.b')]],
    ['phases out of order', [step('a', { phase: 'switch' }), step('b', { phase: 'publish' })]],
    ['waiting for a stranger', [step('a', { after: ['zzz'] })]],
  ])('refuses a malformed plan: %s', async (_title, steps) => {
    const { parts, ran } = harness(() => done());
    await expect(runPlan(parts, planOf(steps), {})).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect(ran).toEqual([]);
  });

  it('refuses a reference to what no step has given', async () => {
    const { parts } = harness(() => done());
    const plan = planOf([step('a', { input: { version: { $from: 'nothing.here' } } })]);
    await expect(runPlan(parts, plan, {})).rejects.toThrow(/nothing\.here/);
  });
});
