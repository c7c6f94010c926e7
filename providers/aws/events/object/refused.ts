/** What S3 says of destinations that it could not check. */
import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import { aliasArn, type Target } from '../../model.ts';
import { isNamed, refusal, says } from '../failures.ts';

/** True where S3 refuses a configuration for one of the destinations in it. */
export function isDestinationFault(error: unknown): boolean {
  return isNamed(error, 'InvalidArgument') && says(error, 'Unable to validate the following');
}

/** A destination that S3 could not reach. */
export interface Refused {
  readonly arn: string;
  readonly reason: string;
}

/** The destination of somebody else that S3 refused; undefined where it refused the function itself. */
export function refusedBy(error: unknown, target: Target): Refused | undefined {
  const alias = aliasArn(target);
  return refusedIn(error).find(({ arn }) => arn !== alias);
}

/** The refusal of a destination that is somebody else's: no waiting helps it. */
export function foreignRefusal(
  target: Target,
  bucket: string,
  { arn, reason, id }: Refused & { readonly id: string },
  cause: unknown,
): Error {
  return refusal(
    target,
    'INVALID_ARGUMENT',
    `The bucket "${bucket}" tells somebody else ("${arn}", entry "${id}" of its notification configuration), and S3 takes no new entry while it cannot reach that one: ${reason}. Delete that entry, or mend its destination, then run the same operation again.`,
    cause,
  );
}

/** `ArgumentName1`, `ArgumentValue1`, ... of the error: `<arn>, null`, and what is wrong with it. */
function refusedIn(error: unknown): readonly Refused[] {
  if (typeof error !== 'object' || error === null) return [];
  const fields = new Map<string, unknown>(Object.entries(error));
  return [...fields].flatMap(([name, value]) => {
    const number = /^ArgumentName(\d*)$/.exec(name)?.[1];
    if (number === undefined || typeof value !== 'string') return [];
    const reason = fields.get(`ArgumentValue${number}`);
    const arn = value.split(',')[0] ?? value;
    return [{ arn, reason: typeof reason === 'string' ? reason : 'no reason is given' }];
  });
}

/** The id of the entry with this destination; undefined when there is none. */
export function entryIdOf(
  configuration: NotificationConfiguration,
  arn: string,
): string | undefined {
  const { LambdaFunctionConfigurations, QueueConfigurations, TopicConfigurations } = configuration;
  const entries = [
    ...(LambdaFunctionConfigurations ?? []).map((one) => [one.LambdaFunctionArn, one.Id] as const),
    ...(QueueConfigurations ?? []).map((one) => [one.QueueArn, one.Id] as const),
    ...(TopicConfigurations ?? []).map((one) => [one.TopicArn, one.Id] as const),
  ];
  const found = entries.find(([destination]) => destination === arn);
  return found && (found[1] ?? '');
}
