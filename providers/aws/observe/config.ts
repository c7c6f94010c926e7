import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { ENV } from '../envelope.ts';
import { secretsIn } from '../environment.ts';
import type { VersionConfig, VersionNeeds } from '../model.ts';
import { logGroupName } from '../names.ts';

export function architectureOf({ Architectures }: FunctionConfiguration): 'x86_64' | 'arm64' {
  return Architectures?.[0] === 'arm64' ? 'arm64' : 'x86_64';
}

/** What Lambda answers, in the form of the wish. Null when the environment cannot be told. */
export function configOf(raw: FunctionConfiguration): VersionConfig | null {
  if (raw.Environment?.Error !== undefined) return null;
  const isImage = raw.PackageType === 'Image';
  const image = raw.ImageConfigResponse?.ImageConfig;
  const hasImage =
    (image?.Command ?? []).length > 0 ||
    (image?.EntryPoint ?? []).length > 0 ||
    (image?.WorkingDirectory ?? '') !== '';
  const subnetIds = (raw.VpcConfig?.SubnetIds ?? []).toSorted();
  return {
    roleArn: raw.Role ?? '',
    description: raw.Description ?? '',
    runtime: isImage ? null : (raw.Runtime ?? ''),
    handler: isImage ? null : (raw.Handler ?? ''),
    memoryMb: raw.MemorySize ?? 128,
    timeoutSeconds: raw.Timeout ?? 3,
    env: { ...raw.Environment?.Variables },
    layers: (raw.Layers ?? []).map(({ Arn }) => Arn ?? ''),
    vpc:
      subnetIds.length === 0
        ? null
        : { subnetIds, securityGroupIds: (raw.VpcConfig?.SecurityGroupIds ?? []).toSorted() },
    ephemeralStorageMb: raw.EphemeralStorage?.Size ?? 512,
    kmsKeyArn: raw.KMSKeyArn === undefined || raw.KMSKeyArn === '' ? null : raw.KMSKeyArn,
    tracing: raw.TracingConfig?.Mode === 'Active' ? 'Active' : 'PassThrough',
    logFormat: raw.LoggingConfig?.LogFormat === 'JSON' ? 'JSON' : 'Text',
    image: hasImage
      ? {
          command: image?.Command ?? [],
          entryPoint: image?.EntryPoint ?? [],
          workingDirectory: image?.WorkingDirectory ?? null,
        }
      : null,
    ...foreignOf(raw),
  };
}

/** Another log group would leave logs and metrics empty; the others call or mount what nobody declared. */
function foreignOf(raw: FunctionConfiguration): Pick<VersionConfig, 'foreign'> {
  const { LogGroup: logGroup } = raw.LoggingConfig ?? {};
  const deadLetter = raw.DeadLetterConfig?.TargetArn ?? '';
  const mounts = (raw.FileSystemConfigs ?? []).map(({ Arn }) => Arn ?? '');
  const foreign = [
    ...(logGroup === undefined || logGroup === logGroupName(raw.FunctionName ?? '')
      ? []
      : [`the log group "${logGroup}"`]),
    ...(deadLetter === '' ? [] : [`the dead-letter target "${deadLetter}"`]),
    ...mounts.map((arn) => `the file system "${arn}"`),
  ];
  return foreign.length === 0 ? {} : { foreign };
}

export function needsOf({ roleArn, tracing, vpc, kmsKeyArn, env }: VersionConfig): VersionNeeds {
  return { roleArn, tracing, vpc, kmsKeyArn, secrets: secretsIn(env[ENV.secrets]) };
}
