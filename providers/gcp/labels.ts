/** Whose a resource is, by its labels. */
import type { FunctionRef, Scope } from 'polyfaas/spi';
import { labelValue } from './names.ts';
import { LABEL } from './record.ts';

export type Labels = Readonly<Record<string, string | undefined>>;

/** The labels that say whose a resource is. */
export function ownershipLabels(ref: FunctionRef): Readonly<Record<string, string>> {
  return { ...scopeLabels(ref), [LABEL.function]: labelValue(ref.name) };
}

export function scopeLabels({ app, stage }: Scope): Readonly<Record<string, string>> {
  return { [LABEL.app]: labelValue(app), [LABEL.stage]: labelValue(stage) };
}

/** True when the labels are those of this function, and of no other. */
export function isOwnedBy(ref: FunctionRef, labels: Labels): boolean {
  return hasAll(labels, ownershipLabels(ref));
}

export function isOfScope(scope: Scope, labels: Labels): boolean {
  return hasAll(labels, scopeLabels(scope));
}

/** True when they are those of some function of ours. */
export function isOwned(labels: Labels): boolean {
  return labels[LABEL.app] !== undefined && labels[LABEL.function] !== undefined;
}

/** `deployment-tool` and `goog-...` are set by Google itself, the others by us: no tag is called so. */
export function isReserved(key: string): boolean {
  return /^(?:polyfaas-|goog|deployment-)/.test(key);
}

function hasAll(labels: Labels, wish: Readonly<Record<string, string>>): boolean {
  return Object.entries(wish).every(([name, value]) => labels[name] === value);
}
