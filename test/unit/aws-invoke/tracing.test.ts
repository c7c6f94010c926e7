/** Traces that calls begin or carry on, as the function sees them. */
import { createServerlessManager, type ServerlessManager } from 'polyfaas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAwsFake, type AwsFake } from '../../fakes/aws/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { WaitingClock } from '../../support/waiting-clock.ts';

const SOURCE = `export default { invoke: (_, context) => ({
  header: process.env._X_AMZN_TRACE_ID, traceparent: context.trace?.traceparent }) };`;
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

let fake: AwsFake;
const clock = new ManualClock(Date.now());
const managers: ServerlessManager[] = [];
beforeAll(async () => {
  fake = await createAwsFake({ clock });
});
afterAll(async () => {
  for (const manager of managers) await manager.close();
  await fake.stop();
});

async function deployed(name: string, sampleRate?: number) {
  const tracing = sampleRate === undefined ? {} : { tracing: { sampleRate } };
  const manager = await createServerlessManager(
    {
      app: 'shop',
      stage: 'test',
      provider: 'aws',
      region: 'eu-central-1',
      functions: { [name]: { source: SOURCE, ...tracing } },
      providerOptions: { aws: { endpoint: fake.endpoint, credentials: fake.credentials } },
    },
    { clock: new WaitingClock(clock) },
  );
  managers.push(manager);
  const { version } = await manager.deploy(name);
  const see = async (traceparent?: string): Promise<{ header: string; traceparent: string }> =>
    (await manager.invoke<{ header: string; traceparent: string }>(name, null, { traceparent }))
      .output;
  return { version, see };
}

describe('a call without a trace', () => {
  it('begins one, sampled at the rate that is declared', async () => {
    const always = await deployed('rate', 1);
    const { header, traceparent } = await always.see();
    const root = /^Root=1-([0-9a-f]{8})-([0-9a-f]{24});Parent=[0-9a-f]{16};Sampled=1$/.exec(header);
    expect(root).not.toBeNull();
    expect(traceparent.split('-')[1]).toBe(`${root?.[1]}${root?.[2]}`);
    expect(Number.parseInt(root?.[1] ?? '', 16)).toBe(Math.floor(clock.now() / 1000));

    // Another rate is no other version.
    const never = await deployed('rate', 0);
    expect(never.version).toBe(always.version);
    expect((await never.see()).header).toMatch(/Sampled=0$/);
  });

  it('is left to Lambda where tracing is not declared', async () => {
    const { see } = await deployed('plain');
    expect((await see()).header).toMatch(/^Root=1-/);
  });
});

describe('a call with a trace', () => {
  it.each(['00', '01'])('carries it on, with the decision of its caller: %s', async (flags) => {
    const { see } = await deployed(`carried-${flags}`, 0.5);
    const { header } = await see(`00-${TRACE_ID}-00f067aa0ba902b7-${flags}`);
    expect(header).toBe(
      `Root=1-${TRACE_ID.slice(0, 8)}-${TRACE_ID.slice(8)};Parent=00f067aa0ba902b7;Sampled=${Number(flags)}`,
    );
  });
});
