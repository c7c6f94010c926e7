/** What an update is about. */
import { textOf } from '../core/json.ts';
import { fieldOf, ProtoSchema, snakeOf } from '../core/proto-schema.ts';
import { invalid } from './faults.ts';

/** @throws GoogleFault where there is no mask, or where it names what is no field, or what never changes */
export function checkedMask(
  message: 'Topic' | 'Subscription',
  mask: unknown,
  mutable: readonly string[],
): readonly string[] {
  const request = `Update${message}Request`;
  const type = new ProtoSchema('pubsub').message(message);
  const paths = textOf(mask)
    .split(',')
    .filter((path) => path !== '');
  if (paths.length === 0) {
    throw invalid(
      `The update_mask in the ${request} must be set, and must contain a non-empty paths list.`,
    );
  }
  return paths.map((path) => {
    const field = fieldOf(type, path);
    if (field === undefined) {
      throw invalid(
        `Invalid update_mask provided in the ${request}: '${path}' is not a known ${message} field. Note that field paths must be of the form 'push_config' rather than 'pushConfig'.`,
      );
    }
    if (!mutable.includes(field.name)) {
      throw invalid(
        `Invalid update_mask provided in the ${request}: the '${snakeOf(field.name)}' field in the ${message} is not mutable.`,
      );
    }
    return field.name;
  });
}
