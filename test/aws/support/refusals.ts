/** What a refusal must be like, and functions to be refused. */
import { expect } from 'vitest';
import { ServerlessError, type EventSpec, type FunctionSpec } from 'polyfaas';
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
/** No real one: from AWS's own documentation. */
export const SECRET_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

export interface Refusal {
  readonly code: ServerlessError['code'];
  /** The field or resource, the value, and what to do. */
  readonly says: readonly RegExp[];
}

type Work = () => Promise<unknown>;
type AwsOptions = NonNullable<NonNullable<FunctionSpec['providerOptions']>['aws']>;

export interface Refusals {
  refused(work: Work): Promise<ServerlessError>;
  assertRefusal(refusal: Refusal, work: Work): Promise<ServerlessError>;
  /** Refused, and nothing was written. */
  assertEarly(refusal: Refusal, work: Work): Promise<void>;
  /** Each in an app of its own, for what was refused halfway stays until it is removed. */
  deploying(spec: FunctionSpec, name?: string): Work;
  withOptions(aws: AwsOptions): Work;
  withEvent(event: EventSpec): Work;
}

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
        const { accessKeyId, secretAccessKey } = stageOf().fake.credentials;
        for (const value of [accessKeyId, secretAccessKey, SECRET_KEY]) {
          expect(error.message).not.toContain(value);
          expect(JSON.stringify(error.details ?? null)).not.toContain(value);
          if (error.cause instanceof Error) expect(error.cause.message).not.toContain(value);
        }
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
      const { faults } = stageOf().fake;
      const before = faults.writes;
      await self.assertRefusal(refusal, work);
      expect(faults.writes - before).toBe(0);
    },
    deploying:
      (spec, name = 'main') =>
      async () => {
        apps += 1;
        const functions = { [name]: spec };
        const manager = await stageOf().manager({ app: `shop${apps}`, functions });
        return manager.deploy(name);
      },
    withOptions: (aws) => self.deploying({ source: SOURCE, providerOptions: { aws } }),
    withEvent: (event) => self.deploying({ source: EVENTS_SOURCE, events: [event] }),
  };
  return self;
}
