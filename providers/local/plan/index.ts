/** The planners of the local provider: pure, JSON in and out. */
import { bindingChange, noSuchVersion, type Planners, sameJson } from 'polyfaas/spi';
import type { LocalObserved } from '../observed.ts';
import type { PlatformSettings } from '../options.ts';
import { servedVersions } from '../state/functions.ts';
import { planDeploy } from './deploy.ts';
import { plan, refuseStranger, step, urlOf } from './parts.ts';

export function createPlanners(platform: PlatformSettings): Planners<LocalObserved> {
  return {
    deploy: (request, observed) => planDeploy(platform, request, observed),

    configureEvent({ ref, binding }, observed) {
      refuseStranger(ref, observed);
      const present = observed.bindings.find(({ id }) => id === binding.id);
      const isRoute = binding.event.type === 'http';
      const isSame = sameJson(present, binding);
      const bind = step(
        { ref, physicalName: observed.physicalName },
        {
          id: 'bind',
          kind: 'put-binding',
          phase: 'bind',
          title: `Bind ${binding.id}`,
          input: { binding },
        },
      );
      return plan('configureEvent', ref, observed, {
        steps: isSame ? [] : [bind],
        changes: isSame ? [] : [bindingChange(present, binding)],
        result: {
          url: isSame
            ? isRoute
              ? (observed.description?.url ?? null)
              : null
            : urlOf(isRoute, 'bind'),
        },
      });
    },

    removeEvent({ ref, bindingId }, observed) {
      const isThere = !observed.isStranger && observed.bindings.some(({ id }) => id === bindingId);
      const unbind = step(
        { ref, physicalName: observed.physicalName },
        {
          id: 'unbind',
          kind: 'delete-binding',
          phase: 'bind',
          title: `Unbind ${bindingId}`,
          input: { bindingId },
        },
      );
      return plan('removeEvent', ref, observed, {
        steps: isThere ? [unbind] : [],
        changes: isThere ? [{ action: 'delete', subject: `binding ${bindingId}` }] : [],
        result: {},
      });
    },

    preWarm: ({ ref, instances }, observed) =>
      plan('preWarm', ref, observed, {
        steps: [
          step(
            { ref, physicalName: observed.physicalName },
            {
              id: 'warm',
              phase: 'bind',
              title: `Start instances, up to ${instances}`,
              input: { instances },
              deadlineSeconds: 300,
              attemptSeconds: 300,
            },
          ),
        ],
        result: { distinctInstances: { $from: 'warm.distinctInstances' }, guaranteed: true },
      }),

    rollback({ ref, version }, observed) {
      refuseStranger(ref, observed);
      const target = servedVersions(observed.versions).find(
        (one) => String(one.version) === version,
      );
      if (!target) throw noSuchVersion('local', ref, version ?? '');
      const isLive = target.version === observed.liveVersion;
      const hasRoutes = observed.bindings.some(({ event }) => event.type === 'http');
      const names = { ref, physicalName: observed.physicalName };
      const input = { version: target.version, expected: observed.revision };
      return plan('rollback', ref, observed, {
        steps: isLive
          ? []
          : [
              step(names, {
                id: 'verify',
                kind: 'verify-version',
                phase: 'verify',
                title: 'Start an instance of it',
                input: { version: target.version, settings: observed.settings },
                deadlineSeconds: 120,
                attemptSeconds: 120,
              }),
              step(names, {
                id: 'live',
                kind: 'go-live',
                phase: 'switch',
                title: 'Make the version live',
                input,
              }),
            ],
        changes: isLive
          ? []
          : [
              {
                action: 'update',
                subject: 'live version',
                from: observed.liveVersion === null ? null : String(observed.liveVersion),
                to: String(target.version),
              },
            ],
        result: {
          version: String(target.version),
          url: isLive ? (observed.description?.url ?? null) : urlOf(hasRoutes, 'live'),
          bindings: observed.bindings,
          digest: target.digest,
        },
      });
    },

    remove({ ref }, observed) {
      const isThere = observed.revision !== null && !observed.isStranger;
      const remove = step(
        { ref, physicalName: observed.physicalName },
        {
          id: 'remove',
          kind: 'remove-function',
          phase: 'retire',
          title: 'Remove the function and all it has',
        },
      );
      return plan('remove', ref, observed, {
        steps: isThere ? [remove] : [],
        changes: isThere ? [{ action: 'delete', subject: 'function' }] : [],
        result: {},
      });
    },

    prune({ ref, keepVersions }, observed) {
      refuseStranger(ref, observed);
      const { liveVersion } = observed;
      const others = servedVersions(observed.versions).filter(
        ({ version }) => version !== liveVersion,
      );
      // One that is newer may be about to go live.
      const neverLive = observed.versions.filter(
        ({ version, served }) => served === false && version < (liveVersion ?? 0),
      );
      // The live one is among those that stay.
      const surplus = Math.max(0, others.length - (keepVersions - 1));
      const doomed = [...neverLive, ...others.slice(0, surplus)];
      const versions = doomed.map(({ version }) => version);
      const retire = step(
        { ref, physicalName: observed.physicalName },
        {
          id: 'retire',
          kind: 'delete-versions',
          phase: 'retire',
          title: 'Delete old versions',
          input: { versions },
        },
      );
      return plan('prune', ref, observed, {
        steps: versions.length === 0 ? [] : [retire],
        changes: versions.map((version) => ({ action: 'delete', subject: `version ${version}` })),
        result: { removedVersions: versions.map(String) },
      });
    },
  };
}
