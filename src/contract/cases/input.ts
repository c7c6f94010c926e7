import assert from 'node:assert/strict';
import { casesOf, type ContractCase } from '../case.ts';
import type { ContractContext } from '../context.ts';
import type { Plan } from '../../spi/plan.ts';
import type { FunctionSpec } from '../../spec/types.ts';

const input = casesOf('input');

/** Declares `main` with something wrong in it; refused when the manager is made or when it deploys, and nothing is sent. */
async function refusedSpec(
  t: ContractContext,
  wrong: object,
  says: readonly string[],
): Promise<string> {
  const declared: FunctionSpec = Object.assign(t.spec(), wrong);
  const { message } = await t.withoutWrites(() =>
    t.refused(
      async () => {
        const manager = await t.manager({ main: declared });
        await manager.deploy('main');
      },
      { code: 'INVALID_ARGUMENT', says },
    ),
  );
  return message;
}

/** A declaration that is refused, and the words that the refusal has. */
function wrongSpec(
  id: string,
  title: string,
  wrong: (t: ContractContext) => object,
  says: readonly string[],
): ContractCase {
  return input(id, title, [], async (t) => void (await refusedSpec(t, wrong(t), says)));
}

/** What users get wrong. */
export const INPUT_CASES: readonly ContractCase[] = [
  wrongSpec('unknown-field', 'An unknown field is named', () => ({ memorySize: 512 }), [
    'memorySize',
  ]),
  wrongSpec('wrong-type', 'A value of the wrong type is named', () => ({ memoryMb: 'lots' }), [
    'memoryMb',
  ]),
  wrongSpec('memory-zero', 'A memory size of nothing is refused', () => ({ memoryMb: 0 }), [
    'memoryMb',
  ]),
  wrongSpec('timeout-negative', 'A negative timeout is refused', () => ({ timeoutSeconds: -1 }), [
    'timeoutSeconds',
  ]),
  wrongSpec(
    'timeout-fraction',
    'A broken number of seconds is refused',
    () => ({ timeoutSeconds: 1.5 }),
    ['timeoutSeconds'],
  ),
  wrongSpec(
    'env-name',
    'An impossible name of a variable is refused',
    () => ({ env: { 'A=B': 'x' } }),
    ['A=B'],
  ),
  wrongSpec('env-value', 'A variable that is no text is refused', () => ({ env: { COUNT: 7 } }), [
    'COUNT',
  ]),
  wrongSpec(
    'event-kind',
    'An event kind that there is not is refused',
    () => ({ events: [{ type: 'carrier-pigeon' }] }),
    ['type'],
  ),
  wrongSpec(
    'event-field',
    'An unknown field of an event is named',
    () => ({ events: [{ type: 'http', route: '/a' }] }),
    ['route'],
  ),
  wrongSpec(
    'cron',
    'An impossible cron expression is refused',
    () => ({ events: [{ type: 'schedule', cron: '* * 31 2 *' }] }),
    ['cron'],
  ),
  wrongSpec(
    'every',
    'An interval that is none is refused',
    () => ({ events: [{ type: 'schedule', every: 'now and then' }] }),
    ['every'],
  ),
  wrongSpec(
    'timezone',
    'A time zone that there is not is refused',
    () => ({ events: [{ type: 'schedule', cron: '0 9 * * *', timezone: 'Mars/Base' }] }),
    ['timezone'],
  ),
  wrongSpec(
    'every-and-cron',
    'A schedule of both kinds at once is refused',
    () => ({ events: [{ type: 'schedule', every: '1 minute', cron: '* * * * *' }] }),
    ['cron'],
  ),
  wrongSpec(
    'http-path',
    'A path with a broken parameter is refused',
    () => ({ events: [{ type: 'http', path: '/a/{b' }] }),
    ['path'],
  ),
  wrongSpec(
    'http-method',
    'A method that there is not is refused',
    () => ({ events: [{ type: 'http', method: 'FETCH' }] }),
    ['method'],
  ),
  wrongSpec('two-codes', 'Two kinds of code at once are refused', () => ({ entry: './main.ts' }), [
    'entry',
  ]),
  wrongSpec('no-code', 'A function without code is refused', () => ({ source: undefined }), [
    'main',
  ]),
  wrongSpec('keep-versions', 'Keeping no version is refused', () => ({ keepVersions: 0 }), [
    'keepVersions',
  ]),
  input('all-at-once', 'All problems are named at once', [], async (t) => {
    const message = await refusedSpec(t, { memoryMb: 'lots', timeoutSeconds: -1, surprise: 1 }, [
      'memoryMb',
      'timeoutSeconds',
      'surprise',
    ]);
    assert.ok(message.includes('main'), 'the function is named');
  }),
  input('function-name', 'A function name that no platform takes is refused', [], async (t) => {
    await t.withoutWrites(() =>
      t.refused(
        async () => {
          const manager = await t.manager({ 'No Good/Name': t.spec() });
          await manager.deployAll();
          await manager.deploy('No Good/Name');
        },
        { code: 'INVALID_ARGUMENT', says: ['No Good/Name'] },
      ),
    );
  }),
  input(
    'unknown-function',
    'A name that is not configured cannot be planned or deployed',
    [],
    async (t) => {
      const manager = await t.manager();
      const name = 'nobody';
      const calls: readonly (() => Promise<unknown>)[] = [
        () => manager.plan(name),
        () => manager.deploy(name),
      ];
      for (const call of calls) {
        await t.withoutWrites(() =>
          t.refused(call, { code: ['INVALID_ARGUMENT', 'NOT_FOUND'], says: [name] }),
        );
      }
    },
  ),
  input(
    'request-id',
    'A request id with strange characters is refused',
    ['invoke.sync'],
    async (t) => {
      const { manager } = await t.deployed();
      await t.refused(() => manager.invoke('main', null, { requestId: 'a\r\nb' }), {
        code: 'INVALID_ARGUMENT',
        says: ['requestId'],
      });
    },
  ),
  input('traceparent', 'A traceparent that is none is refused', ['invoke.sync'], async (t) => {
    const { manager } = await t.deployed();
    await t.refused(() => manager.invoke('main', null, { traceparent: 'not-a-trace' }), {
      code: 'INVALID_ARGUMENT',
      says: ['traceparent'],
    });
  }),
  input('not-a-plan', 'What is no plan cannot be applied', [], async (t) => {
    const manager = await t.manager();
    for (const text of [
      'null',
      '{}',
      '"plan"',
      '{"specVersion":1}',
      '{"specVersion":1,"steps":"none"}',
    ]) {
      const plan: Plan = JSON.parse(text);
      await t.withoutWrites(() =>
        t.refused(() => manager.apply(plan), {
          code: 'INVALID_ARGUMENT',
        }),
      );
    }
  }),
  input('prune-number', 'Pruning to no version is refused', ['deploy.rollback'], async (t) => {
    const { manager } = await t.deployed();
    await t.withoutWrites(() =>
      t.refused(() => manager.prune('main', { keepVersions: 0 }), {
        code: 'INVALID_ARGUMENT',
        says: ['keepVersions'],
      }),
    );
  }),
];
