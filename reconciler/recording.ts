import type { RecordedObject } from '../schemas/checkpoint.ts';
import type { ApplyOptions } from './apply.ts';
import type { Ports } from './ports.ts';
import type { View } from './view.ts';

/**
 * Writes down what a look found: nothing is sent to a cloud. Answers with the number of checkpoints; 0 when somebody else
 * wrote since the look, because what was found may be out of date by then. Throws Fault `locked` while another one writes.
 */
export async function recordObjects(
  ports: Ports,
  { store, recorded }: View,
  objects: readonly RecordedObject[],
  options: ApplyOptions,
): Promise<number> {
  const writer = await store.take(ports.holder, { waitMs: options.waitMs, signal: options.signals.stop });
  try {
    if (writer.recorded.tree !== recorded.tree) return 0;
    const steps = objects.map(object => ({
      step: 'done' as const,
      key: `record ${object.key}`,
      objects: [object],
      remove: [],
    }));
    await writer.pushed(await writer.append(steps));
    return steps.length;
  } finally {
    await writer.close({ release: true });
  }
}
