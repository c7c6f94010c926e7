/** Declarations that Azure's limits do not allow: refused before anything is written. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { EVENTS_SOURCE, refusals, SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertEarly, deploying, withEvent } = refusals(() => stage);

describe('what a function app’s limits do not allow', () => {
  it.each<readonly [string, FunctionSpec, readonly RegExp[]]>([
    [
      'a variable of polyfaas itself',
      { source: SOURCE, env: { POLYFAAS_APP: 'x' } },
      [/env\.POLYFAAS_APP/, /Choose another name/],
    ],
    [
      'a variable of the platform',
      { source: SOURCE, env: { WEBSITE_SITE_NAME: 'x' } },
      [/env\.WEBSITE_SITE_NAME/, /Azure/, /Choose another name/],
    ],
    [
      'a variable that Flex Consumption refuses',
      { source: SOURCE, env: { FUNCTIONS_WORKER_RUNTIME: 'x' } },
      [/env\.FUNCTIONS_WORKER_RUNTIME/, /Choose another name/],
    ],
    [
      'a variable whose name is no variable’s',
      { source: SOURCE, env: { 'a-b': 'x' } },
      [/env\.a-b/, /letters/],
    ],
    [
      'two variables that app settings take for one',
      { source: SOURCE, env: { Place: 'x', PLACE: 'y' } },
      [/env\.(?:Place|PLACE)/, /case/, /Rename/],
    ],
    [
      'a value that Azure takes for a reference of its own',
      { source: SOURCE, env: { DB: '@Microsoft.KeyVault(VaultName=a;SecretName=b)' } },
      [/env\.DB/, /secret\("name"\)/],
    ],
    [
      'a destination whose name no queue can have',
      { source: SOURCE, async: { onFailure: { type: 'queue', name: 'Late_orders?' } } },
      [/async\.onFailure\.name/, /"Late_orders\?"/, /lower-case/, /Choose another name/],
    ],
    [
      'a destination whose id is of another kind',
      {
        source: SOURCE,
        async: {
          onSuccess: {
            type: 'bus',
            name: '/subscriptions/s/resourceGroups/shop/providers/Microsoft.ServiceBus/namespaces/shop/topics/users',
          },
        },
      },
      [/async\.onSuccess\.name/, /Microsoft\.EventGrid/],
    ],
    [
      'a secret without a vault',
      { source: SOURCE, env: { DB: { $secret: 'orders/database' } } },
      [/env\.DB/, /"orders\/database"/, /providerOptions\.azure\.keyVault/],
    ],
    [
      'two secrets that Key Vault takes for one',
      {
        source: SOURCE,
        env: { A: { $secret: 'orders/db' }, B: { $secret: 'orders.db' } },
        providerOptions: { azure: { keyVault: 'shop-vault' } },
      },
      [/env\.B/, /"orders-db"/, /Rename/],
    ],
    ['too much memory', { source: SOURCE, memoryMb: 8192 }, [/memoryMb/, /8,?192/, /4,?096/]],
    [
      'more memory than the one size of the Consumption plan',
      { source: SOURCE, memoryMb: 2048, providerOptions: { azure: { plan: 'consumption' } } },
      [/memoryMb/, /2048/, /1536/, /another plan/],
    ],
    [
      'a timeout that no route has',
      {
        source: EVENTS_SOURCE,
        timeoutSeconds: 600,
        events: [{ type: 'http', path: '/orders' }],
      },
      [/timeoutSeconds/, /600/, /230/, /queue/],
    ],
    [
      'a timeout that the Consumption plan does not have',
      { source: SOURCE, timeoutSeconds: 900, providerOptions: { azure: { plan: 'consumption' } } },
      [/timeoutSeconds/, /900/, /600/, /plan/],
    ],
    [
      'instances that the Consumption plan does not keep',
      { source: SOURCE, minInstances: 1, providerOptions: { azure: { plan: 'consumption' } } },
      [/minInstances/, /"flex" or "premium"/],
    ],
    [
      'settings of another plan',
      { source: SOURCE, providerOptions: { azure: { planSku: 'EP2' } } },
      [/azure\.planSku/, /"premium"/, /"flex"/],
    ],
    [
      'more instances kept than there may be',
      { source: SOURCE, minInstances: 5, maxInstances: 2 },
      [/minInstances|maxInstances/, /5/, /2/],
    ],
    [
      'a tag of Azure’s own',
      { source: SOURCE, tags: { 'microsoft-team': 'x' } },
      [/tags\.microsoft-team/, /reserved/],
    ],
    [
      'more tags than there is room for',
      {
        source: SOURCE,
        tags: Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`t${index}`, 'x'])),
      },
      [/tags/, /11/, /10/, /50/],
    ],
    [
      'an identity that is none',
      { source: SOURCE, providerOptions: { azure: { identity: 'mine' } } },
      [/azure\.identity/, /Microsoft\.ManagedIdentity\/userAssignedIdentities/],
    ],
    [
      'a further app setting of polyfaas itself',
      { source: SOURCE, providerOptions: { azure: { appSettings: { POLYFAAS_ASYNC: '{}' } } } },
      [/azure\.appSettings\.POLYFAAS_ASYNC/, /Choose another name/],
    ],
  ])('%s', async (_what, spec, says) => {
    await assertEarly({ code: 'INVALID_ARGUMENT', says }, deploying(spec));
  });

  it('a name of a function that no platform takes', async () => {
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/Not A Name/] },
      deploying({ source: SOURCE }, { name: 'Not A Name' }),
    );
  });

  it.each<readonly [string, FunctionSpec, readonly RegExp[]]>([
    ['a container image', { image: 'registry.example/orders:1' }, [/image/, /`entry`/]],
    ['a prebuilt zip', { artifact: './orders.zip' }, [/artifact/, /`entry`/]],
    ['another architecture', { source: SOURCE, architecture: 'arm64' }, [/architecture/, /x86_64/]],
    [
      'a runtime of another language',
      { source: SOURCE, runtime: 'python3.12' },
      [/runtime/, /"node22"/],
    ],
  ])('%s', async (_what, spec, says) => {
    await assertEarly({ code: 'UNSUPPORTED', says: [/main/, ...says] }, deploying(spec));
  });
});

describe('events', () => {
  it.each<readonly [EventSpec, readonly RegExp[]]>([
    [{ type: 'schedule', every: '7 minutes' }, [/\.every/, /7/, /5|6|10/]],
    [{ type: 'schedule', every: '7 hours' }, [/\.every/, /7/, /6|8/]],
    [{ type: 'schedule', cron: '0 3 1 * 1' }, [/\.cron/, /day/, /two schedules/]],
    [{ type: 'http', path: '/admin/users' }, [/\.path/, /"\/admin\/users"/, /another path/]],
    [{ type: 'http', path: '/Runtime' }, [/\.path/, /"\/Runtime"/, /another path/]],
    [{ type: 'http', path: '/polyfaas/invoke' }, [/\.path/, /"\/polyfaas/, /another path/]],
    [{ type: 'queue', queue: 'has space' }, [/queue/, /"has space"/, /without spaces/]],
    [{ type: 'queue', queue: 'Orders' }, [/queue/, /"Orders"/, /lower-case/]],
    [{ type: 'object', bucket: 'ab' }, [/bucket/, /"ab"/, /3 to 63/]],
    [{ type: 'stream', stream: 'a/b' }, [/stream/, /"a\/b"/, /256/]],
    [{ type: 'table', table: 'a?b' }, [/table/, /"a\?b"/, /255/]],
    [{ type: 'bus', bus: 'a/b' }, [/bus/, /"a\/b"/, /128/]],
    [
      { type: 'queue', queue: '/subscriptions/x/resourceGroups/y/providers/Z/z' },
      [/queue/, /resource id/, /queueServices\/default\/queues/],
    ],
  ])('%o', async (event, says) => {
    await assertEarly({ code: 'INVALID_ARGUMENT', says: [/events/, ...says] }, withEvent(event));
  });

  it('in a time zone', async () => {
    await assertEarly(
      { code: 'UNSUPPORTED', says: [/Europe\/Berlin|timezone/, /UTC/] },
      withEvent({ type: 'schedule', cron: '0 3 * * *', timezone: 'Europe/Berlin' }),
    );
  });

  it('that would take each other’s messages', async () => {
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/events\.b/, /"a"/, /another function/] },
      deploying({
        source: EVENTS_SOURCE,
        events: [
          { type: 'queue', id: 'a', queue: 'orders', create: true },
          { type: 'queue', id: 'b', queue: 'orders', create: true },
        ],
      }),
    );
  });
});

describe('what is done otherwise is said aloud', () => {
  const warnings = async (spec: FunctionSpec) => {
    const manager = await stage.manager({ app: 'aloud', functions: { main: spec } });
    return (await manager.plan('main')).warnings;
  };

  it('memory is rounded up to a size that there is', async () => {
    expect(await warnings({ source: SOURCE, memoryMb: 600 })).toMatchObject([
      {
        type: 'rounded',
        field: expect.stringMatching(/memoryMb/),
        message: expect.stringMatching(/600.*2,?048/),
      },
    ]);
  });

  it('no call is waited for longer than 230 s', async () => {
    expect(await warnings({ source: SOURCE, timeoutSeconds: 600 })).toContainEqual(
      expect.objectContaining({
        type: 'limit',
        field: expect.stringMatching(/timeoutSeconds/),
        message: expect.stringMatching(/230 s.*async/),
      }),
    );
  });
});

describe('settings of the subscription', () => {
  it('are refused before anything is loaded, every problem at once', async () => {
    await assertEarly(
      {
        code: 'INVALID_ARGUMENT',
        says: [
          /providerOptions\.azure\.subscriptionId/,
          /providerOptions\.azure\.siteNames\.main/,
          /providerOptions\.azure\.plan/,
          /providerOptions\.azure\.endpoint/,
        ],
      },
      async (): Promise<ServerlessManager> =>
        stage.manager({
          functions: {},
          providerOptions: {
            azure: {
              subscriptionId: 'mine',
              endpoint: 'http://example.com',
              siteNames: { main: 'x'.repeat(33) },
              // @ts-expect-error -- there is no such plan
              plan: 'free',
            },
          },
        }),
    );
  });
});
