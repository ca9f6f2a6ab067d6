import { Fault } from '../schemas/fault.ts';

/** A secret is far shorter. */
const MOST_BYTES = 1 << 20;

/** What is piped in, without the line end that `echo` adds; or what a person types, which is not shown. */
export async function readSecret(prompt: string, input: NodeJS.ReadStream = process.stdin): Promise<Uint8Array> {
  if (input.isTTY) return typed(prompt, input);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of input as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size > MOST_BYTES)
      throw new Fault('usage', { id: 'CLI-INPUT', what: `a value has at most ${MOST_BYTES} bytes` });
  }
  const all = Buffer.concat(parts);
  return all.at(-1) === 0x0a ? all.subarray(0, -1) : all;
}

function typed(prompt: string, input: NodeJS.ReadStream): Promise<Uint8Array> {
  process.stderr.write(`${prompt}: `);
  input.setRawMode(true);
  input.resume();
  return new Promise((resolve, reject) => {
    let text = Buffer.alloc(0);
    const end = (): void => {
      input.setRawMode(false);
      input.pause();
      input.off('data', take);
      process.stderr.write('\n');
    };
    const take = (part: Buffer): void => {
      for (const byte of part) {
        if (byte === 0x03 || byte === 0x04) {
          end();
          return reject(new Fault('refused', { id: 'CLI-INTERRUPTED', what: 'it was interrupted' }));
        }
        if (byte === 0x0d || byte === 0x0a) {
          end();
          return resolve(text);
        }
        text = byte === 0x7f ? Buffer.from(text.subarray(0, -1)) : Buffer.concat([text, Buffer.of(byte)]);
      }
    };
    input.on('data', take);
  });
}
