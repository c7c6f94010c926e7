import type { DeployedFunction, ReadyDeployment } from '../core/ports.ts';

/** Where a function runs that names no region. */
export const DEFAULT_REGION = 'iad1';

/** The region of AWS that each of Vercel's is ("Vercel regions"). */
const AWS_REGIONS: Readonly<Record<string, string>> = {
  arn1: 'eu-north-1',
  bom1: 'ap-south-1',
  cdg1: 'eu-west-3',
  cle1: 'us-east-2',
  cpt1: 'af-south-1',
  dub1: 'eu-west-1',
  dxb1: 'me-central-1',
  fra1: 'eu-central-1',
  gru1: 'sa-east-1',
  hkg1: 'ap-east-1',
  hnd1: 'ap-northeast-1',
  iad1: 'us-east-1',
  icn1: 'ap-northeast-2',
  kix1: 'ap-northeast-3',
  lhr1: 'eu-west-2',
  pdx1: 'us-west-2',
  sfo1: 'us-west-1',
  sin1: 'ap-southeast-1',
  syd1: 'ap-southeast-2',
};

/**
 * All variables of an instance: the project's, those of its `.vc-config.json`, and what Vercel sets by itself.
 *
 * @see https://vercel.com/docs/environment-variables/system-environment-variables
 * @see https://vercel.com/docs/environment-variables/reserved-environment-variables
 */
export function environmentOf(
  deployment: ReadyDeployment,
  { environment, folder, memoryMb, regions }: DeployedFunction,
  bypassSecret: string | undefined,
): Readonly<Record<string, string>> {
  const { id, projectId, target, variables } = deployment;
  const region = regions[0] ?? DEFAULT_REGION;
  const awsRegion = AWS_REGIONS[region] ?? 'us-east-1';
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: ['', 'home', 'sbx_user1051'].join('/'),
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    NODE_ENV: 'production',
    ...variables,
    ...environment,
    VERCEL: '1',
    VERCEL_ENV: target,
    VERCEL_TARGET_ENV: target,
    VERCEL_REGION: region,
    VERCEL_URL: hostOf(deployment),
    VERCEL_PROJECT_PRODUCTION_URL: productionHostOf(deployment),
    VERCEL_PROJECT_ID: projectId,
    VERCEL_DEPLOYMENT_ID: id,
    ...(bypassSecret !== undefined && { VERCEL_AUTOMATION_BYPASS_SECRET: bypassSecret }),
    AWS_REGION: awsRegion,
    AWS_DEFAULT_REGION: awsRegion,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    LAMBDA_TASK_ROOT: folder,
    NOW_REGION: region,
  };
}

export function hostOf({ host, projectName, id }: ReadyDeployment): string {
  return host ?? `${projectName}-${id.replace('dpl_', '').toLowerCase()}.vercel.app`;
}

export function productionHostOf({ productionHost, projectName }: ReadyDeployment): string {
  return productionHost ?? `${projectName}.vercel.app`;
}
