/** What S3 says of destinations that it could not check. */
import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import { aliasArn, type Target } from '../../model.ts';
import { isNamed, refusal, says } from '../failures.ts';

/** True where S3 refuses a configuration for one of the destinations in it. */
export function isDestinationFault(error: unknown): boolean {
  return isNamed(error, 'InvalidArgument') && says(error, 'Unable to validate the following');
}

/**
 * The refusal of a destination that is somebody else's: no waiting helps it. Undefined where the function itself is
 * refused, which passes once its permission is known everywhere.
 */
export function foreignRefusal(
  error: unknown,
  target: Target,
  bucket: string,
  configuration: NotificationConfiguration,
): Error | undefined {
  const alias = aliasArn(target);
  const foreign = refusedIn(error).find(({ arn }) => arn !== alias);
  if (foreign === undefined) return undefined;
  const { arn, reason } = foreign;
  const id = entryIdOf(configuration, arn);
  return refusal(
    target,
    'INVALID_ARGUMENT',
    `The bucket "${bucket}" tells somebody else ("${arn}", entry "${id}" of its notification configuration), and S3 takes no new entry while it cannot reach that one: ${reason}. Delete that entry, or mend its destination, then run the same operation again.`,
    error,
  );
}

interface Refused {
  readonly arn: string;
  readonly reason: string;
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

function entryIdOf(configuration: NotificationConfiguration, arn: string): string {
  const { LambdaFunctionConfigurations, QueueConfigurations, TopicConfigurations } = configuration;
  const entries = [
    ...(LambdaFunctionConfigurations ?? []).map((one) => [one.LambdaFunctionArn, one.Id] as const),
    ...(QueueConfigurations ?? []).map((one) => [one.QueueArn, one.Id] as const),
    ...(TopicConfigurations ?? []).map((one) => [one.TopicArn, one.Id] as const),
  ];
  return entries.find(([destination]) => destination === arn)?.[1] ?? '';
}
