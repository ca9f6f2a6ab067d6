import type { Log } from '../platform/log/port.ts';
import type { Door } from '../reconciler/ports.ts';
import type { Clock } from '../schemas/world.ts';
import { openWebhooks } from './door.ts';

/** The door as the loop knows it: hints about one repository. `secrets`: one, or several, one on each line. */
export async function openHintDoor(
  options: { readonly host: string; readonly port: number; readonly repository: string },
  secrets: string,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
): Promise<Door> {
  const heard: ((pull: number | null) => void)[] = [];
  const door = await openWebhooks({
    host: options.host,
    port: options.port,
    clock,
    secrets: secrets
      .split('\n')
      .map(secret => secret.trim())
      .filter(secret => secret !== ''),
    isKnown: repository => repository.toLowerCase() === options.repository.toLowerCase(),
    hint: ({ pull }) => heard.forEach(listener => listener(pull)),
    note: what => log.write('warning', what),
  });
  return {
    url: door.url,
    close: door.close,
    listen: listener => void heard.push(listener),
  };
}
