import type { Json } from '../../schemas/json.ts';

/** note: what happened. warning: it goes on, but somebody should look. error: something was given up. */
export type LogLevel = 'note' | 'warning' | 'error';

/** What the program tells whoever runs it. Never holds a secret, nor text from a provider or a workspace file unescaped. */
export interface Log {
  write(level: LogLevel, text: string, fields?: { readonly [key: string]: Json }): void;
}
