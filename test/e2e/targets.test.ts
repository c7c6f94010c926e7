/** One deployment on two clouds, with the vendors' own clients, and a primary that dies and comes back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager, type ServerlessManager } from 'polyfaas';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createAwsFake, type AwsFake } from '../fakes/aws/index.ts';
import { createGcpFake, type GcpFake } from '../fakes/gcp/index.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { WaitingClock } from '../support/waiting-clock.ts';

let root: string;
let clock: ManualClock;
let aws: AwsFake;
let gcp: GcpFake;
let manager: ServerlessManager;
/** What the library says of itself. */
const told: string[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'polyfaas-e2e-targets-'));
  clock = new ManualClock(Date.now());
  aws = await createAwsFake({ clock });
  gcp = await createGcpFake({ clock });
  manager = await createServerlessManager(
    {
      app: 'shop',
      stage: 'test',
      root,
      targets: ['aws', 'gcp'],
      region: { aws: 'eu-central-1', gcp: 'europe-west1' },
      providerOptions: {
        aws: { endpoint: aws.world.endpoint, credentials: aws.credentials },
        gcp: {
          projectId: gcp.projectId,
          auth: gcp.auth,
          endpoints: { ...gcp.endpoints, certificates: gcp.certificates },
        },
      },
      functions: {
        echo: {
          source:
            'export default { invoke: async (input, context) => ({ input, on: context.provider }) };',
        },
      },
    },
    {
      clock: new WaitingClock(clock),
      log: { log: (_level, message) => void told.push(message) },
    },
  );
});

afterAll(async () => {
  await manager.close();
  await Promise.all([aws.stop(), gcp.stop()]);
  await rm(root, { recursive: true, force: true });
});

/** The platform that answered, or the code of the error. */
async function call(): Promise<string> {
  return manager.invoke('echo', 7).then(
    ({ output, target }) => {
      expect(output).toEqual({ input: 7, on: target });
      return target ?? 'nobody';
    },
    ({ code }: { readonly code: string }) => code,
  );
}

async function calls(count: number): Promise<readonly string[]> {
  const ends: string[] = [];
  for (let index = 0; index < count; index += 1) ends.push(await call());
  return ends;
}

test('one deploy reaches both clouds, and a dead primary costs three calls until it is back', async () => {
  const deployers = new Set<string>();
  const { targets = {} } = await manager.deploy('echo', {
    onProgress: ({ provider }) => deployers.add(provider),
  });
  expect(Object.keys(targets)).toEqual(['aws', 'gcp']);
  expect([...deployers].sort()).toEqual(['aws', 'gcp']);
  expect(await calls(2)).toEqual(['aws', 'aws']);

  aws.faults.arm({ call: 0, kind: 'crash' });
  const ends = await calls(20);
  const failed = ends.filter((end) => end !== 'gcp');
  expect(failed.length).toBeLessThanOrEqual(3);
  expect(ends.slice(failed.length).every((end) => end === 'gcp')).toBe(true);

  aws.faults.disarm();
  expect(await call()).toBe('gcp');
  await clock.advance(60_000);
  // A call makes somebody look, in the background; calls go on meanwhile.
  let end = await call();
  for (let more = 0; end !== 'aws' && more < 500; more += 1) end = await call();
  expect(end).toBe('aws');
  expect(await calls(3)).toEqual(['aws', 'aws', 'aws']);

  // A platform that says that it has no such function is one that answers.
  aws.faults.arm({ call: 0, kind: 'crash' });
  await calls(4);
  aws.faults.disarm();
  await manager.target('aws').remove('echo');
  told.length = 0;
  await clock.advance(60_000);
  await call();
  await vi.waitFor(() => expect(told).toContain('The target "aws" answers again.'), 10_000);
  await manager.target('aws').deploy('echo');
  expect(await call()).toBe('aws');

  expect((await manager.remove('echo')).targets).toEqual({
    aws: { removed: true, warnings: [] },
    gcp: { removed: true, warnings: [] },
  });
});
