/**
 * A Lambda handler that was there before runs unchanged on this machine and on a cloud: the same table of inputs gives the
 * same answers on both, but for what is named.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec, JsonValue } from 'polyfaas';
import type { ContractSubject, ServerlessManager } from 'polyfaas/contract';
import { makeLocalSubject } from '../../contract/local-subject.ts';
import { common, COMMON_DIFFERENCES, type Differences } from './differences.ts';
import { CALLBACK, COMMON_JS, ES_MODULE } from './lambda-handlers.ts';
import { answer, outcome, type Front } from './outcomes.ts';
import { deliveriesOf, EMISSIONS, EVENTS, INPUTS, REQUESTS } from './table.ts';

export interface Parity extends Front {
  makeSubject(): Promise<ContractSubject>;
  /** Parts of events that may differ beside those that always may, and why. */
  readonly differences?: Differences;
  /** How far the platform's time is moved between two looks at the log. */
  readonly stepMs: number;
  /** Default: what the provider takes. */
  readonly memoryMb?: number;
  /** Kinds of events that the platform does not have. */
  readonly lacks?: readonly EventSpec['type'][];
  /** The platform's schedules have an event of their own for Lambda handlers, which they get as it is. */
  readonly hasOwnSchedules?: boolean;
}

interface Place {
  readonly subject: ContractSubject;
  manager(main: FunctionSpec): Promise<ServerlessManager>;
}

const MOST_LOOKS = 100;

export function describeParity(parity: Parity): void {
  const { stepMs, memoryMb, hasOwnSchedules = false, lacks = [] } = parity;
  const events = EVENTS.filter(({ type }) => !lacks.includes(type));
  const emissions = EMISSIONS.filter(({ kind }) => !lacks.includes(kind));
  const deliveries = deliveriesOf(emissions);
  const differences = { ...COMMON_DIFFERENCES, ...parity.differences };
  const schedules = hasOwnSchedules ? [] : ['1 hour'];
  const sized = memoryMb === undefined ? {} : { memoryMb };
  let root: string;
  /** This machine, and the cloud. */
  let places: readonly Place[];
  const managers: ServerlessManager[] = [];
  let apps = 0;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'polyfaas-parity-'));
    await writeFile(join(root, 'common.cjs'), COMMON_JS);
    await writeFile(join(root, 'module.mjs'), ES_MODULE);
    await writeFile(join(root, 'callback.cjs'), CALLBACK);
    const subjects = [await makeLocalSubject({ isolation: 'thread' }), await parity.makeSubject()];
    places = subjects.map((subject) => ({
      subject,
      async manager(main) {
        // Logs of a function may outlive it.
        apps += 1;
        const config = { app: `parity${apps}`, stage: 'test', root, functions: { main } };
        const manager = await subject.manager(config);
        managers.push(manager);
        return manager;
      },
    }));
  });
  afterAll(async () => {
    for (const manager of managers) await manager.close();
    for (const { subject } of places) await subject.close();
    await rm(root, { recursive: true, force: true });
  });

  /** What the handler saw, once it is so much. */
  async function seenBy(
    { subject }: Place,
    manager: ServerlessManager,
    count: number,
  ): Promise<readonly string[]> {
    let seen: readonly string[] = [];
    for (let look = 0; look < MOST_LOOKS && seen.length < count; look += 1) {
      await subject.clock.advance(stepMs);
      await subject.settle();
      const found: string[] = [];
      for await (const { message } of manager.logs('main', { last: '1d' })) {
        if (!message.startsWith('SEEN ')) continue;
        const value: JsonValue = JSON.parse(message.slice('SEEN '.length));
        found.push(JSON.stringify(common(value, differences), null, 1));
      }
      seen = found;
    }
    return seen.toSorted();
  }

  describe.each(['common.cjs', 'module.mjs'])('the handler in %s', (entry) => {
    let deployed: readonly { readonly place: Place; readonly manager: ServerlessManager }[];
    beforeAll(async () => {
      deployed = await Promise.all(
        places.map(async (place) => {
          const signature = 'aws-lambda';
          const manager = await place.manager({ entry, signature, events, ...sized });
          await manager.deploy('main');
          return { place, manager };
        }),
      );
    });
    afterAll(async () => {
      for (const { manager } of deployed) await manager.remove('main');
    });

    it.each(INPUTS)('answers %j alike', async (input) => {
      const [local, cloud] = await Promise.all(
        deployed.map(({ manager }) => outcome(manager, input)),
      );
      expect(cloud).toStrictEqual(local);
    });

    it.each(REQUESTS.map(([path, init]) => ({ path, init })))(
      'serves $path $init.method alike',
      async ({ path, init }) => {
        const [local, cloud] = await Promise.all(
          deployed.map(async ({ manager }) => {
            const { url } = (await manager.describe('main')) ?? {};
            return answer(url ?? '', path, init, parity);
          }),
        );
        expect(cloud).toStrictEqual(local);
        expect(local).not.toMatchObject({ body: true });
      },
    );

    it('gets the same records of every source, and its batchItemFailures count', async () => {
      const [local = [], cloud = []] = await Promise.all(
        deployed.map(async ({ place, manager }) => {
          for (const emission of emissions) await place.subject.emit(emission);
          return seenBy(place, manager, deliveries);
        }),
      );
      expect(cloud).toHaveLength(deliveries);
      expect(cloud).toStrictEqual(local);
    });
  });

  it.each(schedules)('a handler is told alike of a schedule every %s', async (every) => {
    const [local, cloud] = await Promise.all(
      places.map(async (place) => {
        const manager = await place.manager({
          entry: 'common.cjs',
          signature: 'aws-lambda',
          events: [{ type: 'schedule', id: 'hourly', every }],
          ...sized,
        });
        await manager.deploy('main');
        await place.subject.clock.advance(3_600_000);
        await place.subject.settle();
        const [first] = await seenBy(place, manager, 1);
        await manager.remove('main');
        return first;
      }),
    );
    expect(cloud).toContain('Scheduled Event');
    expect(cloud).toStrictEqual(local);
  });

  it('a handler with a callback answers alike', async () => {
    const answers = await Promise.all(
      places.map(async (place) => {
        const manager = await place.manager({ entry: 'callback.cjs', signature: 'aws-lambda' });
        await manager.deploy('main');
        return [await outcome(manager, { id: 9 }), await outcome(manager, { fail: 'badly' })];
      }),
    );
    expect(answers[1]).toStrictEqual(answers[0]);
    expect(answers[0]).toMatchObject([
      { output: { called: 'back', event: { id: 9 } } },
      { code: 'FUNCTION_FAILED', name: 'RangeError', message: 'badly' },
    ]);
  });
}
