import {
  collectContract,
  runContract,
  startWitness,
  type ContractSelection,
  type ContractSubject,
  type Witness,
} from 'polyfaas/contract';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeToySubject } from '../../toy/toy-subject.ts';

const ONLY = ['plan/does-nothing', 'fleet/list-empty'];

/** A subject that fails somewhere, and what was closed of it. */
async function disturbed(change: Partial<ContractSubject>): Promise<{
  readonly make: () => Promise<ContractSubject>;
  readonly closed: readonly string[];
}> {
  const closed: string[] = [];
  const subject = await makeToySubject();
  const witness: Witness = await startWitness();
  const make = async (): Promise<ContractSubject> => ({
    ...subject,
    witness: {
      ...witness,
      urlFor: (app) => witness.urlFor(app),
      reports: (app, kind) => witness.reports(app, kind),
      script: (app, kind, answers) => witness.script(app, kind, answers),
      release: (app) => witness.release(app),
      close: async () => {
        closed.push('witness');
        await witness.close();
      },
    },
    close: async () => {
      closed.push('subject');
      await subject.close();
    },
    ...change,
  });
  return { make, closed };
}

describe('a run of the contract', () => {
  it('tells every case that the first manager could not be made, and closes what was', async () => {
    const { make, closed } = await disturbed({
      manager: () => Promise.reject(new Error('no such region')),
    });
    const results = await collectContract(make, { only: ONLY });
    expect(results.map(({ status, error }) => [status, String(error)])).toEqual([
      ['failed', 'Error: no such region'],
      ['failed', 'Error: no such region'],
    ]);
    expect(closed).toEqual(['subject', 'witness']);
  });

  it('tells every case that there is no subject', async () => {
    const results = await collectContract(() => Promise.reject(new Error('no platform')), {
      only: ONLY,
    });
    expect(results.map(({ status }) => status)).toEqual(['failed', 'failed']);
  });

  it('names the lever of the subject that failed, and what it failed with', async () => {
    const { make } = await disturbed({
      inventory: () => Promise.reject(new Error('connect ECONNREFUSED')),
    });
    const [result] = await collectContract(make, { only: ['deploy/live'] });
    expect(result).toMatchObject({
      status: 'failed',
      error: {
        message: "The subject's inventory() failed: connect ECONNREFUSED",
        cause: new Error('connect ECONNREFUSED'),
      },
    });
  });

  it('keeps its results when the subject cannot be closed, and closes the rest', async () => {
    const failures: unknown[] = [];
    const { make, closed } = await disturbed({});
    const results = await collectContract(
      async () => {
        const subject = await make();
        const close = async (): Promise<never> => {
          await subject.close();
          throw new Error('still busy');
        };
        return { ...subject, close };
      },
      { only: ONLY, onCloseFailed: (error) => failures.push(error) },
    );
    expect(results.map(({ status }) => status)).toEqual(['passed', 'passed']);
    expect(failures.map(String)).toEqual(['Error: still busy']);
    expect(closed).toEqual(['subject', 'witness']);
  });
});

describe('an end that never comes', () => {
  const never = (): Promise<never> => new Promise(() => {});

  it('of an adapter is told by the cases', async () => {
    const results = await collectContract(
      () => makeToySubject((provider) => ({ ...provider, close: never })),
      { only: ONLY },
    );
    const error = {
      code: 'TIMEOUT',
      message: expect.stringContaining('The adapter "toy" was not closed within 60 s'),
    };
    const failed = { status: 'failed', error };
    expect(results).toMatchObject([failed, failed]);
  });

  it.each<[string, () => Promise<ContractSubject>, string, number]>([
    // Within this time the case itself passes, on a busy machine too.
    [
      'of the subject',
      async () => ({ ...(await makeToySubject()), close: never }),
      'passed',
      15_000,
    ],
    ['of the beginning', never, 'failed', 1_000],
  ])('%s keeps no results back', async (_what, make, status, caseTimeoutMs) => {
    const failures: unknown[] = [];
    const results = await collectContract(make, {
      only: ['plan/does-nothing'],
      caseTimeoutMs,
      onCloseFailed: (error) => failures.push(error),
    });
    expect(results).toMatchObject([{ status }]);
    expect(failures.map(String)).toEqual([`Error: not done within ${caseTimeoutMs} ms`]);
  });
});

describe('a case that ends while a call of its own is under way', () => {
  // Which capability is missing, where the refusal of it makes the call.
  it.each([
    ['invoke/cancel', []],
    ['invoke/cancel', ['invoke.cancel']],
    ['invoke/one-at-a-time', []],
    ['invoke/concurrency', []],
  ] as const)('%s without %j leaves no rejection to the process', async (id, missing) => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);
    onTestFinished(() => void process.off('unhandledRejection', onUnhandled));
    const witness = await startWitness();
    const has = { support: 'native', via: 'nothing, for this test' } as const;
    const subject = await makeToySubject((provider) => ({
      ...provider,
      capabilities: {
        ...provider.capabilities,
        limits: { ...provider.capabilities.limits, concurrency: 3 },
        features: {
          ...provider.capabilities.features,
          'instance.concurrency': has,
          'instance.maxInstances': has,
          ...Object.fromEntries(
            missing.map((key) => [key, { support: 'none', why: 'For this test.' }]),
          ),
        },
      },
      invoke: () => Promise.reject(new Error('refused at once')),
    }));
    const forgetful: Witness = {
      ...witness,
      reports: () => {
        throw new Error('nothing arrives');
      },
    };
    const make = (): Promise<ContractSubject> =>
      Promise.resolve({ ...subject, witness: forgetful });
    const results = await collectContract(make, { only: [id] });
    expect(results).toMatchObject([{ status: 'failed', error: { message: 'nothing arrives' } }]);
    expect(unhandled).toEqual([]);
  });
});

describe('a selection of cases', () => {
  const wrong: readonly (readonly [ContractSelection, string])[] = [
    [
      { only: ['plan/jsn'] },
      'only: there is no "plan/jsn" in the contract. Did you mean "plan/json"?',
    ],
    [{ except: ['warm/count'] }, 'except: there is no "warm/count" in the contract. Did you mean'],
    [
      untyped({ areas: ['plans'] }),
      'areas: there is no "plans" in the contract. Did you mean "plan"?',
    ],
    [
      untyped({ faults: ['rest'] }),
      'faults: there is no "rest" in the contract. Did you mean "reset"?',
    ],
    [{ only: [] }, 'it selects no case'],
    [{ areas: ['warm'], only: ['plan/json'] }, 'it selects no case'],
  ];

  it.each(wrong)('%j is refused before anything is made', async (selection, message) => {
    let made = 0;
    const make = (): Promise<ContractSubject> => {
      made += 1;
      return Promise.reject(new Error('not this far'));
    };
    const refusal = { code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) };
    await expect(collectContract(make, selection)).rejects.toMatchObject(refusal);
    const register = (): void =>
      runContract('toy', make, { describe: () => {}, it: () => {} }, selection);
    expect(register).toThrow(message);
    expect(made).toBe(0);
  });
});

/** As a caller without types would give it. */
function untyped(selection: { readonly [field: string]: readonly string[] }): ContractSelection {
  return selection;
}
