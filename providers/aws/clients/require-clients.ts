import type { AwsClients } from './index.ts';
import { refuseMissing } from './load-sdk.ts';

/** The clients whose packages not every deploy needs. */
export type OptionalClient =
  | 'apigateway'
  | 'autoscaling'
  | 'dynamodb'
  | 'eventbridge'
  | 'kinesis'
  | 's3'
  | 'scheduler'
  | 'secrets'
  | 'sns'
  | 'sqs';

/**
 * Loads what later steps need: a package that is missing is told before anything is written, and so are all of them.
 *
 * @throws ServerlessError INVALID_ARGUMENT with one command for all.
 */
export async function requireClients(
  aws: Pick<AwsClients, OptionalClient>,
  names: readonly OptionalClient[],
): Promise<void> {
  refuseMissing(await Promise.allSettled(names.map((name) => aws[name]())));
}
