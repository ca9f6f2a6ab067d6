/** Longest time in milliseconds until a page must be there. */
const LIMIT_MS = 5_000;

/** Time in milliseconds between two requests of somebody who watches. */
const STEP_MS = 50;

/** The text of the page that is served at an address; throws for every answer but 200. */
export async function pageOf(address: string): Promise<string> {
  const response = await fetch(`http://${address}/`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`http://${address}/ answered ${response.status}`);
  return text.trim();
}

/** What came of watching. */
interface Watched {
  readonly asked: number;
  readonly failed: readonly string[];
}

/** Asks for a page again and again until the end. */
export function watchPage(address: string): { end(): Promise<Watched> } {
  const ending = new AbortController();
  const failed: string[] = [];
  const watching = (async () => {
    let asked = 0;
    for (; !ending.signal.aborted; asked += 1) {
      await pageOf(address).catch((error: unknown) => failed.push(String(error)));
      await new Promise(resolve => setTimeout(resolve, STEP_MS));
    }
    return asked;
  })();
  return {
    async end() {
      ending.abort();
      return { asked: await watching, failed };
    },
  };
}
