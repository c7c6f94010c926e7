/** What a refusal must be like, and functions to be refused. */
import { expect } from 'vitest';
import { ServerlessError, type EventSpec, type FunctionSpec, type PolyfaasConfig } from 'polyfaas';
import type { Stage } from './stage.ts';

export const SOURCE = 'export const handler = async () => 1;';
export const EVENTS_SOURCE = String.raw`
export default Object.assign(
  { [Symbol.for('polyfaas.function')]: true },
  Object.fromEntries(
    ['invoke', 'http', 'schedule', 'queue', 'topic', 'object', 'stream', 'table', 'bus'].map(
      (kind) => [kind, async () => undefined],
    ),
  ),
);
`;

export interface Refusal {
  readonly code: ServerlessError['code'];
  /** The field or resource, the value, and what to do. */
  readonly says: readonly RegExp[];
}

type Work = () => Promise<unknown>;
type AzureOptions = NonNullable<NonNullable<FunctionSpec['providerOptions']>['azure']>;

export interface Refusals {
  refused(work: Work): Promise<ServerlessError>;
  assertRefusal(refusal: Refusal, work: Work): Promise<ServerlessError>;
  /** Refused, and nothing was written. */
  assertEarly(refusal: Refusal, work: Work): Promise<void>;
  /** Each in an app of its own, for what was refused halfway stays until it is removed. */
  deploying(spec: FunctionSpec, options?: Deploying): Work;
  withOptions(azure: AzureOptions): Work;
  withEvent(event: EventSpec): Work;
}

export interface Deploying {
  /** Default `main`. */
  readonly name?: string;
  readonly config?: PolyfaasConfig;
  /** Told what the app is called before anything is sent. */
  readonly before?: (app: string) => void | Promise<void>;
}

/** What no message may hold: tokens, keys, signatures. */
const SECRETS = /Bearer [\w.-]{8}|AccountKey=\w|[?&]sig=|[\w-]{40,}AzFu==/;

/** @param stageOf asked at each use, for a stage is made before the tests and after their file is read. */
export function refusals(stageOf: () => Stage): Refusals {
  let apps = 0;
  const self: Refusals = {
    async refused(work) {
      let outcome: unknown;
      try {
        outcome = await work();
      } catch (error) {
        if (!ServerlessError.isInstance(error)) throw error;
        expect(error.message).not.toMatch(SECRETS);
        expect(JSON.stringify(error.details ?? null)).not.toMatch(SECRETS);
        return error;
      }
      throw new Error(`It was not refused: ${JSON.stringify(outcome)}`);
    },
    async assertRefusal({ code, says }, work) {
      const error = await self.refused(work);
      for (const text of says) expect(error.message).toMatch(text);
      expect(error.code).toBe(code);
      return error;
    },
    async assertEarly(refusal, work) {
      const { fake } = stageOf();
      const before = [fake.faults.writes, fake.inventory()];
      await self.assertRefusal(refusal, work);
      expect([fake.faults.writes, fake.inventory()]).toStrictEqual(before);
    },
    deploying:
      (spec, { name = 'main', config = {}, before } = {}) =>
      async () => {
        apps += 1;
        const app = config.app ?? `shop${apps}`;
        await before?.(app);
        const manager = await stageOf().manager({ ...config, app, functions: { [name]: spec } });
        return manager.deploy(name);
      },
    withOptions: (azure) => self.deploying({ source: SOURCE, providerOptions: { azure } }),
    withEvent: (event) => self.deploying({ source: EVENTS_SOURCE, events: [event] }),
  };
  return self;
}
