/** From a declaration to what Lambda keeps with a version. */
import { digestOf, type DeployRequest } from 'polyfaas/spi';
import { DIRECT_ZIP_BYTES } from '../capabilities.ts';
import { ENV } from '../envelope.ts';
import { environmentOf } from '../environment.ts';
import type { VersionConfig, VersionNote } from '../model.ts';
import { artifactPrefix, roleArn, type RoleOwner } from '../names.ts';
import { functionSettings, type FunctionSettings, type PlatformSettings } from '../options.ts';
import { isNodeRuntime, lambdaRuntime } from '../runtime.ts';
import { settingsOfForm } from './package-options.ts';
import { refusal } from './parts.ts';

/** A description has room for no more, and it only tells one configuration from the one before. */
const CONFIG_DIGEST_LENGTH = 12;

/** Where the code comes from, as a step says it. JSON. */
export type CodeSource =
  | { readonly form: 'zip'; readonly artifactDigest: string }
  | {
      readonly form: 's3';
      readonly artifactDigest: string;
      readonly bucket: string;
      readonly key: string;
    }
  | { readonly form: 'image'; readonly imageUri: string };

/** A version, wished for. */
export interface VersionWish {
  readonly settings: FunctionSettings;
  readonly config: VersionConfig;
  readonly architecture: 'x86_64' | 'arm64';
  readonly code: CodeSource;
  readonly packageType: 'Zip' | 'Image';
  readonly digest: string;
  /** Without what only publishing tells: its number, its time, and the digest of the zip. */
  readonly note: VersionNote;
  /** True when the role is made, and not the user's. */
  readonly ownsRole: boolean;
}

export function versionWish(
  platform: PlatformSettings,
  request: DeployRequest,
  owner: RoleOwner,
): VersionWish {
  const { ref, spec, artifact, identity } = request;
  const settings = settingsOfForm(functionSettings(spec, platform), artifact);
  const isImage = artifact.form === 'image';
  const bare: VersionConfig = {
    roleArn: settings.roleArn ?? roleArn(identity, owner, 'run'),
    description: spec.description,
    runtime: isImage ? null : lambdaRuntime(spec.runtime),
    handler: isImage ? null : settings.handler,
    memoryMb: spec.memoryMb,
    timeoutSeconds: spec.timeoutSeconds,
    env: environmentOf(ref, spec.env),
    layers: settings.layers,
    vpc: settings.vpc,
    ephemeralStorageMb: settings.ephemeralStorageMb,
    kmsKeyArn: settings.kmsKeyArn,
    tracing: settings.tracing,
    logFormat: settings.logFormat,
    image: settings.image,
  };
  const configDigest = digestOf(bare);
  const config = { ...bare, env: { ...bare.env, [ENV.digest]: configDigest } };
  const architecture = spec.architecture ?? 'x86_64';
  const { env: _inVersionDigest, ...kept } = bare;
  const digest = digestOf({
    version: request.versionDigest,
    config: kept,
    architecture,
    sourceKmsKeyArn: settings.sourceKmsKeyArn,
  });
  return {
    settings,
    config,
    architecture,
    code: codeOf(platform, request),
    packageType: isImage ? 'Image' : 'Zip',
    digest,
    ownsRole: settings.roleArn === null,
    note: {
      version: null,
      digest,
      artifactDigest: artifact.digest,
      codeSha256: null,
      handles: artifact.handles,
      // What was bundled here has the kinds that it handles; what others built does not say, or is not Node's.
      hasShim:
        !isImage &&
        artifact.handles.length > 0 &&
        isNodeRuntime(spec.runtime) &&
        settings.handler === 'index.handler',
      memoryMb: spec.memoryMb,
      timeoutSeconds: spec.timeoutSeconds,
      createdAt: null,
      canary: null,
      newest: null,
      configDigest: configDigest.slice(0, CONFIG_DIGEST_LENGTH),
    },
  };
}

function codeOf(platform: PlatformSettings, { ref, artifact }: DeployRequest): CodeSource {
  if (artifact.form === 'image') return { form: 'image', imageUri: artifact.imageUri ?? '' };
  const { digest: artifactDigest, sizeBytes } = artifact;
  if (sizeBytes <= DIRECT_ZIP_BYTES) return { form: 'zip', artifactDigest };
  if (platform.artifactBucket === null) {
    throw refusal(
      ref,
      'PAYLOAD_TOO_LARGE',
      `functions.${ref.name}: the zip has ${sizeBytes} bytes; Lambda takes at most ${DIRECT_ZIP_BYTES} in a request. Name a bucket of the same region in providerOptions.aws.artifactBucket, or make the code smaller.`,
    );
  }
  return {
    form: 's3',
    artifactDigest,
    bucket: platform.artifactBucket,
    key: `${artifactPrefix(ref)}${artifactDigest}.zip`,
  };
}
