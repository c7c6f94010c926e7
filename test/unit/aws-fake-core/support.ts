/** The whole fake on a clock that only the test moves, and the vendor's own clients for it. */
import { afterAll, beforeAll } from 'vitest';
import { FakeTime } from '../../fakes/aws/core/clock.ts';
import { createAwsFake, type AwsFake, type Recorder } from '../../fakes/aws/index.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';
export const NOW = Date.UTC(2026, 10, 21, 9);

export interface Settings {
  readonly region: string;
  readonly endpoint: string;
  readonly maxAttempts: number;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

export interface Subject {
  readonly fake: AwsFake;
  readonly clock: FakeTime;
  /** How a client of the deployer, or of another, is made. */
  settings(credentials?: Settings['credentials']): Settings;
  stop(): Promise<void>;
}

export async function startSubject(recorder?: Recorder): Promise<Subject> {
  const clock = new FakeTime(NOW);
  const fake = await createAwsFake({ clock, region: REGION, ...(recorder && { recorder }) });
  return {
    fake,
    clock,
    settings: (credentials = fake.credentials) => ({
      region: REGION,
      endpoint: fake.endpoint,
      maxAttempts: 1,
      credentials,
    }),
    stop: () => fake.stop(),
  };
}

/** One fake for the tests of a file; each test takes names of its own. */
export function useSubject(): () => Subject {
  let subject: Subject | undefined;
  beforeAll(async () => {
    subject = await startSubject();
  });
  afterAll(async () => subject?.stop());
  return () => {
    if (!subject) throw new Error('The fake is not there yet');
    return subject;
  };
}

/** The name and the status of the error that a call ends with. */
export async function refusal(call: Promise<unknown>): Promise<readonly [string, number?]> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
    const status =
      typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
        ? metadata.httpStatusCode
        : undefined;
    return typeof status === 'number' ? [error.name, status] : [error.name];
  }
  throw new Error('The call was not refused');
}

export function trustOf(service: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });
}

export function policyOf(
  Action: string | readonly string[],
  Resource: string | readonly string[],
  more: object = {},
): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource, ...more }],
  });
}
