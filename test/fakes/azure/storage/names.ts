/** Names that Azure Storage takes. */

/** 3 to 24 lower-case letters and digits, unique in the world. */
export function isAccountName(name: string): boolean {
  return /^[a-z0-9]{3,24}$/.test(name);
}

/** Of containers and queues: 3 to 63 lower-case letters, digits and single hyphens, none at the ends. */
export function isChildName(name: string): boolean {
  return /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name);
}

/** Containers may also be `$root`, `$web` and `$logs`. */
export function isContainerName(name: string): boolean {
  return isChildName(name) || /^\$(root|web|logs)$/.test(name);
}
