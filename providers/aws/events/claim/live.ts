/** What bindings are made for: the function as it is live now, which another operation may have changed. */
import type { CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import { LIVE, type Target } from '../../model.ts';
import { decodeNote } from '../../note.ts';
import { ifThere } from '../../replies.ts';

export interface LiveFunction {
  readonly timeoutSeconds: number;
  readonly hasShim: boolean;
  readonly roleArn: string;
}

/** Undefined: it is gone meanwhile. */
export async function liveFunction(
  aws: AwsClients,
  { physicalName }: Target,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<LiveFunction | undefined> {
  const lambda = await aws.lambda();
  const name = { FunctionName: physicalName };
  const http = { abortSignal: signal };
  const [latest, alias] = await Promise.all([
    ifThere(lambda.getFunctionConfiguration(name, http)),
    ifThere(lambda.getAlias({ ...name, Name: LIVE }, http)),
  ]);
  if (latest === undefined) return undefined;
  const note = decodeNote(alias?.Description);
  const ofLatest = latest.Timeout ?? 3;
  return {
    // A version beside the live one was made of the latest configuration.
    timeoutSeconds: Math.max(note?.timeoutSeconds ?? ofLatest, note?.canary ? ofLatest : 0),
    hasShim: note?.hasShim ?? true,
    roleArn: latest.Role ?? '',
  };
}
