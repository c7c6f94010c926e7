import type { CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import type { Executor, Target } from '../../model.ts';
import { unlessMissing } from '../failures.ts';
import { statementId } from '../names.ts';
import { disallow } from '../permission.ts';
import { done, inputOf } from '../steps.ts';
import { apiSourceArn, findApis } from './find-api.ts';

export const deleteHttpApi: Executor = async (aws, step, call) => {
  const { target } = inputOf(step);
  await removeHttpApis(aws, target, call);
  return done();
};

/** Takes away every API of ours for the function. */
export async function removeHttpApis(
  aws: AwsClients,
  target: Target,
  call: CallContext,
): Promise<void> {
  const apigateway = await aws.apigateway();
  for (const { ApiId = '' } of await findApis(apigateway, target, call)) {
    await unlessMissing(apigateway.deleteApi({ ApiId }, { abortSignal: call.signal }));
    await disallow(aws, target, statementId('http', apiSourceArn(target, ApiId)), call);
  }
}
