import type { STS, STSClientConfig } from '@aws-sdk/client-sts';
import type { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { ServerlessError } from 'polyfaas/spi';
import type { AwsClients } from './index.ts';
import { hidingMeasured } from './hide-measured.ts';
import { loadSdk, loadTogether } from './load-sdk.ts';

/** Where requests go, and as whom. */
export interface ClientSettings {
  /** Undefined: what the profile says. */
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly credentials:
    | {
        readonly accessKeyId: string;
        readonly secretAccessKey: string;
        readonly sessionToken?: string | undefined;
      }
    | undefined;
  readonly profile: string | undefined;
  readonly assumeRole:
    | {
        readonly roleArn: string;
        readonly externalId?: string | undefined;
        readonly sessionName?: string | undefined;
        readonly durationSeconds?: number | undefined;
      }
    | undefined;
  /** Sockets of one client. */
  readonly maxSockets: number;
  /** True when something else than S3 answers for S3: it has no name of its own for every bucket. */
  readonly pathStyle?: boolean;
}

const CONNECTION_TIMEOUT_MS = 5000;
/** A management call that takes longer is lost. Uploads of 50 MB must fit. */
const MANAGEMENT_TIMEOUT_MS = 300_000;

interface Config {
  readonly region: string;
  readonly maxAttempts: number;
  readonly requestHandler: HandlerOptions;
  readonly endpoint?: string;
  readonly profile?: string;
  readonly credentials?: NonNullable<STSClientConfig['credentials']>;
}

interface HandlerOptions {
  connectionTimeout: number;
  requestTimeout?: number;
  throwOnRequestTimeout?: boolean;
  httpAgent: { keepAlive: boolean; maxSockets: number };
  httpsAgent: { keepAlive: boolean; maxSockets: number };
}

/** Anything that holds sockets. */
interface Destroyable {
  destroy(): void;
}

/** Clients that are made when they are first asked for. */
export function createClients(settings: ClientSettings): AwsClients {
  let { region } = settings;
  const made: Destroyable[] = [];
  let isClosed = false;
  let account: Promise<string> | undefined;
  let base: Promise<Config> | undefined;

  const handler = (limits: Partial<HandlerOptions>): HandlerOptions => ({
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    httpAgent: { keepAlive: true, maxSockets: settings.maxSockets },
    httpsAgent: { keepAlive: true, maxSockets: settings.maxSockets },
    ...limits,
  });
  const management = handler({
    requestTimeout: MANAGEMENT_TIMEOUT_MS,
    throwOnRequestTimeout: true,
  });

  /** All but the credentials: what it takes to ask for those. */
  const plain = async (): Promise<Config> => {
    const own = region ?? (await profileRegion(settings.profile));
    region = own;
    return {
      region: own,
      maxAttempts: 1,
      requestHandler: management,
      ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
      ...(settings.profile === undefined ? {} : { profile: settings.profile }),
    };
  };
  const config = (): Promise<Config> => {
    base ??= plain()
      .then(async (given) => ({ ...given, ...(await credentialsOf(settings, given)) }))
      .catch((error: unknown) => {
        base = undefined;
        throw error;
      });
    return base;
  };

  /** One client, made once; a failure is not remembered. */
  const once = <Client extends Destroyable>(
    make: (given: Config) => Promise<Client>,
  ): (() => Promise<Client>) => {
    let client: Promise<Client> | undefined;
    return () => {
      if (isClosed) return Promise.reject(closed());
      client ??= config()
        .then(make)
        .then((one) => {
          // Closed while it was made: nobody would close it later.
          if (isClosed) {
            one.destroy();
            throw closed();
          }
          made.push(one);
          return one;
        })
        .catch((error: unknown) => {
          client = undefined;
          throw error;
        });
      return client;
    };
  };

  const clients: AwsClients = {
    get region() {
      if (region === undefined) throw noRegion();
      return region;
    },
    lambda: once(async (given) => {
      const { Lambda } = await loadSdk('client-lambda', import('@aws-sdk/client-lambda'));
      return hidingMeasured(new Lambda(given));
    }),
    invoker: once(async (given) => {
      const { Lambda } = await loadSdk('client-lambda', import('@aws-sdk/client-lambda'));
      return new Lambda({ ...given, requestHandler: handler({}) });
    }),
    iam: once(async (given) => {
      const { IAM } = await loadSdk('client-iam', import('@aws-sdk/client-iam'));
      return new IAM(given);
    }),
    sts: once(async (given) => {
      const { STS: Sts } = await loadSdk('client-sts', import('@aws-sdk/client-sts'));
      return new Sts(given);
    }),
    sqs: once(async (given) => {
      const { SQS } = await loadSdk('client-sqs', import('@aws-sdk/client-sqs'));
      return new SQS(given);
    }),
    sns: once(async (given) => {
      const { SNS } = await loadSdk('client-sns', import('@aws-sdk/client-sns'));
      return new SNS(given);
    }),
    s3: once(async (given) => {
      const { S3 } = await loadSdk('client-s3', import('@aws-sdk/client-s3'));
      return new S3({
        ...given,
        forcePathStyle: settings.pathStyle ?? settings.endpoint !== undefined,
        requestChecksumCalculation: 'WHEN_REQUIRED',
      });
    }),
    kinesis: once(async (given) => {
      const [{ Kinesis }, { NodeHttpHandler }] = await loadTogether(
        loadSdk('client-kinesis', import('@aws-sdk/client-kinesis')),
        loadSdk('node-http-handler', import('@smithy/node-http-handler')),
      );
      // Its default handler speaks HTTP/2, which neither emulators nor most proxies do.
      return new Kinesis({ ...given, requestHandler: new NodeHttpHandler(management) });
    }),
    dynamodb: once(async (given) => {
      const { DynamoDB } = await loadSdk('client-dynamodb', import('@aws-sdk/client-dynamodb'));
      return new DynamoDB(given);
    }),
    eventbridge: once(async (given) => {
      const { EventBridge } = await loadSdk(
        'client-eventbridge',
        import('@aws-sdk/client-eventbridge'),
      );
      return new EventBridge(given);
    }),
    scheduler: once(async (given) => {
      const { Scheduler } = await loadSdk('client-scheduler', import('@aws-sdk/client-scheduler'));
      return new Scheduler(given);
    }),
    apigateway: once(async (given) => {
      const { ApiGatewayV2 } = await loadSdk(
        'client-apigatewayv2',
        import('@aws-sdk/client-apigatewayv2'),
      );
      return new ApiGatewayV2(given);
    }),
    cloudwatch: once(async (given) => {
      const { CloudWatch } = await loadSdk(
        'client-cloudwatch',
        import('@aws-sdk/client-cloudwatch'),
      );
      return new CloudWatch(given);
    }),
    logs: once(async (given) => {
      const { CloudWatchLogs } = await loadSdk(
        'client-cloudwatch-logs',
        import('@aws-sdk/client-cloudwatch-logs'),
      );
      return new CloudWatchLogs(given);
    }),
    autoscaling: once(async (given) => {
      const { ApplicationAutoScaling } = await loadSdk(
        'client-application-auto-scaling',
        import('@aws-sdk/client-application-auto-scaling'),
      );
      return new ApplicationAutoScaling(given);
    }),
    secrets: once(async (given) => {
      const { SecretsManager } = await loadSdk(
        'client-secrets-manager',
        import('@aws-sdk/client-secrets-manager'),
      );
      return new SecretsManager(given);
    }),
    account() {
      account ??= clients
        .sts()
        .then(whoAmI)
        .catch((error: unknown) => {
          account = undefined;
          throw error;
        });
      return account;
    },
    close() {
      isClosed = true;
      for (const client of made.splice(0)) client.destroy();
    },
  };
  return clients;
}

async function whoAmI(sts: STS): Promise<string> {
  const { Account } = await sts.getCallerIdentity({});
  if (Account !== undefined) return Account;
  throw new ServerlessError({
    code: 'UNAVAILABLE',
    retryable: true,
    provider: 'aws',
    message: 'AWS STS did not say which account these credentials belong to. Try again.',
  });
}

async function credentialsOf(
  settings: ClientSettings,
  given: Config,
): Promise<Pick<Config, 'credentials'>> {
  const { credentials, profile, assumeRole } = settings;
  const own =
    credentials === undefined
      ? undefined
      : {
          accessKeyId: credentials.accessKeyId,
          secretAccessKey: credentials.secretAccessKey,
          ...(credentials.sessionToken === undefined
            ? {}
            : { sessionToken: credentials.sessionToken }),
        };
  if (!assumeRole) return own === undefined ? {} : { credentials: own };
  const providers = await loadSdk('credential-providers', import('@aws-sdk/credential-providers'));
  return {
    credentials: shared(
      providers.fromTemporaryCredentials({
        masterCredentials:
          own ?? providers.fromNodeProviderChain(profile === undefined ? {} : { profile }),
        params: {
          RoleArn: assumeRole.roleArn,
          RoleSessionName: assumeRole.sessionName ?? 'polyfaas',
          ...(assumeRole.externalId === undefined ? {} : { ExternalId: assumeRole.externalId }),
          ...(assumeRole.durationSeconds === undefined
            ? {}
            : { DurationSeconds: assumeRole.durationSeconds }),
        },
        clientConfig: {
          region: given.region,
          requestHandler: given.requestHandler,
          ...(given.endpoint === undefined ? {} : { endpoint: given.endpoint }),
        },
      }),
    ),
  };
}

/** The SDK renews credentials that expire within five minutes. */
const RENEWAL_MS = 300_000;

type Provider = ReturnType<typeof fromTemporaryCredentials>;
type Session = Awaited<ReturnType<Provider>>;

/** One session for all clients: by itself, each would take the role on anew. */
function shared(provide: Provider): Provider {
  let kept: Promise<Session> | undefined;
  const take = (properties: Parameters<Provider>[0]): Promise<Session> => {
    const taken = provide(properties);
    kept = taken;
    taken.catch(() => {
      if (kept === taken) kept = undefined;
    });
    return taken;
  };
  return async (properties) => {
    const current = kept ?? take(properties);
    const session = await current;
    const expiresAt = session.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    if (expiresAt - Date.now() > RENEWAL_MS) return session;
    return kept === current || kept === undefined ? take(properties) : kept;
  };
}

/** As the SDK finds it: the environment, then the shared configuration file. */
async function profileRegion(profile: string | undefined): Promise<string> {
  const { STS: Sts } = await loadSdk('client-sts', import('@aws-sdk/client-sts'));
  const probe = new Sts(profile === undefined ? {} : { profile });
  try {
    return await probe.config.region();
  } catch (cause) {
    throw noRegion(cause);
  } finally {
    probe.destroy();
  }
}

function noRegion(cause?: unknown): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'aws',
    message:
      'region: none is set. Write `region` into the configuration (such as "eu-central-1"), set AWS_REGION, or give the profile one with `aws configure set region`.',
    cause,
  });
}

function closed(): ServerlessError {
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'aws',
    message: 'This provider is closed. Create a new manager.',
  });
}
