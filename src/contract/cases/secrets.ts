import assert from 'node:assert/strict';
import { HANDLER_KINDS } from '../../function/events.ts';
import type { ProgressEvent } from '../../manager/types.ts';
import { casesOf, type ContractCase } from '../case.ts';

const secrets = casesOf('secrets');
const VALUE = 'correct-horse-battery-staple-9431';

/** Secrets: inside only. */
export const SECRETS_CASES: readonly ContractCase[] = [
  secrets(
    'inside',
    'A secret is in the environment of the function',
    ['deploy.secrets'],
    async (t) => {
      await t.subject.secrets.set(t.name('key'), VALUE);
      const { manager } = await t.deployed({ env: { API_KEY: { $secret: t.name('key') } } });
      assert.deepEqual(await t.call(manager, { op: 'env', names: ['API_KEY'] }), {
        API_KEY: VALUE,
      });
    },
  ),
  secrets(
    'while-loading',
    'Code may make use of its variables and secrets as soon as it is loaded',
    ['deploy.secrets'],
    async (t) => {
      await t.subject.secrets.set(t.name('key'), VALUE);
      const { manager } = await t.deployed({
        env: { SHOP_URL: 'https://shop.example/a', API_KEY: { $secret: t.name('key') } },
        source: `if (!process.env.API_KEY) throw new Error('API_KEY is not set');
const { hostname } = new URL(process.env.SHOP_URL ?? '');
export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: async () => ({ hostname, length: process.env.API_KEY?.length }),
};`,
      });
      assert.deepEqual(await t.call(manager, null), {
        hostname: 'shop.example',
        length: VALUE.length,
      });
    },
  ),
  secrets(
    'not-shown',
    'A secret is in no plan, deployment, description or log',
    ['deploy.secrets'],
    async (t) => {
      await t.subject.secrets.set(t.name('key'), VALUE);
      const logged: unknown[] = [];
      const manager = await t.manager(
        { main: t.spec({ env: { API_KEY: { $secret: t.name('key') } } }) },
        { log: { log: (...entry) => logged.push(entry) } },
      );
      const shown: unknown[] = [await manager.plan('main')];
      const onProgress = (event: ProgressEvent): void => {
        shown.push(event);
        // The core logs that a listener throws, so that it shows whether its log is this one.
        throw new Error('no more progress, please');
      };
      shown.push(await manager.deploy('main', { onProgress }));
      assert.ok(
        logged.length > 0,
        'the subject passes `variation.log` on to its managers (lever: `manager`)',
      );
      shown.push(await manager.describe('main'), await manager.plan('main', { drift: 'full' }));
      shown.push(await t.subject.inventory());
      if (t.supports('logs.query')) {
        await t.call(manager, { op: 'variant' });
        for await (const entry of manager.logs('main', { last: '15m' })) shown.push(entry);
      }
      shown.push(await manager.remove('main'), logged);
      assert.ok(!JSON.stringify(shown).includes(VALUE), 'the value is not to be seen');
    },
  ),
  secrets(
    'not-in-errors',
    'A secret is in no error of a failed deploy',
    ['deploy.secrets'],
    async (t) => {
      await t.subject.secrets.set(t.name('key'), VALUE);
      const manager = await t.manager({
        main: t.spec({
          env: { BREAK_INIT: 'yes', API_KEY: { $secret: t.name('key') } },
          handles: HANDLER_KINDS,
        }),
      });
      const error = await t.drive(
        t.refused(() => manager.deploy('main'), { code: 'FUNCTION_FAILED' }),
      );
      const shown = JSON.stringify([
        error.message,
        error.details,
        String(error.cause),
        error.stack,
      ]);
      assert.ok(!shown.includes(VALUE), 'the value is not to be seen');
    },
  ),
  secrets(
    'missing',
    'A secret that does not exist is named before the new version is live',
    ['deploy.secrets'],
    async (t) => {
      const { manager } = await t.deployed();
      const bad = await t.manager({
        main: t.spec({ variant: 'two', env: { API_KEY: { $secret: t.name('nowhere') } } }),
      });
      await t.drive(
        t.refused(() => bad.deploy('main'), {
          code: 'NOT_FOUND',
          says: [t.name('nowhere')],
        }),
      );
      assert.equal(await t.call(manager, { op: 'variant' }), 'one');
    },
  ),
  secrets(
    'unchanged',
    'A deploy with a secret is idempotent too',
    ['deploy.secrets'],
    async (t) => {
      await t.subject.secrets.set(t.name('key'), VALUE);
      const { manager } = await t.deployed({ env: { API_KEY: { $secret: t.name('key') } } });
      assert.equal((await t.withoutWrites(() => manager.deploy('main'))).changed, false);
    },
  ),
  secrets(
    'plain-value-warns',
    'A plain value that looks like a secret is warned of, and not quoted',
    [],
    async (t) => {
      const value = 'AKIAIOSFODNN7EXAMPLE';
      const manager = await t.manager({ main: t.spec({ env: { AWS_ACCESS_KEY: value } }) });
      const { warnings } = await manager.plan('main');
      const warning = warnings.find(({ type }) => type === 'secretLike');
      assert.ok(warning, 'there is a warning of the type secretLike');
      assert.ok(!warning.message.includes(value));
    },
  ),
];
