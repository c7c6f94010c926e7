import { ServerlessError } from 'polyfaas/spi';
import type { AwsClients } from './index.ts';
import { missingPackage } from './load-sdk.ts';

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
  const outcomes = await Promise.allSettled(names.map((name) => aws[name]()));
  const failures = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const [first] = failures;
  if (first === undefined) return;
  const packages = [...new Set(failures.flatMap((reason) => missingPackage(reason) ?? []))];
  // Such as a region that nothing names: the same for all.
  if (packages.length < 2) throw first;
  throw new ServerlessError({
    code: 'INVALID_ARGUMENT',
    provider: 'aws',
    message: `The packages ${packages.map((name) => `"${name}"`).join(', ')} are not installed. Run \`npm install ${packages.join(' ')}\`.`,
    cause: first,
  });
}
