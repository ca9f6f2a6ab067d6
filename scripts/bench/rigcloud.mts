import { startDemoCloud } from '../../platform/demo-cloud/server.ts';
const c = await startDemoCloud({ port: Number(process.argv[2]), settings: JSON.parse(process.argv[3] ?? '{}') }); console.log(c.url);
