import { z } from 'zod';
import { serveDemoCloud } from '../platform/demo-cloud/serve.ts';
import { defineOperation } from './operation.ts';

export const demoCloud = defineOperation({
  name: 'demo.cloud',
  summary:
    'Run the demo cloud: a cloud with an HTTP API, prices and faults, for trying things out. It keeps its objects on disk.',
  example: 'provisioning demo cloud --port 7070',
  permission: 'demo:write',
  safe: false,
  service: true,
  input: z.strictObject({
    port: z.int().min(0).max(65_535).default(7_070).describe('Port on 127.0.0.1; 0 takes a free one.'),
    directory: z.string().optional().describe('Folder that keeps its objects. Default: demo-cloud in the home folder.'),
  }),
  output: z.strictObject({ url: z.string() }),
  async run(ports, input, call) {
    const directory = input.directory ?? `${ports.home}/demo-cloud`;
    let url = '';
    await serveDemoCloud({
      home: directory,
      port: input.port,
      signal: call.signals.stop,
      ready: address => {
        url = address.url;
        ports.log.write('note', 'the demo cloud listens', { url });
      },
    });
    return { url };
  },
  text: ({ url }) => `The demo cloud at ${url} has stopped; its objects are kept.\n`,
});
