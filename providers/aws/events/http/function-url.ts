import type { CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import { LIVE, type Executor, type Target } from '../../model.ts';
import { isNamed, unlessMissing } from '../failures.ts';
import { allowUrl, disallow, URL_STATEMENTS } from '../permission.ts';
import { done, inputOf } from '../steps.ts';

const SETTINGS = { AuthType: 'NONE', InvokeMode: 'BUFFERED' } as const;

/** Opens the URL of the alias to everybody. Answers `{ url }`. */
export const putFunctionUrl: Executor = async (aws, step, call) => {
  const { target } = inputOf(step);
  const lambda = await aws.lambda();
  const name = { FunctionName: target.physicalName, Qualifier: LIVE };
  const options = { abortSignal: call.signal };
  await allowUrl(aws, target, call);
  try {
    const made = await lambda.createFunctionUrlConfig({ ...name, ...SETTINGS }, options);
    return done({ url: origin(made.FunctionUrl) });
  } catch (error) {
    if (!isNamed(error, 'ResourceConflictException')) throw error;
  }
  const updated = await lambda.updateFunctionUrlConfig(
    // Empty takes away what a hand set: the function itself answers preflights.
    { ...name, ...SETTINGS, Cors: {} },
    options,
  );
  return done({ url: origin(updated.FunctionUrl) });
};

/** True when everybody may call it, and nothing but the function answers. */
export function isOpen({
  AuthType,
  InvokeMode = SETTINGS.InvokeMode,
  Cors = {},
}: {
  readonly AuthType?: string | undefined;
  readonly InvokeMode?: string | undefined;
  readonly Cors?: object | undefined;
}): boolean {
  return (
    AuthType === SETTINGS.AuthType &&
    InvokeMode === SETTINGS.InvokeMode &&
    Object.keys(Cors).length === 0
  );
}

export const deleteFunctionUrl: Executor = async (aws, step, call) => {
  const { target } = inputOf(step);
  await removeFunctionUrl(aws, target, call);
  return done();
};

export async function removeFunctionUrl(
  aws: AwsClients,
  target: Target,
  call: CallContext,
): Promise<void> {
  const lambda = await aws.lambda();
  await unlessMissing(
    lambda.deleteFunctionUrlConfig(
      { FunctionName: target.physicalName, Qualifier: LIVE },
      { abortSignal: call.signal },
    ),
  );
  for (const id of URL_STATEMENTS) await disallow(aws, target, id, call);
}

/** Without the slash at the end. */
export function origin(url: string | undefined): string {
  return (url ?? '').replace(/\/+$/, '');
}
