import { describe, expect, it } from 'vitest';
import { createServerlessManager, type ManagerOptions, type PolyfaasConfig } from 'polyfaas';
import { ManualClock } from '../../support/manual-clock.ts';
import { stubProvider } from '../review/core-support.ts';

/** As a program without types would call it. */
async function made(options: unknown, config: unknown = {}): Promise<unknown> {
  const call = [config, options];
  const making: Promise<unknown> = Reflect.apply(createServerlessManager, undefined, call);
  return making.catch((error: unknown) => error);
}

const refusal = (message: string) => ({
  name: 'ServerlessError',
  code: 'INVALID_ARGUMENT',
  message: expect.stringContaining(message),
});

const stub = (): ReturnType<typeof stubProvider> => stubProvider({});
const throwing = {
  toString() {
    throw new Error('boom');
  },
};

describe('what a manager is made from', () => {
  it.each([
    [null, 'options: null is not an object'],
    [42, 'options: 42 is not an object'],
    [{ loger: console }, 'loger: is no option of createServerlessManager, which takes provider'],
    [{ loger: console }, 'Did you mean "log"?'],
    [{ clock: 42 }, 'clock: 42 is not a clock: it needs now(), after() and sleep()'],
    [{ clock: { now: () => 0 } }, 'clock: this is not a clock'],
    [{ clock: throwing }, 'clock: this is not a clock'],
    [{ log: () => {} }, 'log: a function is not a log: it needs log()'],
    [{ log: { log: 1 } }, 'log: this is not a log'],
    [{ random: 0.5 }, 'random: 0.5 is not a function'],
    [{ telemetry: 'yes' }, 'telemetry: "yes" is not true, false or "auto"'],
    [{ provider: stub() }, 'provider: this is not a function that makes a provider'],
    [{ provider: Symbol('aws') }, 'provider: Symbol(aws) is not a function'],
    [{ providers: [stub] }, 'providers: a list is not an object'],
    [{ providers: { aws: 1 } }, 'providers.aws: 1 is not a function'],
    [
      { providers: { awss: stub } },
      'providers.awss: is no target of the configuration. Did you mean "aws"?',
    ],
  ])('is refused: %o', async (options, message) => {
    expect(await made(options)).toMatchObject(refusal(message));
  });

  it('is told of loadConfig when it names a file', async () => {
    expect(await made({}, 'polyfaas.config.ts')).toMatchObject(
      refusal('await loadConfig({ file: "polyfaas.config.ts" })'),
    );
  });

  it.each([
    [
      { targets: ['mine', 'aws'], environments: { prod: { targets: ['theirs'] } } },
      ['mine', 'theirs', 'aws'],
    ],
    [{ provider: 'other', adapters: { other: 'a-package' } }, ['other', 'gcp']],
  ])('may be for any provider that the configuration names: %j', async (config, ids) => {
    const { checkManagerOptions } = await import('../../../src/manager/manager-options.ts');
    const providers = Object.fromEntries(ids.map((id) => [id, stub]));
    expect(() => checkManagerOptions(config, { providers })).not.toThrow();
  });

  it('is taken when it is right, and when it is left undefined', async () => {
    const config: PolyfaasConfig = { app: 'shop', provider: 'local' };
    const all: Required<ManagerOptions> = {
      provider: stub,
      providers: undefined,
      clock: new ManualClock(),
      random: () => 0.5,
      log: { log: () => {} },
      telemetry: 'auto',
    };
    const manager = await createServerlessManager(config, all);
    expect(manager.provider).toBe('stub');
    await manager.close();
  });
});
