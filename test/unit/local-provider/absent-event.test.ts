import { expect, it } from 'vitest';
import { newShop } from './shop.ts';

const source = `export default { queue: () => {}, topic: () => {} };`;

it('an event that the function has not is told with those that it has', async () => {
  const manager = await newShop().open({
    hello: {
      source,
      events: [
        { type: 'queue', queue: 'orders' },
        { type: 'topic', topic: 'news', id: 'letters' },
      ],
    },
  });
  const { bindings } = await manager.deploy('hello');
  const [orders = ''] = bindings.map(({ id }) => id).filter((id) => id !== 'letters');
  expect(await manager.removeEvent('hello', 'leters')).toEqual({
    removed: false,
    warnings: [
      {
        type: 'ignored',
        field: 'bindingId',
        message: `"leters" is none of the events of "hello", which are: ${[orders, 'letters'].sort().join(', ')}. Did you mean "letters"?`,
      },
    ],
  });
  const { warnings } = await manager.removeEvent('hello', 'x'.repeat(200));
  expect(warnings[0]?.message).toMatch(
    /^"x{50,99}…" is none of the events.*letters, queue-[0-9a-f]+\.$/,
  );
  for (const id of [orders, 'letters']) {
    expect(await manager.removeEvent('hello', id)).toEqual({ removed: true, warnings: [] });
  }
  // There is nothing that it could have meant, as where it is removed a second time.
  expect(await manager.removeEvent('hello', 'letters')).toEqual({ removed: false, warnings: [] });
});
