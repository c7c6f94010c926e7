import { createHash } from 'node:crypto';
import type { SendOptions, World } from '../../fakes/aws/core/ports.ts';
import type { VersionConfig } from '../../fakes/aws/lambda/execution.ts';
import { createExecution, type ExecutionOptions } from '../../fakes/aws/lambda/runtime/index.ts';
import { zipOf } from '../../support/custom-runtime.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const START = Date.UTC(2026, 10, 21, 12);
const ACCOUNT = '123456789012';
const REGION = 'eu-central-1';
export const GROUP = '/aws/lambda/orders';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/orders`;
export const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:orders`;

export interface LogLine {
  readonly group: string;
  readonly stream: string;
  readonly at: number;
  readonly message: string;
}

export interface MetricPoint {
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly at: number;
}

export interface Sent {
  readonly service: string;
  readonly target: string;
  readonly body: unknown;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A world in which little happens: time stands until it is moved, and what is sent is noted. */
export class SmallWorld {
  readonly clock = new ManualClock(START);
  readonly groups = new Set([GROUP]);
  readonly denied = new Set<string>();
  readonly logs: LogLine[] = [];
  readonly metrics: MetricPoint[] = [];
  readonly sent: Sent[] = [];
  readonly world: World;
  #active = 0;

  constructor() {
    const note = (service: string, target: string, text: string, options?: SendOptions): void => {
      const { attributes = {} } = options ?? {};
      const isPlain = Object.keys(attributes).length === 0;
      this.sent.push({
        service,
        target,
        body: JSON.parse(text),
        ...(!isPlain && { attributes }),
      });
    };
    const present = {
      clock: this.clock,
      account: ACCOUNT,
      region: REGION,
      endpoint: 'http://127.0.0.1:9',
      iam: {
        roleAllows: (_role: string, action: string) => !this.denied.has(action),
        session: (roleArn: string, name: string) => ({
          accessKeyId: 'ASIAEXAMPLE',
          secretAccessKey: 'secret',
          sessionToken: `${roleArn}/${name}`,
        }),
      },
      sqs: {
        exists: () => true,
        send: (arn: string, body: string, options?: SendOptions) => {
          note('sqs', arn, body, options);
          return { messageId: 'message' };
        },
      },
      sns: {
        exists: () => true,
        publish: (arn: string, message: string) => {
          note('sns', arn, message);
          return { messageId: 'message' };
        },
      },
      events: {
        busExists: () => true,
        put: (event: { readonly bus: string; readonly detailType: string; detail: string }) => {
          note(`events ${event.detailType}`, event.bus, event.detail);
          return { eventId: 'event' };
        },
      },
      lambda: {
        invoke: (call: { readonly arn: string; readonly payload: string }) => {
          note('lambda', call.arn, call.payload);
          return Promise.resolve({ statusCode: 202, executedVersion: '1' });
        },
      },
      logs: {
        groupExists: (group: string) => this.groups.has(group),
        write: (group: string, stream: string, at: number, message: string) =>
          void this.logs.push({ group, stream, at, message }),
      },
      metrics: {
        put: (
          _namespace: string,
          name: string,
          dimensions: Readonly<Record<string, string>>,
          value: number,
          at: number,
        ) => void this.metrics.push({ name, dimensions, value, at }),
      },
      work: {
        run: (work: () => Promise<void>) => {
          this.#active += 1;
          void work().finally(() => {
            this.#active -= 1;
          });
        },
      },
    };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Only the ports that running functions needs.
    this.world = present as unknown as World;
  }

  get messages(): readonly string[] {
    return this.logs.map(({ message }) => message);
  }

  /** The values of a metric for one set of dimensions. */
  values(name: string, dimensions: Readonly<Record<string, string>> = {}): readonly number[] {
    const wanted = JSON.stringify(dimensions);
    return this.metrics
      .filter((point) => point.name === name && JSON.stringify(point.dimensions) === wanted)
      .map(({ value }) => value);
  }

  /** Waits until nothing is under way in the background. */
  async settle(): Promise<void> {
    while (this.#active > 0) await pause(2);
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.settle();
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The world, what runs functions in it, and short ways to use it. */
export class Lab {
  readonly small = new SmallWorld();
  readonly execution;

  constructor(options: ExecutionOptions = {}) {
    this.execution = createExecution(this.small.world, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.execution.stop();
  }

  /** Calls, and reads the answer. */
  async call(
    config: VersionConfig,
    payload: unknown = {},
    options: {
      readonly wantTail?: boolean;
      readonly reserved?: number;
      readonly provisioned?: number;
      readonly invokedArn?: string;
      readonly traceHeader?: string;
      readonly clientContext?: string;
      readonly requestId?: string;
    } = {},
  ) {
    const { wantTail = false, reserved, provisioned = 0, invokedArn = ARN, ...rest } = options;
    const outcome = await this.execution.invokeSync(config, {
      ...rest,
      payload: JSON.stringify(payload),
      invokedArn,
      wantTail,
      limits: { provisioned, ...(reserved !== undefined && { reserved }) },
    });
    const value: unknown = JSON.parse(outcome.payload ?? 'null');
    return { ...outcome, value };
  }
}

type Overrides = Partial<Omit<VersionConfig, 'code' | 'codeSha256'>>;

/** A version whose code is one module, `index.mjs`. */
export function version(source: string, overrides: Overrides = {}): Promise<VersionConfig> {
  return versionOf({ 'index.mjs': source }, overrides);
}

export async function versionOf(
  files: Readonly<Record<string, string>>,
  overrides: Overrides = {},
): Promise<VersionConfig> {
  const zip = await zipOf(files);
  return {
    functionName: 'orders',
    functionArn: ARN,
    version: '7',
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    code: { zip },
    codeSha256: createHash('sha256').update(zip).digest('base64'),
    env: {},
    memoryMb: 256,
    timeoutSeconds: 3,
    roleArn: ROLE,
    logGroup: GROUP,
    logFormat: 'Text',
    architecture: 'x86_64',
    ...overrides,
  };
}

/** The error that a function ended with. */
export function asFailure(value: unknown): {
  readonly errorType: string;
  readonly errorMessage: string;
} {
  if (typeof value !== 'object' || value === null) throw new Error(`No failure: ${String(value)}`);
  const text = (name: string): string => String(Reflect.get(value, name));
  return { errorType: text('errorType'), errorMessage: text('errorMessage') };
}
