/** What a refusal must be like, and functions to be refused. */
import { expect } from 'vitest';
import { ServerlessError, type EventSpec, type FunctionSpec, type PolyfaasConfig } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';

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
type ProviderOptions = NonNullable<FunctionSpec['providerOptions']>;

export interface Refusals<Options> {
  refused(work: Work): Promise<ServerlessError>;
  assertRefusal(refusal: Refusal, work: Work): Promise<ServerlessError>;
  /** Refused, and nothing was written. */
  assertEarly(refusal: Refusal, work: Work): Promise<void>;
  /** Refused early, and nothing was sent at all: not even what only looks. */
  assertUnsent(refusal: Refusal, work: Work): Promise<void>;
  /** Each in an app of its own, for what was refused halfway stays until it is removed. */
  deploying(spec: FunctionSpec, options?: Deploying): Work;
  withOptions(options: Options): Work;
  withEvent(event: EventSpec): Work;
}

export interface Deploying {
  /** Default `main`. */
  readonly name?: string;
  readonly config?: PolyfaasConfig;
  /** Told what the app is called before anything is sent. */
  readonly before?: (app: string) => void | Promise<void>;
}

/** Where things are refused. */
export interface RefusingStage {
  readonly fake: { readonly faults: { readonly writes: number }; inventory(): readonly string[] };
  /** What was sent so far. */
  readonly calls: readonly unknown[];
  manager(config: PolyfaasConfig): Promise<ServerlessManager>;
}

/**
 * @param stageOf asked at each use, for a stage is made before the tests and after their file is read.
 * @param secrets what no message may hold: tokens, keys, signatures
 */
export function refusalsOf<Name extends keyof ProviderOptions>(
  stageOf: () => RefusingStage,
  provider: Name,
  secrets: RegExp,
): Refusals<NonNullable<ProviderOptions[Name]>> {
  let apps = 0;
  const self: Refusals<NonNullable<ProviderOptions[Name]>> = {
    async refused(work) {
      let outcome: unknown;
      try {
        outcome = await work();
      } catch (error) {
        if (!ServerlessError.isInstance(error)) throw error;
        expect(error.message).not.toMatch(secrets);
        expect(JSON.stringify(error.details ?? null)).not.toMatch(secrets);
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
    async assertUnsent(refusal, work) {
      const before = stageOf().calls.length;
      await self.assertEarly(refusal, work);
      expect(stageOf().calls.slice(before)).toEqual([]);
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
    withOptions: (options) =>
      self.deploying({ source: SOURCE, providerOptions: { [provider]: options } }),
    withEvent: (event) => self.deploying({ source: EVENTS_SOURCE, events: [event] }),
  };
  return self;
}
