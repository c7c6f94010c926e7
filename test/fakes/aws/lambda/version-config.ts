/** What the part that runs functions gets to know of a version. */
import type { AsyncPolicy, ConcurrencyLimits, VersionConfig } from './execution.ts';
import { findLayerVersion } from './layers.ts';
import { provisionedFor } from './provisioned.ts';
import type { FunctionState, LambdaState, VersionState } from './state.ts';

/** While an update of `$LATEST` is under way, calls still get what was before. */
export function versionConfig(
  state: LambdaState,
  fn: FunctionState,
  version: VersionState,
): VersionConfig {
  const { settings, code } = version.update?.before ?? version;
  const { content } = code;
  const layers = settings.layers.flatMap((arn) => {
    const layer = findLayerVersion(state, arn)?.code.content;
    return layer && 'zip' in layer ? [layer.zip] : [];
  });
  return {
    functionName: fn.name,
    functionArn: fn.arn,
    version: version.version,
    runtime: settings.runtime ?? 'nodejs24.x',
    handler: 'zip' in content ? (settings.handler ?? '') : content.image.handler,
    code: 'zip' in content ? content : { files: content.image.files },
    codeSha256: code.sha256,
    env: settings.env,
    memoryMb: settings.memoryMb,
    timeoutSeconds: settings.timeoutSeconds,
    roleArn: settings.roleArn,
    logGroup: settings.logGroup,
    logFormat: settings.logFormat,
    ...(settings.systemLogLevel !== undefined && { systemLogLevel: settings.systemLogLevel }),
    architecture: settings.architecture,
    ...(layers.length > 0 && { layers }),
  };
}

export function concurrencyLimits(
  state: LambdaState,
  fn: FunctionState,
  version: string,
): ConcurrencyLimits {
  return {
    ...(fn.reserved !== undefined && { reserved: fn.reserved }),
    provisioned: provisionedFor(state, fn, version),
  };
}

/** The policy of the qualifier that was called; defaults as of the API reference of `PutFunctionEventInvokeConfig`. */
export function asyncPolicy(fn: FunctionState, qualifier: string | undefined): AsyncPolicy {
  const config = fn.eventInvoke.get(qualifier ?? '$LATEST');
  const { deadLetterArn } = fn.latest.settings;
  return {
    maxRetries: config?.maximumRetryAttempts ?? 2,
    maxAgeSeconds: config?.maximumEventAgeInSeconds ?? 21_600,
    ...(config?.onSuccess && { onSuccess: config.onSuccess }),
    ...(config?.onFailure && { onFailure: config.onFailure }),
    ...(!config?.onFailure && deadLetterArn !== '' && { deadLetter: deadLetterArn }),
  };
}
