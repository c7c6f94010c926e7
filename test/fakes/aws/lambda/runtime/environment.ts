import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { World } from '../../core/ports.ts';
import type { VersionConfig } from '../execution.ts';
import type { Folders } from './code-store.ts';

/** `provisioned-concurrency`: started ahead of its first call. */
export type InitializationType = 'on-demand' | 'provisioned-concurrency';

/** `2026/11/21/[7]5f0c...`: one stream for each instance. */
export function logStreamName(now: number, version: string): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[${version}]${randomBytes(16).toString('hex')}`;
}

/** All variables of an instance. Those of the function itself do not win over those of Lambda. */
export function instanceEnvironment(
  world: World,
  config: VersionConfig,
  instance: {
    readonly folders: Folders;
    readonly logStream: string;
    readonly runtimeApi: string;
    readonly initialization: InitializationType;
  },
): Record<string, string> {
  const { taskRoot, layers } = instance.folders;
  const credentials = world.iam.session(config.roleArn, config.functionName);
  return {
    PATH: process.env['PATH'] ?? '',
    LANG: 'en_US.UTF-8',
    ...(layers !== undefined && {
      NODE_PATH: join(layers, 'nodejs', 'node_modules'),
      PYTHONPATH: join(layers, 'python'),
    }),
    ...config.env,
    TZ: config.env['TZ'] ?? ':UTC',
    AWS_REGION: world.region,
    AWS_DEFAULT_REGION: world.region,
    AWS_ENDPOINT_URL: world.endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    ...(config.runtime !== '' && { AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}` }),
    AWS_LAMBDA_FUNCTION_NAME: config.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: config.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: instance.logStream,
    AWS_LAMBDA_LOG_FORMAT: config.logFormat,
    ...(config.applicationLogLevel !== undefined && {
      AWS_LAMBDA_LOG_LEVEL: config.applicationLogLevel,
    }),
    AWS_LAMBDA_INITIALIZATION_TYPE: instance.initialization,
    AWS_LAMBDA_RUNTIME_API: instance.runtimeApi,
    LAMBDA_TASK_ROOT: taskRoot,
    _HANDLER: config.handler,
  };
}
