import { ENV } from '../../envelope.ts';
import { decodeRecord, type MadeSource } from '../../record.ts';
import { queueArn } from '../arn.ts';
import { ifThere } from '../failures.ts';
import type { MadeScope } from './kind.ts';

/**
 * ARNs of the other functions of the app and stage that give their dead letters to a queue. Functions write to such
 * queues themselves, so nothing on the platform but their records tells of it.
 */
export async function neighboursUsing(
  { aws, target, place, call }: MadeScope,
  source: MadeSource,
): Promise<readonly string[]> {
  if (source.kind !== 'queue') return [];
  const lambda = await aws.lambda();
  const options = { abortSignal: call.signal };
  const arn = queueArn(place, source.name);
  const users: string[] = [];
  let marker: string | undefined;
  do {
    const page = await lambda.listFunctions(
      marker === undefined ? {} : { Marker: marker },
      options,
    );
    for (const { FunctionArn, Environment } of page.Functions ?? []) {
      const { [ENV.app]: app, [ENV.stage]: stage } = Environment?.Variables ?? {};
      if (FunctionArn === undefined || FunctionArn === target.functionArn) continue;
      if (app !== target.ref.app || stage !== target.ref.stage) continue;
      const found = await ifThere(lambda.listTags({ Resource: FunctionArn }, options));
      const bindings = decodeRecord(found?.Tags ?? {})?.bindings ?? [];
      const isUser = bindings.some(
        ({ event }) =>
          'deadLetter' in event &&
          event.deadLetter !== undefined &&
          queueArn(place, event.deadLetter) === arn,
      );
      if (isUser) users.push(FunctionArn);
    }
    marker = page.NextMarker === '' ? undefined : page.NextMarker;
  } while (marker !== undefined);
  return users;
}
