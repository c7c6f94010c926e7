import {
  bindingChanges,
  reconcileBindings,
  sameJson,
  type BindingChanges,
  type Change,
  type DeployRequest,
  type Plan,
  type Step,
  type Warning,
} from 'polyfaas/spi';
import type { LocalObserved } from '../observed.ts';
import { instanceSettings, type PlatformSettings } from '../options.ts';
import { type FunctionSettings, servedVersions } from '../state/functions.ts';
import { settingChanges, versionChanges } from './changes.ts';
import { plan, refuseStranger, step, urlOf } from './parts.ts';

/** More instances than this need a word in the declaration: each one takes memory. */
const DEFAULT_MAX_INSTANCES = 10;
const FUNCTION_MADE: Change = { action: 'create', subject: 'function' };

export function planDeploy(
  platform: PlatformSettings,
  request: DeployRequest,
  observed: LocalObserved,
): Plan {
  const { ref, spec } = request;
  refuseStranger(ref, observed, request.adopt);
  const present = observed.isStranger ? [] : observed.bindings;
  const bindings = reconcileBindings(spec.bindings, present, request);
  const settings = settingsOf(platform, request);
  const live = observed.versions.find(({ version }) => version === observed.liveVersion);
  const isLive = !observed.isStranger && live?.digest === request.versionDigest;
  const sameVersion = isLive && observed.isCodeThere;
  const sameSettings = sameVersion && sameJson(observed.settings, settings);
  const hasRoutes = bindings.result.some(({ event }) => event.type === 'http');
  const target = { ref, physicalName: observed.physicalName };

  const steps: Step[] = sameVersion ? [] : versionSteps(request, observed, settings);
  const switches = !sameVersion || !sameSettings;
  if (switches || hasChanges(bindings)) {
    steps.push(
      step(target, {
        id: 'live',
        kind: 'go-live',
        phase: switches ? 'switch' : 'bind',
        title: switches ? 'Make the version live' : 'Change the events',
        input: {
          version: sameVersion ? live.version : { $from: 'publish.version' },
          expected: sameVersion ? observed.revision : { $from: 'publish.revision' },
          settings,
          bindings: bindings.result,
        },
      }),
    );
  }
  const old = retired(request, observed, sameVersion);
  // Also when nothing else is to be done: an earlier deploy may have ended before it came to this.
  if (old.length > 0) {
    steps.push(
      step(target, {
        id: 'retire',
        kind: 'delete-versions',
        phase: 'retire',
        title: 'Delete old versions',
        input: { versions: old },
      }),
    );
  }
  return plan('deploy', ref, observed, {
    steps,
    changes: [
      ...(observed.revision === null ? [FUNCTION_MADE] : []),
      ...(sameVersion ? [] : versionChanges(request, live, observed.versions)),
      ...(observed.settings ? settingChanges(observed.settings, settings) : []),
      ...bindingChanges(bindings),
      ...old.map((version): Change => ({ action: 'delete', subject: `version ${version}` })),
    ],
    warnings: isLive && !observed.isCodeThere ? [codeGone(ref.name)] : [],
    result: {
      version: sameVersion ? String(live.version) : { $from: 'publish.name' },
      url: steps.some(({ id }) => id === 'live')
        ? urlOf(hasRoutes, 'live')
        : (observed.description?.url ?? null),
      bindings: bindings.result,
      digest: request.versionDigest,
    },
  });
}

function codeGone(name: string): Warning {
  return {
    type: 'drift',
    message: `The code of the live version of "${name}" is gone from the state folder, or damaged. It is stored anew.`,
  };
}

function versionSteps(
  request: DeployRequest,
  observed: LocalObserved,
  settings: FunctionSettings,
): Step[] {
  const { ref, spec, artifact } = request;
  const target = { ref, physicalName: observed.physicalName };
  return [
    step(target, {
      id: 'store',
      kind: 'store-artifact',
      phase: 'prepare',
      title: 'Store the artifact',
      input: { artifactDigest: artifact.digest },
      deadlineSeconds: 300,
    }),
    step(target, {
      id: 'publish',
      kind: 'publish-version',
      phase: 'publish',
      title: 'Publish a version',
      input: {
        expected: observed.revision,
        body: {
          digest: request.versionDigest,
          artifactDigest: artifact.digest,
          entryFile: artifact.entryFile,
          handles: artifact.handles,
          env: spec.env,
          memoryMb: spec.memoryMb,
          timeoutSeconds: spec.timeoutSeconds,
          needsProcess: artifact.needsProcess,
        },
      },
    }),
    step(target, {
      id: 'verify',
      kind: 'verify-version',
      phase: 'verify',
      title: 'Start an instance of it',
      input: { version: { $from: 'publish.version' }, settings },
      deadlineSeconds: 120,
      attemptSeconds: 120,
    }),
  ];
}

function settingsOf(platform: PlatformSettings, { spec }: DeployRequest): FunctionSettings {
  const maxInstances = spec.maxInstances ?? Math.max(DEFAULT_MAX_INSTANCES, spec.minInstances);
  return {
    description: spec.description,
    minInstances: spec.minInstances,
    maxInstances,
    concurrency: spec.concurrency,
    async: spec.async,
    tags: spec.tags,
    sampleRate: spec.tracing?.sampleRate ?? null,
    instance: instanceSettings(spec, platform),
  };
}

/** The versions that are too many once the new one is there. */
function retired(
  request: DeployRequest,
  observed: LocalObserved,
  sameVersion: boolean,
): readonly number[] {
  const candidates = observed.versions.filter(
    ({ version, digest }) =>
      digest !== request.versionDigest && (version !== observed.liveVersion || !sameVersion),
  );
  const served = servedVersions(candidates);
  // What worked until now goes last.
  const isLive = ({ version }: { readonly version: number }): boolean =>
    version === observed.liveVersion;
  const others = [...served.filter((one) => !isLive(one)), ...served.filter(isLive)];
  // Nobody goes back to what never started. Of the others, the new one is among those that stay.
  const surplus = Math.max(0, others.length - (request.spec.keepVersions - 1));
  const neverLive = candidates.filter((one) => !served.includes(one));
  return [...neverLive, ...others.slice(0, surplus)].map(({ version }) => version);
}

function hasChanges(bindings: BindingChanges): boolean {
  return bindings.add.length + bindings.change.length + bindings.remove.length > 0;
}
