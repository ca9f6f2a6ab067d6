import { z } from 'zod';
import { serveDemoCloud } from '../platform/demo-cloud/serve.ts';
import { defineOperation } from './operation.ts';

export const demoCloud = defineOperation({
  name: 'demo.cloud',
  summary: 'Run the demo cloud: a cloud with an HTTP API, prices and faults, for trying things out. It keeps its objects on disk.',
  example: 'provisioning demo cloud --port 7070',
  permission: 'demo:write',
  safe: false,
  input: z.strictObject({
    port: z.int().min(0).max(65_535).default(7_070).describe('Port on 127.0.0.1; 0 takes a free one.'),
    directory: z.string().optional().describe('Folder that keeps its objects. Default: demo-cloud in the home folder.'),
    addressFile: z.string().optional().describe('File that its address is written to.'),
  }),
  output: z.strictObject({ url: z.string() }),
  async run(ports, input, call) {
    const cloud = await serveDemoCloud({
      directory: input.directory ?? `${ports.home}/demo-cloud`,
      port: input.port,
      ...(input.addressFile === undefined ? {} : { addressFile: input.addressFile }),
    });
    ports.log.write('note', 'the demo cloud listens', { url: cloud.url });
    await new Promise<void>(done => call.signals.stop.addEventListener('abort', () => done(), { once: true }));
    await cloud.close();
    return { url: cloud.url };
  },
  text: ({ url }) => `The demo cloud at ${url} has stopped; its objects are kept.\n`,
});
