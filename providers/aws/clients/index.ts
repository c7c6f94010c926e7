/** The vendor's own clients, as every part of the adapter gets them. */
import type { ApiGatewayV2 } from '@aws-sdk/client-apigatewayv2';
import type { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import type { EventBridge } from '@aws-sdk/client-eventbridge';
import type { IAM } from '@aws-sdk/client-iam';
import type { Kinesis } from '@aws-sdk/client-kinesis';
import type { Lambda } from '@aws-sdk/client-lambda';
import type { S3 } from '@aws-sdk/client-s3';
import type { Scheduler } from '@aws-sdk/client-scheduler';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { SNS } from '@aws-sdk/client-sns';
import type { SQS } from '@aws-sdk/client-sqs';
import type { STS } from '@aws-sdk/client-sts';

/**
 * Clients of one account and region. Each is loaded when it is first asked for, and kept. None retries
 * (`maxAttempts: 1`): the core does. A package that is not installed gives INVALID_ARGUMENT with the command for it.
 */
export interface AwsClients {
  /**
   * `eu-central-1`. Known at once when the configuration or the environment names it; one that only the profile names
   * is known after any client, or {@link AwsClients.account}, was awaited.
   *
   * @throws ServerlessError INVALID_ARGUMENT when nothing names a region.
   */
  readonly region: string;
  lambda(): Promise<Lambda>;
  /** Lambda, for invocations: sockets of its own, and no limit on how long a reply may take but the signal's. */
  invoker(): Promise<Lambda>;
  iam(): Promise<IAM>;
  sts(): Promise<STS>;
  sqs(): Promise<SQS>;
  sns(): Promise<SNS>;
  s3(): Promise<S3>;
  kinesis(): Promise<Kinesis>;
  dynamodb(): Promise<DynamoDB>;
  eventbridge(): Promise<EventBridge>;
  scheduler(): Promise<Scheduler>;
  apigateway(): Promise<ApiGatewayV2>;
  cloudwatch(): Promise<CloudWatch>;
  logs(): Promise<CloudWatchLogs>;
  autoscaling(): Promise<ApplicationAutoScaling>;
  secrets(): Promise<SecretsManager>;
  /** The account of the credentials; asked once. */
  account(): Promise<string>;
  /** Closes all sockets. Safe to call twice. */
  close(): void;
}

export { createClients, type ClientSettings } from './create.ts';
