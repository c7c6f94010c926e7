/** A small world around one service under test: what it delivers to is written down. */
import { FakeTime } from '../../fakes/aws/core/clock.ts';
import type {
  InvokeSource,
  ReceivedMessage,
  SendOptions,
  World,
} from '../../fakes/aws/core/ports.ts';
import { FakeServer } from '../../fakes/aws/core/server.ts';
import { AwsFault, type Service } from '../../fakes/aws/core/service.ts';
import { Work } from '../../fakes/aws/core/work.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
export const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:fn:live`;
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/scheduler`;
export const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:queue`;
export const DEAD = `arn:aws:sqs:${REGION}:${ACCOUNT}:dead`;

export interface Invoked {
  readonly arn: string;
  readonly payload: string;
  readonly source?: InvokeSource;
}

export interface Sent {
  readonly queue: string;
  readonly body: string;
  readonly options: SendOptions;
}

export interface PutEvent {
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: string;
}

/** What the services around the one under test do, and what reached them. */
export class Surroundings {
  readonly clock = new FakeTime(Date.UTC(2026, 10, 20, 12));
  readonly work = new Work();
  readonly invoked: Invoked[] = [];
  readonly sent: Sent[] = [];
  readonly events: PutEvent[] = [];
  readonly functions = new Set([FUNCTION]);
  readonly queues = new Set([QUEUE, DEAD]);
  /** `principal sourceArn`; empty lets everyone in. */
  readonly mayInvoke = new Set<string>();
  readonly mayBeAssumed = new Set([ROLE]);
  roleMayInvoke = true;
  queuesAreOpen = true;
  /** The next calls of functions fail so. */
  readonly invokeFaults: AwsFault[] = [];

  async settle(): Promise<void> {
    await this.work.idle();
    if (this.work.failures.length > 0) throw this.work.failures[0];
  }

  async advance(ms: number): Promise<void> {
    await this.settle();
    await this.clock.advance(ms);
    await this.settle();
  }

  payloads(): readonly unknown[] {
    return this.invoked.map(({ payload }): unknown => JSON.parse(payload));
  }

  #allows(source: InvokeSource | undefined): boolean {
    return (
      source === undefined ||
      this.mayInvoke.size === 0 ||
      this.mayInvoke.has(`${source.principal} ${source.sourceArn}`)
    );
  }

  world(region = REGION): World {
    return {
      clock: this.clock,
      account: ACCOUNT,
      region,
      endpoint: '',
      work: this.work,
      iam: {
        canAssume: (role) => this.mayBeAssumed.has(role),
        roleAllows: () => this.roleMayInvoke,
        roleExists: (role) => this.mayBeAssumed.has(role),
        session: absent,
        callerOf: () => undefined,
      },
      lambda: {
        invoke: async ({ arn, payload, source }) => {
          const planned = this.invokeFaults.shift();
          if (planned !== undefined) throw planned;
          if (!this.functions.has(arn)) {
            throw new AwsFault(404, 'ResourceNotFoundException', 'Function not found');
          }
          if (!this.#allows(source)) {
            throw new AwsFault(403, 'AccessDeniedException', 'no permission');
          }
          this.invoked.push({ arn, payload, ...(source && { source }) });
          return { statusCode: 202, executedVersion: '1' };
        },
        describe: (arn) =>
          this.functions.has(arn) ? { roleArn: ROLE, timeoutSeconds: 3, version: '1' } : undefined,
        allows: (_arn, source) => this.#allows(source),
      },
      sqs: {
        exists: (arn) => this.queues.has(arn),
        isFifo: (arn) => arn.endsWith('.fifo'),
        allowsService: () => this.queuesAreOpen,
        send: (queue, body, options = {}) => {
          this.sent.push({ queue, body, options });
          return { messageId: String(this.sent.length) };
        },
        visibilityTimeoutSeconds: absent,
        receive: (): readonly ReceivedMessage[] => [],
        delete: absent,
        nextVisibleAt: absent,
        visibleCount: absent,
        peek: absent,
        drain: absent,
        arnOf: absent,
        onMessage: absent,
      },
      sns: { exists: () => false, publish: absent, arnOf: absent },
      events: {
        put: (event) => {
          this.events.push(event);
          return { eventId: '1' };
        },
        busExists: () => true,
      },
      get mappings(): never {
        return absent();
      },
      get kinesis(): never {
        return absent();
      },
      get dynamodb(): never {
        return absent();
      },
      get s3(): never {
        return absent();
      },
      get logs(): never {
        return absent();
      },
      get metrics(): never {
        return absent();
      },
      get secrets(): never {
        return absent();
      },
    };
  }
}

function absent(): never {
  throw new Error('This is not part of the test');
}

/** A server with one service, and how clients reach it. */
export async function serve<Made extends Service>(service: Made) {
  const server = await FakeServer.start();
  server.add(service);
  return {
    service,
    config: {
      endpoint: server.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      maxAttempts: 1,
    },
    stop: () => server.stop(),
  };
}

/** The name and message of what a call fails with; undefined when it does not. */
export async function failureOf(
  call: Promise<unknown>,
): Promise<{ readonly name: string; readonly message: string } | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { name: error.name, message: error.message };
  }
}
