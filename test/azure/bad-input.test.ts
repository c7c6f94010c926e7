/**
 * What Azure, or what there is on Azure, does not allow, and how it is refused: the right code; a message that names the
 * field or the resource, the value, and the next step; nothing written where it could be known before; and never a
 * credential.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secret, type EventSpec } from 'polyfaas';
import { siteName, storageAccountName } from '../../providers/azure/names.ts';
import { refusals, SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertRefusal, assertEarly, deploying, withOptions, withEvent } = refusals(() => stage);

const plain = { source: SOURCE };
const refOf = (app: string) => ({ app, stage: 'dev', name: 'main' });

describe('where and who', () => {
  it('an address where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    server.close();
    await once(server, 'close');
    const config = {
      limits: { maxAttempts: 1 },
      providerOptions: { azure: { endpoint: `http://127.0.0.1:${port}` } },
    };
    await assertEarly(
      { code: 'UNAVAILABLE', says: [new RegExp(`127\\.0\\.0\\.1:${port}`), /`endpoint`/] },
      deploying(plain, { config }),
    );
  });

  it('no subscription', async () => {
    const before = process.env['AZURE_SUBSCRIPTION_ID'];
    delete process.env['AZURE_SUBSCRIPTION_ID'];
    try {
      const azure = { subscriptionId: undefined };
      await assertEarly(
        { code: 'INVALID_ARGUMENT', says: [/subscriptionId/, /AZURE_SUBSCRIPTION_ID/] },
        // @ts-expect-error -- absent, as in JavaScript
        deploying(plain, { config: { providerOptions: { azure } } }),
      );
    } finally {
      if (before !== undefined) process.env['AZURE_SUBSCRIPTION_ID'] = before;
    }
  });

  it('a subscription that the credential does not see', async () => {
    const azure = { subscriptionId: '00000000-0000-4000-8000-000000000000' };
    await assertEarly(
      { code: 'UNAUTHENTICATED', says: [/subscriptionId/, /az account list/] },
      deploying(plain, { config: { providerOptions: { azure } } }),
    );
  });

  it('a token that Azure does not know', async () => {
    const credential = {
      getToken: async () => ({ token: 'long-gone', expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    await assertEarly(
      { code: 'UNAUTHENTICATED', says: [/token/, /az login/] },
      deploying(plain, { config: { providerOptions: { azure: { credential } } } }),
    );
  });

  it('a credential that gives no token', async () => {
    const credential = {
      getToken: async () => {
        const error = new Error('EnvironmentCredential is unavailable. No account found.');
        error.name = 'CredentialUnavailableError';
        throw error;
      },
    };
    await assertEarly(
      { code: 'UNAUTHENTICATED', says: [/No Azure credential/, /az login/, /credential/] },
      deploying(plain, { config: { providerOptions: { azure: { credential } } } }),
    );
  });

  it('a deployer without any role', async () => {
    const { identity } = stage.fake.world;
    const nobody = {
      kind: 'identity',
      principalId: '99999999-9999-4999-8999-999999999999',
    } as const;
    const credential = identity.credentialOf(nobody);
    await assertEarly(
      { code: 'PERMISSION_DENIED', says: [/Azure refused/, /credential/, /az role assignment/] },
      deploying(plain, { config: { providerOptions: { azure: { credential } } } }),
    );
  });

  it('a region that is none', async () => {
    await assertRefusal(
      { code: 'INVALID_ARGUMENT', says: [/region/, /"westeruope"/, /westeurope/] },
      deploying(plain, { config: { region: 'westeruope' } }),
    );
    // What cannot be a name of Azure's is not asked for.
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/region/, /"us-east-1"/, /"westeurope"/, /us-east/] },
      deploying(plain, { config: { region: 'us-east-1' } }),
    );
  });

  it('a region without Flex Consumption', async () => {
    await assertRefusal(
      {
        code: 'INVALID_ARGUMENT',
        says: [/region/, /list-flexconsumption-locations/, /"premium" or "consumption"/],
      },
      deploying(plain, { config: { region: 'brazilsoutheast' } }),
    );
  });

  it('a subscription that never used App Service', async () => {
    await using other = await createStage();
    other.fake.world.arm.registrations.unregister('Microsoft.Web');
    const manager = await other.manager({ functions: { main: plain } });
    await assertRefusal(
      {
        code: 'PERMISSION_DENIED',
        says: [/"Microsoft\.Web"/, /az provider register --namespace Microsoft\.Web --wait/],
      },
      async () => manager.deploy('main'),
    );
  });
});

describe('names that are the whole world’s', () => {
  it('a function app that somebody has in another subscription', async () => {
    const { subscriptionId, world } = stage.fake;
    let name = '';
    await assertRefusal(
      {
        code: 'ALREADY_EXISTS',
        says: [/function app/, /taken/, /providerOptions\.azure\.siteNames/],
      },
      deploying(plain, {
        before(app) {
          name = siteName(refOf(app), subscriptionId);
          world.web.plantForeignName(name);
        },
      }),
    );
    expect(stage.fake.inventory()).not.toContain(`web site ${name}`);
  });

  it('a storage account that somebody has in another subscription', async () => {
    const { subscriptionId, world } = stage.fake;
    await assertRefusal(
      {
        code: 'ALREADY_EXISTS',
        says: [/storage account/, /taken/, /providerOptions\.azure\.storageAccount/],
      },
      deploying(plain, {
        before: (app) =>
          world.storageFake.plantForeign(storageAccountName(refOf(app), subscriptionId)),
      }),
    );
  });

  it('a function app of somebody else’s in the same group', async () => {
    const { fake } = stage;
    const stranger = await fake.stranger('taken-by-a-stranger', 'polyfaas-taken-dev');
    const siteNames = { main: 'taken-by-a-stranger' };
    await assertEarly(
      { code: 'ALREADY_EXISTS', says: [/"taken-by-a-stranger"/, /adopt: true/] },
      deploying(plain, { config: { app: 'taken', providerOptions: { azure: { siteNames } } } }),
    );
    expect(await stranger.untouched()).toBe(true);
  });

  it('one name for two functions', async () => {
    const siteNames = { main: 'shop-mine', other: 'shop-mine' };
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/providerOptions\.azure\.siteNames/, /two functions/] },
      deploying(plain, { config: { providerOptions: { azure: { siteNames } } } }),
    );
  });

  it('names that the host takes for one are never derived, and cannot be given', async () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,40}[a-z0-9]$/);
    const subscription = fc.uuid();
    fc.assert(
      fc.property(name, name, name, subscription, (app, where, main, subscriptionId) => {
        // The host tells apps apart by 32 characters; the whole name must count.
        const ref = { app, stage: where, name: main };
        expect(siteName(ref, subscriptionId)).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/);
        const next = siteName({ ...ref, name: `${main}x` }, subscriptionId);
        expect(next).not.toBe(siteName(ref, subscriptionId));
      }),
    );
    const shared = 'x'.repeat(32);
    const siteNames = { main: `${shared}-a`, other: `${shared}-b` };
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/siteNames\.main/, /siteNames\.other/, /32 characters/] },
      deploying(plain, { config: { providerOptions: { azure: { siteNames } } } }),
    );
  });
});

describe('what the options name', () => {
  it('an identity that does not exist', async () => {
    const { subscriptionId } = stage.fake;
    const identity = `/subscriptions/${subscriptionId}/resourceGroups/none/providers/Microsoft.ManagedIdentity/userAssignedIdentities/none`;
    await assertRefusal(
      { code: 'NOT_FOUND', says: [/providerOptions\.azure\.identity/, /none/, /Create it/] },
      withOptions({ identity }),
    );
  });

  it('a storage account that does not exist', async () => {
    await assertRefusal(
      {
        code: 'NOT_FOUND',
        says: [/providerOptions\.azure\.storageAccount/, /"absent"/, /Create it/],
      },
      withOptions({ storageAccount: 'absent' }),
    );
  });

  it.each(['absent-vault', 'https://absent-vault.vault.azure.net'])(
    'the vault %s',
    async (keyVault) => {
      await assertRefusal(
        { code: 'NOT_FOUND', says: [/keyVault/, /"absent-vault"/, /Create it/] },
        deploying({
          ...plain,
          env: { DB: secret('orders/db') },
          providerOptions: { azure: { keyVault } },
        }),
      );
    },
  );

  it('a secret that is not there, and the version before is served on', async () => {
    stage.fake.world.vault.set('shop-vault', 'there', 'value');
    const azure = { keyVault: 'shop-vault' };
    const config = { app: 'secretive' };
    const there = { ...plain, env: { DB: secret('there') }, providerOptions: { azure } };
    await deploying(there, { config })();
    await assertRefusal(
      {
        code: 'NOT_FOUND',
        says: [
          /main\.env\.DB/,
          /"orders\/absent"/,
          /"shop-vault"/,
          /az keyvault secret set .*orders-absent/,
        ],
      },
      deploying({ ...there, env: { DB: secret('orders/absent') } }, { config }),
    );
    const manager = await stage.manager({ ...config, functions: { main: there } });
    expect((await manager.invoke('main')).output).toBe(1);
    expect((await manager.deploy('main')).changed).toBe(false);
  });

  it('another plan than the one it is on', async () => {
    const config = { app: 'moving' };
    await deploying(plain, { config })();
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/azure\.plan/, /"flex"/, /"premium"/, /Remove it first/] },
      deploying({ ...plain, providerOptions: { azure: { plan: 'premium' } } }, { config }),
    );
    await assertEarly(
      {
        code: 'INVALID_ARGUMENT',
        says: [/region/, /westeurope/, /northeurope/, /Remove it first/],
      },
      deploying(plain, { config: { ...config, region: 'northeurope' } }),
    );
  });
});

describe('sources that are not there', () => {
  it.each<readonly [EventSpec, readonly RegExp[]]>([
    [{ type: 'queue', queue: 'absent' }, [/\.queue: .*"absent"/, /create: true/]],
    [{ type: 'topic', topic: 'absent' }, [/\.topic: .*"absent"/, /create: true/]],
    [{ type: 'object', bucket: 'absent-bucket' }, [/\.bucket: .*"absent-bucket"/, /create: true/]],
    [{ type: 'stream', stream: 'absent' }, [/\.stream: .*"absent"/, /create: true/]],
    [{ type: 'table', table: 'absent' }, [/\.table: .*"absent"/, /create: true/]],
    [{ type: 'bus', bus: 'absent' }, [/\.bus: .*"absent"/, /create: true/]],
  ])('%o', async (event, says) => {
    await assertEarly({ code: 'NOT_FOUND', says }, withEvent(event));
  });
});
