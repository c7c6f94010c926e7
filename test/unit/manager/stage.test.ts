import { createServerlessManager, type PolyfaasConfig } from 'polyfaas';
import { expect, it } from 'vitest';
import { answering, newShop } from '../local-provider/shop.ts';

/** Of what is planned and deployed in this stage, the warnings about it. */
async function toldOf(stage: string): Promise<readonly (readonly string[])[]> {
  const { root, stateFolder } = newShop();
  await using manager = await createServerlessManager({
    app: 'shop',
    stage,
    root,
    providerOptions: { local: { stateFolder } },
    environments: { production: { provider: 'local', defaults: { memoryMb: 256 } } },
    functions: { orders: answering('one') },
  });
  const told = [await manager.plan('orders'), await manager.deploy('orders')];
  return told.map(({ warnings }) =>
    warnings.flatMap(({ field, message }) => (field === 'stage' ? [message] : [])),
  );
}

it('a stage that is nearly called as an environment is told with every plan and deployment', async () => {
  const message =
    'stage: "prodution" is none of `environments`, so nothing is laid over the configuration. Did you mean "production"?';
  expect(await toldOf('prodution')).toEqual([[message], [message]]);
});

it.each(['production', 'dev', 'pr-17'])('nothing is told of the stage %s', async (stage) => {
  expect(await toldOf(stage)).toEqual([[], []]);
});

it('failover beside a single provider is told with every plan and deployment, and none of several', async () => {
  const { root, stateFolder } = newShop();
  const config: PolyfaasConfig = {
    app: 'shop',
    root,
    failover: { maxFailures: 2 },
    providerOptions: { local: { stateFolder } },
    functions: { orders: answering('one') },
  };
  const warning = {
    type: 'ignored',
    field: 'failover',
    message: expect.stringContaining('has no effect on a single provider. Name several as'),
  };
  const manager = await createServerlessManager(config);
  expect((await manager.plan('orders')).warnings).toEqual([warning]);
  expect((await manager.deploy('orders')).warnings).toEqual([warning]);
  await manager.close();
  await using several = await createServerlessManager({ ...config, targets: ['local', 'vercel'] });
  expect(several.targets).toEqual(['local', 'vercel']);
  expect((await several.target('local').plan('orders')).warnings).toEqual([]);
});

it('no configuration at all is named as what is missing', async () => {
  const create: (...given: readonly unknown[]) => Promise<unknown> = (...given) =>
    Reflect.apply(createServerlessManager, undefined, given);
  await expect(create()).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message:
      'config: there is none. Write createServerlessManager({ app: "shop", functions: { ... } }), or pass on the `config` that loadConfig() found.',
  });
});
