/**
 * What the services of the fake know of each other. Each service lives in a folder of its own and is reached by the
 * others only through its port here; `world.ts` puts them together.
 */

/** Simulated time. States that "take a while" are computed from `now()`; timers are for what must happen by itself. */
export interface FakeClock {
  now(): number;
  /** Calls once, so much simulated time later. Returns a function that cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Who sent a request, known by the access key of its signature. */
export interface Caller {
  /** `user`: the deployer, who may do everything. `role`: a session of an assumed role; its policies are enforced. */
  readonly kind: 'user' | 'role';
  readonly arn: string;
  readonly roleName?: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface IamPort {
  /** True when the role exists, was made long enough ago to be known everywhere, and trusts the service. */
  canAssume(roleArn: string, servicePrincipal: string): boolean;
  /** Whether the role's policies, once they have spread, allow the action. Records the check for the tests of policies. */
  roleAllows(roleArn: string, action: string, resource: string): boolean;
  /** Credentials of a session, for the environment of a function. */
  session(roleArn: string, name: string): Credentials;
  callerOf(accessKeyId: string): Caller | undefined;
  roleExists(roleArn: string): boolean;
}

/** What an invocation came to. */
export interface InvokeOutcome {
  readonly statusCode: number;
  /** JSON text; absent for `Event` and `DryRun`. */
  readonly payload?: string;
  readonly functionError?: 'Handled' | 'Unhandled';
  readonly executedVersion: string;
  /** The last 4 KB of the log, when asked for. */
  readonly logTail?: string;
}

/** A service that invokes: the function's resource policy must allow it. */
export interface InvokeSource {
  /** `sns.amazonaws.com` */
  readonly principal: string;
  readonly sourceArn: string;
  readonly sourceAccount?: string;
}

export interface LambdaPort {
  /** Rejects with an `AwsFault` (AccessDenied, NotFound, TooManyRequests) when the invocation is not accepted. */
  invoke(call: {
    /** Qualified or not: `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`. */
    readonly arn: string;
    readonly payload: string;
    readonly type: 'RequestResponse' | 'Event';
    /** Absent for event source mappings and the function's own URL. */
    readonly source?: InvokeSource;
    readonly traceHeader?: string;
  }): Promise<InvokeOutcome>;
  /** What a mapping or a target needs to know of a function; undefined when there is none. */
  describe(
    arn: string,
  ):
    | { readonly roleArn: string; readonly timeoutSeconds: number; readonly version: string }
    | undefined;
  /** True when the resource policy lets the source invoke (for S3's check of destinations). */
  allows(arn: string, source: InvokeSource): boolean;
}

/** One message as a consumer gets it. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  /** SenderId, SentTimestamp, ApproximateReceiveCount, ApproximateFirstReceiveTimestamp, MessageGroupId, ... */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<
    Record<
      string,
      {
        readonly dataType: string;
        readonly stringValue?: string;
        /** Base64. */
        readonly binaryValue?: string;
      }
    >
  >;
}

export interface SendOptions {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly delaySeconds?: number;
}

export interface SqsPort {
  exists(queueArn: string): boolean;
  visibilityTimeoutSeconds(queueArn: string): number | undefined;
  isFifo(queueArn: string): boolean;
  send(queueArn: string, body: string, options?: SendOptions): { readonly messageId: string };
  /** Visible messages, up to `max`; each is hidden for the queue's visibility timeout. Redrives what came too often. */
  receive(queueArn: string, max: number): readonly ReceivedMessage[];
  delete(queueArn: string, receiptHandle: string): void;
  /** When the next hidden or delayed message becomes visible; undefined when none is. */
  nextVisibleAt(queueArn: string): number | undefined;
  visibleCount(queueArn: string): number;
  /** What a queue holds, visible or not; for the tests' look at dead letters. */
  peek(queueArn: string): readonly ReceivedMessage[];
  /** Takes them out again, for redrives by the tests. */
  drain(queueArn: string): readonly ReceivedMessage[];
  /** Whether the queue's policy lets this service send. */
  allowsService(queueArn: string, principal: string, sourceArn: string): boolean;
  arnOf(name: string): string;
  /** Called whenever something may have become visible. */
  onMessage(listener: (queueArn: string) => void): void;
}

export interface SnsPort {
  exists(topicArn: string): boolean;
  publish(
    topicArn: string,
    message: string,
    options?: {
      readonly attributes?: Readonly<Record<string, string>>;
      readonly subject?: string;
    },
  ): { readonly messageId: string };
  arnOf(name: string): string;
}

export interface EventsPort {
  /** Puts one event on a bus. */
  put(event: {
    readonly bus: string;
    readonly source: string;
    readonly detailType: string;
    readonly detail: string;
    readonly resources?: readonly string[];
  }): { readonly eventId: string };
  busExists(nameOrArn: string): boolean;
}

/** A record of a Kinesis shard or a DynamoDB stream, as an event source mapping delivers it to Lambda. */
export interface StreamItem {
  readonly sequenceNumber: string;
  readonly arrivedAt: number;
  /** The record of the Lambda event, without `eventSourceARN`, `eventID` and `invokeIdentityArn`. */
  readonly record: Readonly<Record<string, unknown>>;
}

export interface StreamPort {
  exists(streamArn: string): boolean;
  shards(streamArn: string): readonly string[];
  /** Items of a shard behind a position; `undefined` is the oldest. */
  read(
    streamArn: string,
    shard: string,
    after: string | undefined,
    max: number,
  ): readonly StreamItem[];
  /** The sequence number of the newest item of a shard, for LATEST. */
  newest(streamArn: string, shard: string): string | undefined;
  onItem(listener: (streamArn: string) => void): void;
}

export interface LogsPort {
  groupExists(group: string): boolean;
  write(group: string, stream: string, timestampMs: number, message: string): void;
}

export interface MetricsPort {
  put(
    namespace: string,
    name: string,
    dimensions: Readonly<Record<string, string>>,
    value: number,
    timestampMs: number,
  ): void;
}

export interface SecretsPort {
  set(name: string, value: string): void;
}

export interface S3Port {
  bucketExists(bucket: string): boolean;
  put(bucket: string, key: string, body: Buffer, contentType?: string): void;
  delete(bucket: string, key: string): void;
  get(bucket: string, key: string): Buffer | undefined;
}

export interface DynamoPort extends StreamPort {
  put(
    table: string,
    key: Readonly<Record<string, unknown>>,
    item: Readonly<Record<string, unknown>> | undefined,
  ): void;
}

export interface KinesisPort extends StreamPort {
  put(stream: string, partitionKey: string, data: Buffer): void;
  arnOf(name: string): string;
}

/** Event source mappings: a part of the Lambda API with pollers behind it. */
export interface MappingsPort {
  /** Whether a batch is under way, or something that could be delivered now is waiting. */
  busy(): boolean;
  /** The tags of a mapping by its ARN; undefined when there is none. */
  tags(mappingArn: string): Readonly<Record<string, string>> | undefined;
  tag(mappingArn: string, tags: Readonly<Record<string, string>>): void;
  untag(mappingArn: string, keys: readonly string[]): void;
}

/** Everything, as each service sees it. Ports are looked up when they are used, never at construction. */
export interface World {
  readonly clock: FakeClock;
  readonly account: string;
  readonly region: string;
  /** `http://127.0.0.1:PORT`, where all services answer. */
  readonly endpoint: string;
  readonly iam: IamPort;
  readonly lambda: LambdaPort;
  readonly mappings: MappingsPort;
  readonly sqs: SqsPort;
  readonly sns: SnsPort;
  readonly events: EventsPort;
  readonly kinesis: KinesisPort;
  readonly dynamodb: DynamoPort;
  readonly s3: S3Port;
  readonly logs: LogsPort;
  readonly metrics: MetricsPort;
  readonly secrets: SecretsPort;
  /** Deliveries under way (asynchronous invocations, pushes, batches): `settle` waits for them. */
  readonly work: WorkTracker;
}

/** Counts what is under way, so that the tests can wait until nothing is. */
export interface WorkTracker {
  /** Runs work in the background and keeps count of it. Failures are the work's own to handle. */
  run(work: () => Promise<void>): void;
  readonly active: number;
}
