/** What one look at this machine found. `fault`: the program cannot work. `warning`: it can, but somebody should know. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'fault';
  readonly what: string;
  readonly fix?: string;
}
