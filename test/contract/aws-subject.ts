/**
 * AWS as a subject of the contract: the adapter with the vendor's own SDK on one side, and a fake of the services on
 * the other, on a clock that waiting moves.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerlessManager } from 'polyfaas';
import { createAwsProvider } from 'polyfaas/aws';
import type { ContractSubject, Emission, ServerlessManager } from 'polyfaas/contract';
import { physicalName, type ServerlessProvider } from 'polyfaas/spi';
import { recordRequests } from '../aws-models/recorder.ts';
import { createAwsFake, type AwsFake } from '../fakes/aws/index.ts';
import { CUSTOM_RUNTIME_FILES, zipOf } from '../support/custom-runtime.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { WaitingClock } from '../support/waiting-clock.ts';

const REGION = 'eu-central-1';
const IMAGE = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/echo:1';

export async function makeAwsSubject(): Promise<ContractSubject> {
  const record = process.env['POLYFAAS_RECORD_AWS'];
  const stopRecording = record ? recordRequests(record) : undefined;
  const clock = new ManualClock(Date.now());
  const waiting = new WaitingClock(clock);
  const fake = await createAwsFake({ clock });
  const { world, faults } = fake;
  const root = await mkdtemp(join(tmpdir(), 'polyfaas-contract-aws-'));
  const plain = { 'index.mjs': 'export const handler = async (event) => event;' };
  await writeFile(join(root, 'handler.zip'), await zipOf(plain));
  await writeFile(join(root, 'echo.zip'), await zipOf(CUSTOM_RUNTIME_FILES));
  world.lambdaService.images.set(IMAGE, {
    files: plain,
    handler: 'index.handler',
  });

  return {
    async manager(config, variation): Promise<ServerlessManager> {
      const limit = variation?.artifactLimitBytes;
      return createServerlessManager(
        {
          root,
          ...config,
          region: REGION,
          providerOptions: {
            aws: { endpoint: world.endpoint, credentials: fake.credentials },
          },
        },
        {
          clock: waiting,
          log: variation?.log,
          provider: (parts): ServerlessProvider => {
            const provider = createAwsProvider(parts);
            if (limit === undefined) return provider;
            const limits = { zipBytes: limit, unpackedBytes: limit };
            return { ...provider, packaging: { ...provider.packaging, limits } };
          },
        },
      );
    },
    emit: (emission) => {
      emit(fake, emission);
      return Promise.resolve();
    },
    settle: () => fake.settle(),
    clock,
    faults,
    inventory: () => Promise.resolve(fake.inventory()),
    async stranger(ref) {
      const name = physicalName(ref, {
        maxLength: 64,
        characters: 'A-Za-z0-9-_',
        lowerCase: false,
      });
      const { untouched, remove } = await fake.stranger(name);
      return { untouched: () => Promise.resolve(untouched()), remove: async () => remove() };
    },
    deadLetters: (queue) =>
      Promise.resolve(
        world.sqs.peek(world.sqs.arnOf(queue)).map(({ body }) => ({ data: JSON.parse(body) })),
      ),
    redrive: async (queue) => fake.redrive(queue),
    secrets: {
      set: (name, value) => {
        world.secrets.set(name, value);
        return Promise.resolve();
      },
    },
    // The record is in tags, which nothing compares when they are written: at the beginning, and at the end.
    unguardedCalls: 2,
    writes: () => Promise.resolve(faults.writes),
    samples: {
      prebuilt: { artifact: './handler.zip' },
      image: { image: IMAGE },
      foreignRuntime: { artifact: './echo.zip', runtime: 'provided.al2023' },
      architecture: {
        source: 'export default { invoke: (input) => input };',
        architecture: 'arm64',
      },
    },
    async close() {
      stopRecording?.();
      await fake.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function emit({ world }: AwsFake, emission: Emission): void {
  if (emission.kind === 'queue') {
    const arn = world.sqs.arnOf(emission.queue);
    for (const { data, attributes, group } of emission.messages) {
      world.sqs.send(arn, JSON.stringify(data), {
        ...(attributes ? { attributes } : {}),
        ...(group === undefined ? {} : { groupId: group }),
      });
    }
  } else if (emission.kind === 'topic') {
    const { topic, data, attributes, subject } = emission;
    world.sns.publish(world.sns.arnOf(topic), JSON.stringify(data), {
      ...(attributes ? { attributes } : {}),
      ...(subject === undefined ? {} : { subject }),
    });
  } else if (emission.kind === 'object') {
    const { bucket, key, body, contentType } = emission;
    if (body === undefined) world.s3.delete(bucket, key);
    else world.s3.put(bucket, key, Buffer.from(body), contentType);
  } else if (emission.kind === 'stream') {
    for (const { partitionKey, data } of emission.records) {
      world.kinesis.put(emission.stream, partitionKey, Buffer.from(JSON.stringify(data)));
    }
  } else if (emission.kind === 'table') {
    world.dynamodb.put(emission.table, emission.key, emission.item);
  } else {
    const { bus, source, type, data, subject } = emission;
    world.events.put({
      bus,
      source,
      detailType: type,
      detail: JSON.stringify(data),
      ...(subject === undefined ? {} : { resources: [subject] }),
    });
  }
}
