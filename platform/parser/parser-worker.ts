import { parentPort } from 'node:worker_threads';
import { parseFile } from '../../schemas/parse/document.ts';
import type { ReadReply, ReadRequest } from './port.ts';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
const reply = (message: ReadReply): void => parentPort?.postMessage(message);

parentPort?.on('message', ({ path, bytes }: ReadRequest) => reply(parseFile(path, bytes)));
reply('ready');
