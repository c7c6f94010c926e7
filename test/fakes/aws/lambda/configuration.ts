/** A version as Lambda describes it. */
import { createHash } from 'node:crypto';
import { functionArn, timestamp } from './names.ts';
import { findLayerVersion } from './layers.ts';
import type { FunctionState, LambdaState, Settings, VersionState } from './state.ts';

/** The whole description. `qualifier` is the one that was asked for, and stands in the ARN. */
export function describeVersion(
  state: LambdaState,
  fn: FunctionState,
  version: VersionState,
  qualifier?: string,
): Readonly<Record<string, unknown>> {
  return { ...summarizeVersion(state, fn, version, qualifier), ...progress(state, version) };
}

/** Without the state, as in lists. */
export function summarizeVersion(
  state: LambdaState,
  fn: FunctionState,
  version: VersionState,
  qualifier?: string,
): Readonly<Record<string, unknown>> {
  const { settings, code } = version;
  return {
    FunctionName: fn.name,
    FunctionArn: functionArn(state.world, fn.name, qualifier),
    ...(settings.runtime !== undefined && { Runtime: settings.runtime }),
    Role: settings.roleArn,
    ...(settings.handler !== undefined && { Handler: settings.handler }),
    CodeSize: code.size,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMb,
    LastModified: timestamp(version.modifiedAt),
    CodeSha256: code.sha256,
    Version: version.version,
    ...(Object.keys(settings.env).length > 0 && { Environment: { Variables: settings.env } }),
    ...(settings.deadLetterArn !== '' && {
      DeadLetterConfig: { TargetArn: settings.deadLetterArn },
    }),
    ...(settings.kmsKeyArn !== '' && { KMSKeyArn: settings.kmsKeyArn }),
    ...(settings.vpc && {
      VpcConfig: {
        SubnetIds: settings.vpc.subnetIds,
        SecurityGroupIds: settings.vpc.securityGroupIds,
        VpcId: settings.vpc.subnetIds.length === 0 ? '' : 'vpc-0fa4e',
      },
    }),
    TracingConfig: { Mode: settings.tracing },
    RevisionId: version.revision.at(state.now()),
    ...(settings.layers.length > 0 && { Layers: settings.layers.map((arn) => layer(state, arn)) }),
    PackageType: settings.packageType,
    ...(settings.imageConfig && {
      ImageConfigResponse: { ImageConfig: settings.imageConfig },
    }),
    Architectures: [settings.architecture],
    EphemeralStorage: { Size: settings.ephemeralMb },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: logging(settings),
    ConfigSha256: createHash('sha256').update(JSON.stringify(settings)).digest('base64'),
  };
}

function progress(state: LambdaState, version: VersionState): Readonly<Record<string, unknown>> {
  if (state.now() < version.activeAt) {
    return {
      State: 'Pending',
      StateReason: 'The function is being created.',
      StateReasonCode: 'Creating',
      LastUpdateStatus: 'InProgress',
      LastUpdateStatusReason: 'The function is being created.',
      LastUpdateStatusReasonCode: 'Creating',
    };
  }
  const isUpdating = version.update !== undefined && state.now() < version.update.endsAt;
  return {
    State: 'Active',
    ...(isUpdating
      ? {
          LastUpdateStatus: 'InProgress',
          LastUpdateStatusReason: 'The function is being updated.',
          LastUpdateStatusReasonCode: 'Updating',
        }
      : { LastUpdateStatus: 'Successful' }),
    ...(version.settings.runtime !== undefined && {
      RuntimeVersionConfig: {
        RuntimeVersionArn: `arn:aws:lambda:${state.world.region}::runtime:${createHash('sha256').update(version.settings.runtime).digest('hex')}`,
      },
    }),
  };
}

function logging(settings: Settings): object {
  return {
    LogFormat: settings.logFormat,
    ...(settings.applicationLogLevel !== undefined && {
      ApplicationLogLevel: settings.applicationLogLevel,
    }),
    ...(settings.systemLogLevel !== undefined && { SystemLogLevel: settings.systemLogLevel }),
    LogGroup: settings.logGroup,
  };
}

function layer(state: LambdaState, arn: string): object {
  return { Arn: arn, CodeSize: findLayerVersion(state, arn)?.code.size ?? 0 };
}
