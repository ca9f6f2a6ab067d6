/** A demo cloud in a process of its own, so that its time is not counted as ours. It prints its address and ends when stdin does. */
import { startDemoCloud } from '../../platform/demo-cloud/server.ts';
import type { SettingsInput } from '../../platform/demo-cloud/settings.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as SettingsInput;
const cloud = await startDemoCloud({ settings });
process.stdout.write(`${cloud.url}\n`);
process.stdin.resume();
process.stdin.on('end', () => void cloud.close().then(() => process.exit(0)));
