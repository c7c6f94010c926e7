/** Options that only a zip has, and those that only an image has. */
import type { ArtifactManifest, DeployRequest, Warning } from 'polyfaas/spi';
import type { AwsFunctionOptions, FunctionSettings, PlatformSettings } from '../options.ts';
import { refusal } from './parts.ts';

type Form = 'zip' | 'image';
type Name = 'layers' | 'sourceKmsKeyArn' | 'image';

interface Misplaced {
  readonly name: Name;
  readonly why: string;
  /** False: it asks for nothing that the function would miss. */
  readonly isRefused: boolean;
}

/** What each form of the code has no use for. */
const MISPLACED: Readonly<Record<Form, readonly Misplaced[]>> = {
  image: [
    {
      name: 'layers',
      why: 'images have no layers. Put them into the image, and write [] where a default asks for some.',
      isRefused: true,
    },
    {
      name: 'sourceKmsKeyArn',
      why: 'it is the key of a zip, and this function is an image. Encrypt the repository of the image.',
      isRefused: false,
    },
  ],
  zip: [
    {
      name: 'image',
      why: 'it overrides what an image says, and this function is a zip. Leave it out, or write {} where a default asks for it.',
      isRefused: true,
    },
  ],
};

/** The settings without those that the form of the code has no use for: Lambda would keep none of them. */
export function settingsOfForm(
  settings: FunctionSettings,
  artifact: Pick<ArtifactManifest, 'form'>,
): FunctionSettings {
  return formOf(artifact) === 'image'
    ? { ...settings, layers: [], sourceKmsKeyArn: null }
    : { ...settings, image: null };
}

/** @throws ServerlessError INVALID_ARGUMENT where the function itself declares what its code has no use for. */
export function refuseMisplaced({ ref, spec, artifact }: DeployRequest): void {
  for (const { name, why, isRefused } of MISPLACED[formOf(artifact)]) {
    if (!isRefused || !says(spec.providerOptions.aws, name)) continue;
    throw refusal(
      ref,
      'INVALID_ARGUMENT',
      `functions.${ref.name}.providerOptions.aws.${name}: ${why}`,
    );
  }
}

/** What this function has no use for, and is left out: mostly defaults for all functions. */
export function misplacedWarnings(
  platform: PlatformSettings,
  { ref, spec, artifact }: DeployRequest,
): readonly Warning[] {
  const own = spec.providerOptions.aws;
  return MISPLACED[formOf(artifact)]
    .filter(({ name }) => says(own?.[name] === undefined ? platform.defaults : own, name))
    .map(({ name, why }) => ({
      type: 'ignored',
      field: `functions.${ref.name}.providerOptions.aws.${name}`,
      message: `It does not reach "${ref.name}": ${why}`,
    }));
}

function formOf({ form }: Pick<ArtifactManifest, 'form'>): Form {
  return form === 'image' ? 'image' : 'zip';
}

/** An empty list, and an object without fields, say nothing. */
function says(options: AwsFunctionOptions | undefined, name: Name): boolean {
  const value = options?.[name];
  return value !== undefined && Object.keys(value).length > 0;
}
