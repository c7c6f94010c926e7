/** Names that Azure Storage takes. */
import { StorageFault } from './fault.ts';

/** 3 to 24 lower-case letters and digits, unique in the world. */
export function isAccountName(name: string): boolean {
  return /^[a-z0-9]{3,24}$/.test(name);
}

/** Of containers and queues: 3 to 63 lower-case letters, digits and single hyphens, none at the ends. */
export function isChildName(name: string): boolean {
  return /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name);
}

/** Throws the fault that a container or queue of another name is refused with. */
export function checkChildName(name: string): void {
  if (name.length < 3 || name.length > 63) {
    throw new StorageFault(
      400,
      'OutOfRangeInput',
      'The specified resource name length is not within the permissible limits.',
    );
  }
  if (isChildName(name)) return;
  throw new StorageFault(
    400,
    'InvalidResourceName',
    'The specifed resource name contains invalid characters.',
  );
}

/** Containers may also be `$root`, `$web` and `$logs`. */
export function isContainerName(name: string): boolean {
  return isChildName(name) || /^\$(root|web|logs)$/.test(name);
}
