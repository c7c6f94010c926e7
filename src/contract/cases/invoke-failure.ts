import assert from 'node:assert/strict';
import type { ServerlessError } from '../../errors/index.ts';
import { casesOf, type ContractCase } from '../case.ts';
import { begun, number, object } from '../context.ts';
import { fixtureSource } from '../fixture.ts';

const invoke = casesOf('invoke');

/** What stands in the line of the fixture where the error of `throw` is made. */
const FAILING = 'new TypeError(input.message';

/** An error as it came out of a function; what is no error fails the case. */
function asError(cause: unknown): Error {
  if (cause instanceof Error) return cause;
  throw new assert.AssertionError({ message: 'the cause is an Error', actual: cause });
}

/** Whoever is told otherwise calls again, or elsewhere: what the handler did would be done twice. */
function saysThatItRan({ details }: ServerlessError): void {
  assert.notEqual(details?.['didNotRun'], true, 'the handler ran, so `details.didNotRun` is not');
}

/** What fails, and how one sees it. */
export const INVOKE_FAILURE_CASES: readonly ContractCase[] = [
  invoke(
    'error-shape',
    'An error keeps its name, message, stack and cause',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.standing();
      const requestId = 'error-shape-1';
      const error = await t.refused(
        () => manager.invoke('main', { op: 'throw', message: 'no such örder' }, { requestId }),
        {
          code: 'FUNCTION_FAILED',
          says: ['no such örder'],
        },
      );
      assert.equal(error.details?.['requestId'], requestId, 'by it the call is found in the log');
      assert.equal(error.function, 'main');
      assert.equal(error.provider, manager.provider);
      assert.equal(error.retryable, false);
      const cause = asError(error.cause);
      assert.equal(cause.name, 'TypeError');
      assert.equal(cause.message, 'no such örder');
      assert.match(cause.stack ?? '', /^\s+at /m, 'the stack is the one inside');
      const deeper = asError(cause.cause);
      assert.equal(deeper.name, 'RangeError');
      assert.equal(deeper.message, 'the deeper reason');
    },
  ),
  invoke(
    'error-in-sources',
    'The stack of a failure leads to the lines of the sources',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.standing();
      const error = await t.refused(
        () => manager.invoke('main', { op: 'throw', message: 'lost' }),
        {
          code: 'FUNCTION_FAILED',
        },
      );
      const { inSources } = await manager.packageReport('main', { loads: 0 });
      const line =
        1 +
        fixtureSource()
          .split('\n')
          .findIndex((text) => text.includes(FAILING));
      const stack = inSources(asError(error.cause).stack ?? '');
      assert.match(stack, new RegExp(`^\\s+at .*source\\.ts:${line}:\\d+`, 'm'));
    },
  ),
  invoke(
    'error-custom',
    'An error class of the function’s own keeps its name',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.standing();
      const error = await t.refused(
        () => manager.invoke('main', { op: 'throwCustom', message: 'sold out' }),
        {
          code: 'FUNCTION_FAILED',
        },
      );
      assert.equal(asError(error.cause).name, 'OrderRejected');
      assert.equal(asError(error.cause).message, 'sold out');
    },
  ),
  invoke(
    'error-not-error',
    'Whatever is thrown arrives as a failure',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.standing();
      const error = await t.refused(
        () => manager.invoke('main', { op: 'throwValue', value: 'a bare text' }),
        {
          code: 'FUNCTION_FAILED',
        },
      );
      assert.ok(`${error.message} ${asError(error.cause).message}`.includes('a bare text'));
      for (const value of [null, 0, false, { code: 7 }, []]) {
        await t.refused(() => manager.invoke('main', { op: 'throwValue', value }), {
          code: 'FUNCTION_FAILED',
        });
      }
      await t.refused(() => manager.invoke('main', { op: 'throwUndefined' }), {
        code: 'FUNCTION_FAILED',
      });
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    },
  ),
  invoke(
    'error-not-retried',
    'A failed invocation is not repeated by itself',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      t.script('invoke', [{ fail: 'once' }]);
      const error = await t.refused(() => manager.invoke('main', { op: 'report' }), {
        code: 'FUNCTION_FAILED',
      });
      assert.equal(t.reports('invoke').length, 1);
      saysThatItRan(error);
    },
  ),
  invoke(
    'timeout',
    'A function that takes too long ends with TIMEOUT',
    ['invoke.sync', 'instance.timeout'],
    async (t) => {
      const { manager } = await t.deployed({ timeoutSeconds: 1 });
      await t.call(manager, { op: 'variant' });
      const error = await t.drive(
        t.refused(() => manager.invoke('main', { op: 'sleep', ms: 600_000 }), { code: 'TIMEOUT' }),
      );
      // So that a failover tells a slow function from a platform that does not answer.
      assert.equal(error.details?.['timeoutSeconds'], 1, 'it names the timeout that it ran into');
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    },
  ),
  invoke(
    'timeout-not-retried',
    'A call that ran into its timeout is not repeated by itself',
    ['invoke.sync', 'instance.timeout'],
    async (t) => {
      const { manager } = await t.deployed({ timeoutSeconds: 1 });
      await t.call(manager, { op: 'variant' });
      // Repeats are held, too, so that they are counted instead of served.
      t.script(
        'invoke',
        Array.from({ length: 8 }, () => ({ hold: true })),
      );
      // Not the operation that ends when it is told to.
      const call = begun(t.refused(() => manager.invoke('main', 'held'), { code: 'TIMEOUT' }));
      await t.arrived('invoke', 1);
      const error = await t.drive(call);
      await t.subject.settle();
      assert.equal(t.reports('invoke').length, 1, 'runs of one call');
      saysThatItRan(error);
    },
  ),
  invoke(
    'endless-loop',
    'A function that loops for ever ends with TIMEOUT, and the next call is served',
    ['invoke.sync', 'instance.timeout'],
    async (t) => {
      const { manager } = await t.deployed({ timeoutSeconds: 1 });
      await t.call(manager, { op: 'variant' });
      await t.drive(t.refused(() => manager.invoke('main', { op: 'spin' }), { code: 'TIMEOUT' }));
      assert.equal(await t.drive(t.call(manager, { op: 'variant' })), 'one');
    },
  ),
  invoke(
    'never-settles',
    'A function that never settles ends with TIMEOUT',
    ['invoke.sync', 'instance.timeout'],
    async (t) => {
      const { manager } = await t.deployed({ timeoutSeconds: 1 });
      await t.call(manager, { op: 'variant' });
      await t.drive(t.refused(() => manager.invoke('main', { op: 'never' }), { code: 'TIMEOUT' }));
    },
  ),
  invoke(
    'exit',
    'A function that exits fails, and the next call gets a new instance',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      const before = object(await t.call(manager, { op: 'state' }));
      for (const code of [0, 3]) {
        const error = await t.refused(() => manager.invoke('main', { op: 'exit', code }), {
          code: 'FUNCTION_FAILED',
        });
        saysThatItRan(error);
      }
      const after = object(await t.call(manager, { op: 'state' }));
      assert.equal(after['calls'], 1);
      assert.notEqual(after['instanceId'], before['instanceId']);
    },
  ),
  invoke(
    'memory',
    'A function that takes more memory than it has fails, and the next call is served',
    ['invoke.sync', 'instance.memoryLimit'],
    async (t) => {
      const memoryMb = Math.max(128, t.capabilities.limits.memoryMb.min);
      const { manager } = await t.deployed({ memoryMb });
      const error = await t.drive(
        t.refused(() => manager.invoke('main', { op: 'allocate', megabytes: memoryMb * 3 }), {
          code: 'FUNCTION_FAILED',
        }),
      );
      assert.match(error.message, /memory/i);
      assert.equal(await t.drive(t.call(manager, { op: 'variant' })), 'one');
    },
  ),
  invoke('flood', 'A function that prints a megabyte is served', ['invoke.sync'], async (t) => {
    const { manager } = await t.standing();
    assert.equal(await t.call(manager, { op: 'flood', bytes: 1024 * 1024 }), 'printed');
  }),
  invoke(
    'cancel',
    'A caller who cancels gets CANCELLED, and the function is told',
    ['invoke.sync', 'invoke.cancel'],
    async (t) => {
      const { manager } = await t.deployed();
      t.script('invoke', [{ hold: true }]);
      const controller = new AbortController();
      const call = begun(
        t.refused(() => manager.invoke('main', { op: 'hold' }, { signal: controller.signal }), {
          code: 'CANCELLED',
        }),
      );
      await t.arrived('invoke', 1);
      controller.abort();
      await t.drive(call);
      await t.arrived('aborted', 1);
    },
  ),
  invoke(
    'cancelled-before',
    'A call that is cancelled at once does not run',
    ['invoke.sync'],
    async (t) => {
      const { manager, ran } = await t.standing();
      const { details } = await t.refused(
        () => manager.invoke('main', { op: 'report' }, { signal: AbortSignal.abort() }),
        { code: 'CANCELLED' },
      );
      assert.equal(details?.['didNotRun'], true, 'that it did not run is told');
      assert.equal(ran('invoke'), 0);
    },
  ),
  invoke('not-deployed', 'What is not deployed cannot be called', [], async (t) => {
    const manager = await t.manager();
    await t.refused(() => manager.invoke('main', null), {
      code: 'NOT_FOUND',
      says: ['deploy("main")'],
    });
  }),
  invoke(
    'unknown-version',
    'A version that is not there cannot be called',
    ['invoke.sync', 'invoke.version'],
    async (t) => {
      const { manager } = await t.standing();
      await t.refused(() => manager.invoke('main', null, { version: 'no-such-version' }), {
        code: 'NOT_FOUND',
        says: ['no-such-version'],
      });
    },
  ),
  invoke(
    'times-are-known',
    'A result says how long the handler took',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.standing();
      const { durationMs } = await manager.invoke('main', { op: 'sleep', ms: 20 });
      assert.ok(durationMs === null || number(durationMs) >= 0);
    },
  ),
];
