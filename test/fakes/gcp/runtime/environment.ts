import type { InstanceSetup } from '../core/ports.ts';

/** The port that a container is told to listen on. */
const CONTAINER_PORT = '8080';

/**
 * All variables of an instance: those of the function, its secrets, and what Cloud Run and the build set by themselves.
 *
 * @see https://cloud.google.com/run/docs/container-contract#env-vars
 * @see https://cloud.google.com/run/docs/configuring/services/environment-variables#reserved_environment_variables_for_functions
 */
export function environmentOf(
  setup: InstanceSetup,
  secrets: Readonly<Record<string, string>>,
  metadataHost: string,
): Readonly<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: '/root',
    // The buildpack's default: https://github.com/GoogleCloudPlatform/buildpacks (cmd/nodejs/npm).
    NODE_ENV: 'production',
    ...setup.env,
    ...secrets,
    FUNCTION_TARGET: setup.entryPoint,
    FUNCTION_SIGNATURE_TYPE: 'http',
    PORT: CONTAINER_PORT,
    K_SERVICE: setup.service,
    K_REVISION: setup.revision,
    K_CONFIGURATION: setup.service,
    // Where Google's libraries look for the metadata server; in the cloud it is metadata.google.internal.
    GCE_METADATA_HOST: metadataHost,
  };
}
