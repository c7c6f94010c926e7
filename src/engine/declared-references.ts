/** Plans write references as `{ "$from": ... }`: what users declare must not look like one. */
import type { Binding } from '../spi/bindings.ts';
import type { NormalFunctionSpec, SpecIssue } from '../spi/provider.ts';

const MESSAGE = 'holds an object with the key "$from", which plans use. Give the key another name.';

/** In all that a planner may copy into a step. */
export function referencesInSpec(spec: NormalFunctionSpec): readonly SpecIssue[] {
  const path = `functions.${spec.name}`;
  const fields = (['env', 'tags', 'providerOptions'] as const).filter((field) =>
    holds(spec[field], isKey),
  );
  return [
    ...fields.map((field) => ({ path: `${path}.${field}`, message: MESSAGE })),
    ...spec.bindings.flatMap((one) => referencesInBinding(one, `${path}.events.${one.id}`)),
  ];
}

export function referencesInBinding({ event }: Binding, path: string): readonly SpecIssue[] {
  return Object.entries(event)
    .filter(([field, value]) => holds(value, field === 'input' ? isKey : isReference))
    .map(([field]) => ({ path: `${path}.${field}`, message: MESSAGE }));
}

const isKey = (): boolean => true;

/** Patterns may ask for a field of this name, by a list of its values. */
const isReference = (value: unknown): boolean => typeof value === 'string';

function holds(value: unknown, counts: (value: unknown) => boolean): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, inner]) => (key === '$from' && counts(inner)) || holds(inner, counts),
  );
}
