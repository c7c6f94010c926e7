/** From a declaration to what is built. */
import type { DeployRequest, JsonObject } from 'polyfaas/spi';
import { plainVariables, secretJson, secretVariables } from '../environment.ts';
import { buildDigest, digestOfVersion, versionName } from '../fingerprint.ts';
import { ownershipLabels } from '../labels.ts';
import { ENTRY_POINT, SETTINGS_VARIABLE, type SourceManifest } from '../manifest.ts';
import type { Target } from '../model.ts';
import type { FunctionSettings, PlatformSettings } from '../options.ts';
import { versionlessManifest } from '../package/source.ts';
import { LABEL, type VersionNote } from '../record.ts';

/** A version, wished for. */
export interface VersionWish {
  /** Without its revision and its time, which only building tells. */
  readonly note: VersionNote;
  readonly manifest: SourceManifest;
  /** See `FunctionInput`. */
  readonly build: string;
  readonly wish: JsonObject;
}

/** Everything of a function that is ours to say: an update replaces all of it, and nothing else. */
export const MASK: readonly string[] = [
  'description',
  'labels',
  'kms_key_name',
  'build_config.runtime',
  'build_config.entry_point',
  'build_config.source',
  'build_config.environment_variables',
  'build_config.service_account',
  'build_config.docker_repository',
  'service_config.timeout_seconds',
  'service_config.available_memory',
  'service_config.available_cpu',
  'service_config.environment_variables',
  'service_config.secret_environment_variables',
  'service_config.min_instance_count',
  'service_config.max_instance_count',
  'service_config.max_instance_request_concurrency',
  'service_config.ingress_settings',
  'service_config.vpc_connector',
  'service_config.vpc_connector_egress_settings',
  'service_config.service_account_email',
  'service_config.all_traffic_on_latest_revision',
];

/** The step that uploads the source tells where it is. */
export const UPLOAD = 'upload';

export function versionWish(
  request: DeployRequest,
  platform: PlatformSettings,
  settings: FunctionSettings,
  target: Target,
): VersionWish {
  const { spec, artifact } = request;
  const { memoryMb, timeoutSeconds } = spec;
  const { handles } = artifact;
  const plain = functionWish(request, settings, target);
  const manifest = versionlessManifest(target, platform, { memoryMb, timeoutSeconds, handles });
  const digest = digestOfVersion({
    versionDigest: request.versionDigest,
    manifest,
    // A service can be labelled without a build: tags make no other version of the same code.
    wish: {
      ...plain.outside,
      labels: ownershipLabels(target.ref),
      buildConfig: plain.build,
      serviceConfig: plain.service,
    },
  });
  const version = versionName(digest);
  // What was built with other tags, and never noted, is built again.
  const build = buildDigest({ ...plain.outside, buildConfig: plain.build }, digest);
  return {
    build,
    manifest: { ...manifest, version },
    note: {
      version,
      digest,
      artifactDigest: artifact.digest,
      handles,
      hasShim: true,
      memoryMb,
      timeoutSeconds,
      serviceAccount: target.serviceAccount,
      revision: null,
      createdAt: null,
    },
    wish: {
      ...plain.outside,
      labels: { ...plain.outside.labels, [LABEL.build]: build },
      buildConfig: {
        ...plain.build,
        source: {
          storageSource: {
            bucket: { $from: `${UPLOAD}.bucket` },
            object: { $from: `${UPLOAD}.object` },
            generation: { $from: `${UPLOAD}.generation` },
          },
        },
      },
      // A service that is there keeps what it has: see `FunctionInput`.
      serviceConfig: { ...plain.service, ingressSettings: 'ALLOW_ALL' },
    },
  };
}

interface PlainWish {
  readonly outside: JsonObject & { readonly labels: Readonly<Record<string, string>> };
  readonly build: JsonObject;
  readonly service: JsonObject;
}

/** A `google.cloud.functions.v2.Function`, without its source. What is left out is Google's default. */
function functionWish(
  { spec }: DeployRequest,
  settings: FunctionSettings,
  target: Target,
): PlainWish {
  const { projectId } = target;
  return {
    outside: {
      name: target.functionName,
      description: spec.description,
      environment: 'GEN_2',
      labels: { ...spec.tags, ...ownershipLabels(target.ref) },
      ...(settings.kmsKey === null ? {} : { kmsKeyName: settings.kmsKey }),
    },
    build: {
      runtime: settings.runtime,
      entryPoint: ENTRY_POINT,
      // The source is built already: its scripts are not for Cloud Build.
      environmentVariables: { GOOGLE_NODE_RUN_SCRIPTS: '' },
      ...(settings.buildServiceAccount === null
        ? {}
        : {
            serviceAccount: `projects/${projectId}/serviceAccounts/${settings.buildServiceAccount}`,
          }),
      ...(settings.dockerRepository === null
        ? {}
        : { dockerRepository: settings.dockerRepository }),
    },
    service: {
      timeoutSeconds: spec.timeoutSeconds,
      availableMemory: `${spec.memoryMb}Mi`,
      availableCpu: String(settings.cpu),
      environmentVariables: plainVariables(spec.env),
      secretEnvironmentVariables: [
        ...secretJson(secretVariables(spec.env, projectId)),
        {
          key: SETTINGS_VARIABLE,
          projectId,
          secret: target.settingsSecret.slice(target.settingsSecret.lastIndexOf('/') + 1),
          version: 'latest',
        },
      ],
      // Those of the service count: they need no build.
      minInstanceCount: 0,
      ...(spec.maxInstances === undefined ? {} : { maxInstanceCount: spec.maxInstances }),
      maxInstanceRequestConcurrency: spec.concurrency,
      ...(settings.vpcConnector === null
        ? {}
        : {
            vpcConnector: settings.vpcConnector,
            vpcConnectorEgressSettings: settings.vpcEgress,
          }),
      serviceAccountEmail: target.serviceAccount,
      // Traffic moves when the version was seen to work, and not before.
      allTrafficOnLatestRevision: false,
    },
  };
}
