import { Refusal, type Server, type ServerState, type Turn, known } from './model.ts';

/** The server that the path names. */
export function serverOf(turn: Turn): Server {
  return known(turn.state.servers, turn.args[0], 'SERVER');
}

/** Refuses what the state of the server does not allow. */
export function mustBe(server: Server, ...states: readonly ServerState[]): void {
  if (states.includes(server.state) && !(server.state === 'started' && server.next !== null)) return;
  throw new Refusal(409, 'SERVER_STATE_ILLEGAL', `The server ${server.uuid} is in the state ${server.state}.`);
}
