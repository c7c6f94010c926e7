/** Settings under `providerOptions.vercel` that Vercel has not: each is named, and nothing is sent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec, PolyfaasConfig } from 'polyfaas';
import { refusals, SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertEarly, deploying } = refusals(() => stage);

/** Nothing is sent at all: not even what only looks. */
async function assertUnsent(says: readonly RegExp[], work: () => Promise<unknown>): Promise<void> {
  const before = stage.calls.length;
  await assertEarly({ code: 'INVALID_ARGUMENT', says }, work);
  expect(stage.calls.slice(before)).toEqual([]);
}

const plain: FunctionSpec = { source: SOURCE };

type Options = NonNullable<NonNullable<PolyfaasConfig['providerOptions']>['vercel']>;

/** Options as JavaScript may have them. */
function given(options: object): Options {
  return options;
}

describe('the account’s', () => {
  it.each<readonly [string, object, readonly RegExp[]]>([
    ['a token with a space', { token: 'a b' }, [/vercel\.token/, /no spaces/]],
    ['an empty token', { token: '' }, [/vercel\.token/, /not empty/]],
    ['a token that is no text', { token: 7 }, [/vercel\.token/]],
    ['a team that is a name', { team: 'My Team' }, [/vercel\.team/, /"team_\.\.\."/, /slug/]],
    [
      'an API without encryption',
      { endpoints: { api: 'http://api.example.com' } },
      [/vercel\.endpoints\.api/, /"https:"/, /this machine/],
    ],
    [
      'an API that is no address',
      { endpoints: { api: 'api.vercel.com' } },
      [/vercel\.endpoints\.api/],
    ],
    [
      'a queue without encryption',
      { endpoints: { queue: 'http://{region}.example.com' } },
      [/vercel\.endpoints\.queue/, /"https:"/],
    ],
    [
      'a queue with a place that there is not',
      { endpoints: { queue: 'https://{zone}.example.com' } },
      [/vercel\.endpoints\.queue/, /\{region\}/],
    ],
    ['an endpoint that there is not', { endpoints: { edge: 'https://a.example.com' } }, [/edge/]],
    [
      'a project in capitals',
      { projectNames: { main: 'Shop' } },
      [/vercel\.projectNames\.main/, /1 to 100 of a-z/],
    ],
    [
      'a project with three dashes',
      { projectNames: { main: 'shop---main' } },
      [/vercel\.projectNames\.main/, /"---"/],
    ],
    [
      'a project with too long a name',
      { projectNames: { main: 'a'.repeat(101) } },
      [/vercel\.projectNames\.main/, /1 to 100/],
    ],
    [
      'one project for two functions',
      { projectNames: { main: 'shop', other: 'shop' } },
      [/vercel\.projectNames/, /two functions/, /its own/],
    ],
    ['queues that are no beta', { queues: true }, [/vercel\.queues/, /"beta"/, /or leave it out/]],
    ['an option that there is not', { project: 'shop' }, [/vercel/, /project/]],
  ])('%s', async (_what, options, says) => {
    const config = { providerOptions: { vercel: given(options) } };
    await assertUnsent(says, deploying(plain, { config }));
  });

  it.each(['moon-north1', 'eu-nowhere', 'FRA1', 'fra'])('the region %s', async (region) => {
    await assertUnsent(
      [/region/, new RegExp(`"${region}"`), /fra1/, /eu-central/],
      deploying(plain, { config: { region } }),
    );
  });

  it('every one that is wrong is told of', async () => {
    const vercel = given({ team: 'My Team', queues: 'yes', projectNames: { main: 'A' } });
    await assertUnsent(
      [/vercel\.team/, /vercel\.queues/, /vercel\.projectNames\.main/, /region/],
      deploying(plain, { config: { region: 'moon', providerOptions: { vercel } } }),
    );
  });
});

describe('a function’s', () => {
  const CASES: readonly (readonly [string, object, readonly RegExp[]])[] = [
    [
      'a runtime that is gone',
      { runtime: 'nodejs20.x' },
      [/vercel\.runtime/, /"nodejs24\.x"/, /"nodejs22\.x"/],
    ],
    ['no regions', { regions: [] }, [/vercel\.regions/, /one region or more/]],
    ['a region twice', { regions: ['fra1', 'eu-central'] }, [/vercel\.regions/, /twice/]],
    [
      'a region that there is not',
      { regions: ['fra1', 'moon'] },
      [/vercel\.regions\[1\]/, /"moon"/, /fra1/],
    ],
    [
      'a domain with a scheme',
      { domain: 'https://api.example.com' },
      [/vercel\.domain/, /"api\.example\.com"/, /without a scheme/],
    ],
    ['a domain in capitals', { domain: 'API.example.com' }, [/vercel\.domain/, /lower case/]],
    ['a key with a colon', { invokeKeyId: 'k:2' }, [/vercel\.invokeKeyId/, /1 to 32 of a-z 0-9 -/]],
    ['an option that there is not', { memory: 1024 }, [/vercel/, /memory/]],
  ];

  it.each(CASES)('%s', async (_what, options, says) => {
    const spec = { ...plain, providerOptions: { vercel: given(options) } };
    await assertUnsent([/functions\.main\.providerOptions/, ...says], deploying(spec));
  });

  it.each(CASES)('%s, for all', async (_what, options, says) => {
    const config = { providerOptions: { vercel: given(options) } };
    await assertUnsent(says, deploying(plain, { config }));
  });

  it.each([{ token: 'vcp_mine' }, { team: 'mine' }, { queues: 'beta' }])(
    'one that is of the account: %o',
    async (options) => {
      const [name = ''] = Object.keys(options);
      await assertUnsent(
        [/functions\.main\.providerOptions\.vercel/, new RegExp(`vercel\\.${name}: unknown field`)],
        deploying({ ...plain, providerOptions: { vercel: given(options) } }),
      );
    },
  );
});

describe('a role of a function', () => {
  it.each(['role', 'roleArn', 'identity', 'managedIdentity', 'serviceAccount'])(
    'as %s: UNSUPPORTED, with what there is instead',
    async (name) => {
      const says = [new RegExp(`vercel\\.${name}: `), /OIDC token/, /secret\(/];
      const vercel = given({ [name]: 'polyfaas-orders' });
      const before = stage.calls.length;
      await assertEarly(
        { code: 'UNSUPPORTED', says },
        deploying({ ...plain, providerOptions: { vercel } }),
      );
      await assertEarly(
        { code: 'UNSUPPORTED', says },
        deploying(plain, { config: { providerOptions: { vercel } } }),
      );
      expect(stage.calls.slice(before)).toEqual([]);
    },
  );
});
